import { z } from 'zod';
import { foreignSid, listOf, pageParameters, sid, text, timestamp } from '../../api/index.ts';
import { grantName, longestAccessToken, tokenAlgorithms } from './token-policy.ts';

const status = () => z.enum(['active', 'revoked'], 'must be active or revoked');
const scopes = () => listOf(text(128), 64);

/** A name, or all that begin alike: a star may stand at the end only. */
const room = () =>
  text(256).refine((name) => !name.slice(0, -1).includes('*'), 'must have a * at its end only, where it has one');

const seconds = `must be a whole number of seconds from 1 to ${longestAccessToken}`;

/** What AccessTokens a key may mint. What is left out is not restricted. */
export const tokenPolicy = z
  .strictObject(
    {
      grants: listOf(
        z.string('must be a string').regex(grantName, 'must be the name of a grant: small letters, digits and _'),
        64,
      )
        .optional()
        .meta({
          description:
            'The grants that a token may have. Capability tokens are made only where `client_capability` or ' +
            '`task_router_capability` is among them.',
        }),
      rooms: listOf(room(), 256)
        .optional()
        .meta({ description: 'The rooms of a video grant, which must then name one. `sales-*` is all that begin so.' }),
      applications: listOf(foreignSid('AP'), 256)
        .optional()
        .meta({ description: 'The applications that outgoing calls go to.' }),
      max_ttl: z
        .int(seconds)
        .min(1, seconds)
        .max(longestAccessToken, seconds)
        .optional()
        .meta({ description: 'The longest lifetime in seconds.' }),
      algorithms: listOf(z.enum(tokenAlgorithms, `must be one of ${tokenAlgorithms.join(', ')}`), 3).optional(),
    },
    'must be an object, or null for a key that may mint any',
  )
  .meta({
    id: 'TokenPolicy',
    description:
      'What AccessTokens a key may mint, here and with an SDK alike: a token beyond it is not valid. What is left out is ' +
      'not restricted.',
  });

const members = {
  sid: sid('apiKey'),
  record_type: z.literal('api_key'),
  name: z.string(),
  organization_sid: sid('organization'),
  account_sid: sid('account'),
  user_sid: sid('user'),
  scopes: z.array(z.string()),
  token_policy: tokenPolicy.nullable().meta({ description: 'Null: any.' }),
  status: status(),
  last_used_at: timestamp().nullable().meta({ description: 'To the minute.' }),
  created_at: timestamp(),
  updated_at: timestamp(),
};

export const apiKeyRecord = z.strictObject(members).meta({
  id: 'ApiKey',
  description: 'A key of a user to an account. It does what its scopes say, as far as the role of its user goes.',
});

export const apiKeyWithSecret = z
  .strictObject({
    ...members,
    secret: z.string().meta({ description: 'For HTTP Basic, after the SID. In this answer and never again.' }),
    key: z.string().meta({ description: 'SID and secret in one, for `Authorization: Bearer`.' }),
  })
  .meta({ id: 'ApiKeyWithSecret', description: 'An API key in the one answer that shows its secret.' });

export const apiKeyPath = z.strictObject({ sid: sid('apiKey') });

export const listApiKeysQuery = z.strictObject({
  ...pageParameters,
  'filter[account_sid]': sid('account').optional(),
  'filter[user_sid]': sid('user').optional(),
  'filter[status]': status().optional(),
});

export const createApiKeyBody = z.strictObject({
  name: text(200),
  account_sid: sid('account'),
  scopes: scopes().meta({ description: 'Nobody gives scopes that they do not have.' }),
  token_policy: tokenPolicy
    .nullish()
    .meta({ description: 'Null: any. A key with a policy gives none that is wider than its own.' }),
  user_sid: sid('user')
    .optional()
    .meta({ description: 'Default: the user of the caller. A machine client has none and must name one.' }),
});

export const updateApiKeyBody = z.strictObject({
  name: text(200).optional(),
  scopes: scopes().optional().meta({ description: 'Fewer, or such as the caller has.' }),
  token_policy: tokenPolicy
    .nullish()
    .meta({ description: 'Null lifts it. Whoever acts with a key that has one gives none that is wider.' }),
});
