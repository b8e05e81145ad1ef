import { z } from 'zod';
import { tokenAlgorithms } from '../../accounts/index.ts';
import { sid, text, timestamp } from '../../api/index.ts';
import { tokenText, ttl, verdictMembers } from '../schemas.ts';
import { grants } from './grants.ts';

const moment = 'must be a whole number of seconds since 1970, not milliseconds';

/** The last second of the year 9999. */
const lastSecond = 253_402_300_799;

export const accessTokenWish = z
  .strictObject({
    identity: text(256).meta({ description: 'Who the holder is.' }),
    ttl: ttl(),
    nbf: z
      .int(moment)
      .min(0, moment)
      .max(lastSecond, moment)
      .optional()
      .meta({ description: 'The second since 1970 before which it does not count. Before its end.' }),
    region: z
      .string('must be a string')
      .regex(/^[a-z0-9-]{1,16}$/, 'must be 1 to 16 small letters, digits and hyphens, as in us1')
      .optional()
      .meta({ description: 'The region whose servers are to take it.' }),
    algorithm: z.enum(tokenAlgorithms, `must be one of ${tokenAlgorithms.join(', ')}`).default('HS256'),
    grants: grants.default({}),
    api_key_sid: sid('apiKey')
      .optional()
      .meta({ description: 'The key that signs. A key that calls signs itself; every other caller names one.' }),
  })
  .meta({ id: 'AccessTokenWish', description: 'A short-lived token for a browser or a phone.' });

export const accessTokenAnswer = z
  .strictObject({
    token: z.string(),
    expires_in: z.int().min(1).meta({ description: 'Seconds.' }),
    expires_at: timestamp(),
    identity: z.string(),
  })
  .meta({ id: 'MintedAccessToken', description: 'An AccessToken. It is kept nowhere.' });

export const accessTokenQuestion = z.strictObject({ token: tokenText() });

export const accessTokenVerdict = z
  .strictObject({
    ...verdictMembers,
    kind: z.literal('access_token').nullable().meta({ description: 'Null where it announces another sort of token.' }),
    api_key_sid: z.string().nullable().meta({ description: 'As the token says. Only a valid one is to be believed.' }),
    identity: z.string().nullable(),
  })
  .meta({
    id: 'AccessTokenVerdict',
    description: 'Whether an AccessToken counts, the one reason why not, and what it says.',
  });
