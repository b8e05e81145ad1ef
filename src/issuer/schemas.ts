import { z } from 'zod';
import { longestAccessToken } from '../accounts/index.ts';
import { timestamp } from '../api/index.ts';
import { longestToken } from './compact.ts';
import { decodedPart } from './json.ts';
import { reasonCodes } from './types.ts';

// What requests and answers about both sorts of tokens have in common.

const seconds = `must be a whole number of seconds from 1 to ${longestAccessToken}`;

/** How long a token is to live. */
export const ttl = () =>
  z
    .int(seconds)
    .min(1, seconds)
    .max(longestAccessToken, seconds)
    .default(3_600)
    .meta({ description: 'Seconds until it expires.' });

/** A token that is asked about. Whatever text it is, there is something to say of it. */
export const tokenText = () =>
  z
    .string('must be a string')
    .min(1, 'must not be empty')
    .max(longestToken, `must have at most ${longestToken} characters`);

/** What every verification answers. */
export const verdictMembers = {
  valid: z.boolean(),
  reason: z
    .strictObject({ code: z.enum(reasonCodes), message: z.string() })
    .meta({ id: 'TokenReason', description: 'Why a token does not count: a word for programs, and a sentence.' })
    .nullable()
    .meta({ description: 'The one reason why it does not count; null where it does.' }),
  header: decodedPart(),
  payload: decodedPart(),
  account_sid: z.string().nullable().meta({ description: 'As the token says. Only a valid one is to be believed.' }),
  issued_at: timestamp().nullable(),
  not_before: timestamp().nullable(),
  expires_at: timestamp().nullable(),
};

/** The last second of the year 9999. */
const lastSecond = 253_402_300_799;

/** A moment of a token as answers have it; null where it is none. */
export function momentOf(seconds: unknown): string | null {
  const isMoment = typeof seconds === 'number' && seconds >= 0 && seconds <= lastSecond;
  return isMoment ? new Date(seconds * 1000).toISOString() : null;
}

/** A SID that a token says, short enough to be one; null where it says none. */
export const claimedSid = (value: unknown, prefix: string): string | null =>
  typeof value === 'string' && value.length <= 64 && value.startsWith(prefix) ? value : null;
