import { z } from 'zod';
import { listOf, pageParameters, sid, text, timestamp } from '../../api/index.ts';

const status = () => z.enum(['active', 'revoked'], 'must be active or revoked');
const scopes = () => listOf(text(128), 64);

const members = {
  sid: sid('apiKey'),
  record_type: z.literal('api_key'),
  name: z.string(),
  organization_sid: sid('organization'),
  account_sid: sid('account'),
  user_sid: sid('user'),
  scopes: z.array(z.string()),
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
  user_sid: sid('user')
    .optional()
    .meta({ description: 'Default: the user of the caller. A machine client has none and must name one.' }),
});

export const updateApiKeyBody = z.strictObject({
  name: text(200).optional(),
  scopes: scopes().optional().meta({ description: 'Fewer, or such as the caller has.' }),
});
