import { z } from 'zod';
import { flag, listAnswer, listOf, pageParameters, sid, text, timestamp, uri, uuid } from '../../api/index.ts';
import { authMethods, clientGrantTypes } from '../types.ts';

/** RFC 6749 section 3.3. */
const scope = () =>
  z
    .string('must be a string')
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'must be a scope of at most 128 characters (RFC 6749 section 3.3)');

/** A closed set of words. */
const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`);

const seconds = (what: string) => z.int('must be a whole number of seconds').describe(what);

const yesOrNo = (what: string) => z.boolean('must be true or false').describe(what);

/** PostgreSQL keeps no NUL and no half of a surrogate pair, in JSON no more than in text. */
const unstorable = /\\u0000|\\ud[89a-f][0-9a-f]{2}/;

/** RFC 7517 section 5. What a key must be like is for the rules to say. */
const keySet = () =>
  z
    .looseObject({
      keys: z
        .array(z.record(z.string(), z.unknown(), 'must be an object'), 'must be a list')
        .max(20, 'must have at most 20 entries'),
    })
    .refine((set) => !unstorable.test(JSON.stringify(set)), 'must not contain control characters')
    .describe('The public keys of the client (RFC 7517), for private_key_jwt.');

/** A page for people, or its picture. */
const link = (what: string) => uri().describe(what);

const clientName = () => text(200).describe('What people read on the consent page.');
const scopes = () => listOf(scope(), 100).describe('The scopes that it may ask for.');
const grantTypes = () =>
  listOf(word(clientGrantTypes), clientGrantTypes.length).describe('The grant types that it may use.');

/** What may be said of a client when it is made and when it is changed. */
const common = {
  redirect_uris: listOf(uri(), 50)
    .describe('Where codes may be sent, compared exactly. Needed for authorization_code.')
    .optional(),
  require_pkce: yesOrNo('Whether codes need PKCE. Default: true; always so for public clients.').optional(),
  logo_uri: link('A picture for the consent page.').optional(),
  policy_uri: link('Its privacy policy.').optional(),
  tos_uri: link('Its terms of service.').optional(),
  token_endpoint_auth_method: word(authMethods)
    .describe(
      'How it authenticates (RFC 7591). Default: none for public clients, private_key_jwt with keys, else client_secret_basic.',
    )
    .optional(),
  application_type: word(['web', 'native'])
    .describe('Default: native where a redirect URI is on the user’s own machine, else web.')
    .optional(),
  allowed_resources: listOf(text(512), 100)
    .describe('The resources it may ask tokens for. Empty: those of the platform and of its organization.')
    .optional(),
  web_origins: listOf(text(512), 50).describe('Origins whose pages may call the token endpoint for it.').optional(),
  post_logout_redirect_uris: listOf(uri(), 50).describe('Where users may be sent after signing out.').optional(),
  require_pushed_authorization_requests: yesOrNo('RFC 9126 section 6.').optional(),
  dpop_bound_access_tokens: yesOrNo('RFC 9449 section 5.2.').optional(),
};

const keys = { jwks: keySet(), jwks_uri: link('Where its public keys are fetched from, in place of jwks.') };
const lifetimes = {
  access_token_ttl: seconds('Lifetime of its access tokens. A shorter one of the resource goes first.'),
  refresh_token_ttl: seconds('Longest lifetime of its refresh tokens, counted from the first of a family.'),
};

export const createClientBody = z
  .strictObject({
    name: clientName(),
    client_type: word(['public', 'confidential']).describe('RFC 6749 section 2.1.'),
    allowed_scopes: scopes(),
    allowed_grant_types: grantTypes(),
    org_id: sid('organization').describe('Its owner. Default: the organization of the caller.').optional(),
    ...common,
    jwks: keys.jwks.optional(),
    jwks_uri: keys.jwks_uri.optional(),
    access_token_ttl: lifetimes.access_token_ttl.optional(),
    refresh_token_ttl: lifetimes.refresh_token_ttl.optional(),
  })
  .meta({ id: 'OAuthClientCreate' });

export const updateClientBody = z
  .strictObject({
    name: clientName().optional(),
    allowed_scopes: scopes().optional(),
    allowed_grant_types: grantTypes().optional(),
    ...common,
    jwks: keys.jwks.nullable().optional(),
    jwks_uri: keys.jwks_uri.nullable().optional(),
    access_token_ttl: lifetimes.access_token_ttl.nullable().optional(),
    refresh_token_ttl: lifetimes.refresh_token_ttl.nullable().optional(),
    verified: yesOrNo('Whether an operator has looked at it. Operators only.').optional(),
  })
  .meta({ id: 'OAuthClientUpdate', description: 'Only what is to change. An empty body changes nothing.' });

export type CreateClientBody = z.output<typeof createClientBody>;
export type UpdateClientBody = z.output<typeof updateClientBody>;

/** A client as every answer has it. */
export const clientRecord = z
  .strictObject({
    record_type: z.literal('oauth_client'),
    client_id: z.string(),
    name: z.string(),
    org_id: z.string().nullable().describe('Its owner; null for a client that registered itself.'),
    user_id: z.string().nullable().describe('Who made it; null for a machine and for a client that registered itself.'),
    client_type: z.enum(['public', 'confidential']),
    client_secret: z.string().nullable().describe('Only in the answer that made it, else null.'),
    require_pkce: z.boolean(),
    allowed_scopes: z.array(z.string()),
    allowed_grant_types: z.array(z.string()),
    redirect_uris: z.array(z.string()),
    logo_uri: z.string().nullable(),
    tos_uri: z.string().nullable(),
    policy_uri: z.string().nullable(),
    created_at: timestamp(),
    updated_at: timestamp(),
    verified: z.boolean(),
    status: z.enum(['active', 'suspended']),
    origin: z
      .enum(['managed', 'registered', 'document'])
      .describe('Made by an admin, by itself, or from its document.'),
    token_endpoint_auth_method: z.enum(authMethods),
    application_type: z.enum(['web', 'native']),
    allowed_resources: z.array(z.string()),
    web_origins: z.array(z.string()),
    post_logout_redirect_uris: z.array(z.string()),
    require_pushed_authorization_requests: z.boolean(),
    dpop_bound_access_tokens: z.boolean(),
    access_token_ttl: z.int().nullable(),
    refresh_token_ttl: z.int().nullable(),
    jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
    jwks_uri: z.string().nullable(),
    secrets: z
      .array(z.strictObject({ id: uuid(), created_at: timestamp(), expires_at: timestamp().nullable() }))
      .describe(
        'The live secrets, oldest first, without the secrets themselves. The one without an end is the current one.',
      ),
  })
  .meta({ id: 'OAuthClient' });

export type ClientRecord = z.output<typeof clientRecord>;

export const clientList = listAnswer(clientRecord);

export const clientParams = z.object({ id: text(2048) });
export const secretParams = z.object({ id: text(2048), secret_id: uuid() });

export const listClientsQuery = z.strictObject({
  ...pageParameters,
  'filter[client_type]': word(['public', 'confidential']).optional(),
  'filter[verified]': flag().optional(),
  'filter[allowed_grant_types][contains]': word(clientGrantTypes).optional(),
  'filter[name]': text(200).describe('The whole name.').optional(),
  'filter[name][contains]': text(200).describe('A part of the name, in capitals or not.').optional(),
  'filter[client_id]': text(2048).optional(),
});

export type ListClientsQuery = z.output<typeof listClientsQuery>;
