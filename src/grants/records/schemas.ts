import { z } from 'zod';
import { pageParameters, sid, text, timestamp, uuid } from '../../api/index.ts';

export const grantRecord = z
  .strictObject({
    id: uuid(),
    record_type: z.literal('oauth_grant'),
    client_id: z.string(),
    user_id: sid('user'),
    org_id: sid('organization'),
    scopes: z.array(z.string()).describe('Every scope that was allowed, once.'),
    permissions: z
      .array(
        z.strictObject({
          resource: z.string().nullable().describe('Identifier of a protected resource; null is OpenID Connect.'),
          scopes: z.array(z.string()),
        }),
      )
      .describe('The same by resource.'),
    created_at: timestamp(),
    updated_at: timestamp().describe('When the user last allowed something.'),
    last_used_at: timestamp().nullable().describe('When the client last got a token by it, to the minute.'),
  })
  .meta({ id: 'OAuthGrant', description: 'What a user allowed a client in an organization. It grows by consent.' });

export const grantPath = z.strictObject({ id: uuid() });

export const grantQuery = z.strictObject({
  ...pageParameters,
  'filter[client_id]': text(512).optional(),
  'filter[user_id]': sid('user').optional(),
});
