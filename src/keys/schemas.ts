import { z } from 'zod';
import { pageParameters, timestamp } from '../api/index.ts';
import { signingAlgorithms } from '../config/index.ts';

const algorithm = () => z.enum(signingAlgorithms, `must be one of ${signingAlgorithms.join(', ')}`);

/** Longest time in seconds from the announcement of a key to its first signature: a week. */
const longestNotice = 604_800;
const noticeRule = `must be a whole number of seconds from 0 to ${longestNotice}`;

export const signingKeyRecord = z
  .strictObject({
    kid: z.string().describe('RFC 7638 thumbprint of the public key.'),
    record_type: z.literal('signing_key'),
    alg: algorithm(),
    state: z
      .enum(['announced', 'signing', 'retiring', 'retired'])
      .describe(
        'announced: in the JWKS, does not sign yet. signing: signs now. retiring: signs no more, stays in the JWKS until its last token has expired. retired: gone from the JWKS, its tokens no longer count.',
      ),
    public_jwk: z.record(z.string(), z.unknown()).describe('The public key (RFC 7517).'),
    created_at: timestamp().describe('In the JWKS from here on.'),
    signs_from: timestamp(),
    signs_until: timestamp().nullable().describe('null while no successor is set.'),
    retires_at: timestamp().nullable().describe('When it leaves the JWKS; null while no successor is set.'),
  })
  .meta({ id: 'SigningKey', description: 'A key that signs tokens. Its private half never leaves the server.' });

export const signingKeyPath = z.strictObject({ kid: z.string().regex(/^[\w-]{1,64}$/) });

export const signingKeyQuery = z.strictObject({ ...pageParameters, 'filter[alg]': algorithm().optional() });

export const rotateBody = z
  .strictObject({
    alg: algorithm().optional().describe('Which algorithm gets a new key. Default: each of them.'),
    signs_in: z
      .int(noticeRule)
      .min(0, noticeRule)
      .max(longestNotice, noticeRule)
      .optional()
      .describe(
        'Seconds until the new key signs; until then it is only published. Default: twice JWKS_MAX_AGE, at least 60, so that everybody who caches the JWKS has seen it. 0 is for an emergency.',
      ),
  })
  .meta({ id: 'RotateSigningKeys' });

export const rotationAnswer = z.strictObject({ data: z.array(signingKeyRecord) });
