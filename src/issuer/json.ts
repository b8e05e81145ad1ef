import { z } from 'zod';
import { isMembers, isShallow } from './compact.ts';

/** Levels of objects and lists in what a grant holds besides its own members. */
const deepest = 8;

const unacceptable = /[\p{Cc}\p{Surrogate}]/u;

/** A JSON object of somebody else's making, that goes into a token as it is. */
export const jsonObject = () =>
  z
    .custom<Readonly<Record<string, unknown>>>(isMembers, 'must be an object')
    .refine((value) => isShallow(value, deepest), `must not nest deeper than ${deepest} levels`)
    .meta({ type: 'object' });

const isFlatValue = (value: unknown) =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !unacceptable.test(value));

const flatRule = 'must be an object of at most 32 strings, numbers, true or false, without control characters';

/** Parameters by name. */
export const flatObject = () =>
  z
    .custom<Readonly<Record<string, string | number | boolean>>>(
      (value) =>
        isMembers(value) &&
        Object.keys(value).length <= 32 &&
        Object.entries(value).every(([name, member]) => !unacceptable.test(name) && isFlatValue(member)),
      flatRule,
    )
    .meta({ type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } });

/** What an answer shows of a token, as it stands in it. */
export const decodedPart = () =>
  z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'As it stands in the token; null where it cannot be read.' });
