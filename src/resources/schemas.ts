import { z } from 'zod';
import { entryOf, listAnswer, listOf, pageParameters, sid, text, timestamp, uri, uuid } from '../api/index.ts';
import { signingAlgorithms } from '../config/index.ts';

const scope = z
  .strictObject({ name: text(128), description: text(200) })
  .meta({ id: 'ResourceScope', description: 'A scope, and the sentence that a person reads before consenting to it.' });

const tokenFormat = z
  .enum(['jwt', 'opaque'], 'must be jwt or opaque')
  .describe('Whether access tokens are JWTs (RFC 9068) or mean nothing to whoever reads them.');
const signingAlg = z
  .enum(signingAlgorithms, `must be one of ${signingAlgorithms.join(', ')}`)
  .describe('JWS algorithm of access tokens that are JWTs.');
const ttlRule = 'must be whole seconds from 60 to 86400';
const accessTokenTtl = z
  .int(ttlRule)
  .min(60, ttlRule)
  .max(86_400, ttlRule)
  .nullable()
  .describe("Lifetime of access tokens in seconds; null takes the server's default.");
const acceptsRegisteredClients = z
  .boolean('must be true or false')
  .describe('Whether clients that registered themselves may ask for it.');
const scopes = z
  .array(scope, 'must be a list')
  .max(200, 'must have at most 200 entries')
  .describe('Its scopes: on a change, all that there are from then on.');
const introspectors = listOf(sid('client'), 100).describe('Clients that may introspect its tokens.');

export const resourceRecord = z
  .strictObject({
    id: z.uuid(),
    record_type: z.literal('resource'),
    identifier: z.string().describe('The `resource` parameter (RFC 8707) and the `aud` of tokens, byte for byte.'),
    name: z.string(),
    organization_sid: z.string().nullable().describe("Its owner; null is the platform's own."),
    token_format: tokenFormat,
    signing_alg: signingAlg,
    access_token_ttl: accessTokenTtl,
    accepts_registered_clients: acceptsRegisteredClients,
    scopes: z.array(z.strictObject({ name: z.string(), description: z.string() })),
    introspectors: z.array(z.string()).describe('Of its introspecting clients those within your reach.'),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .meta({ id: 'Resource', description: 'A protected resource: what an access token is for.' });

export const resourceAnswer = entryOf(resourceRecord);
export const resourceListAnswer = listAnswer(resourceRecord);

export const resourceParams = z.object({ id: uuid() });

export const resourceQuery = z.strictObject({
  ...pageParameters,
  'filter[identifier]': text(512).optional(),
  'filter[organization_sid]': sid('organization').optional(),
});

export const createResourceBody = z
  .strictObject({
    identifier: uri()
      .max(512, 'must have at most 512 characters')
      .describe('An absolute URI without fragment. It cannot be changed later.'),
    name: text(200),
    organization_sid: sid('organization')
      .nullable()
      .optional()
      .describe("Its owner. Default: the caller's organization; null, for operators, is the platform."),
    token_format: tokenFormat.default('jwt'),
    signing_alg: signingAlg.default('ES256'),
    access_token_ttl: accessTokenTtl.default(null),
    accepts_registered_clients: acceptsRegisteredClients.default(false),
    scopes: scopes.default([]),
    introspectors: introspectors.default([]),
  })
  .meta({ id: 'CreateResource' });

export const updateResourceBody = z
  .strictObject({
    name: text(200),
    token_format: tokenFormat,
    signing_alg: signingAlg,
    access_token_ttl: accessTokenTtl,
    accepts_registered_clients: acceptsRegisteredClients,
    scopes,
    introspectors,
  })
  .partial()
  .meta({ id: 'UpdateResource' });
