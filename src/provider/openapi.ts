import { z } from 'zod';
import type { Endpoint } from '../api/index.ts';
import { tokenExchange } from '../clients/index.ts';
import { tokenTypes } from './exchange/index.ts';
import { registrationEndpoints } from './registration-openapi.ts';

const form = 'application/x-www-form-urlencoded';
const either = [form, 'application/json'] as const;
const tag = 'OAuth';
const discovery = 'Discovery';
const asClient = ['clientSecret', 'none'] as const;

/** Clients prove who they are in the body too (RFC 6749 section 2.3.1, RFC 7523 section 2.2). */
const clientMembers = {
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  client_assertion_type: z.literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer').optional(),
  client_assertion: z.string().optional(),
};

/** RFC 8693 section 2.1. */
const exchangeMembers = {
  subject_token: z.string().optional().describe('The access token to exchange: issued to this client, or sent to it.'),
  subject_token_type: z.enum(tokenTypes).optional(),
  actor_token: z.string().optional().describe('An access token of this client: its subject acts from now on.'),
  actor_token_type: z.enum(tokenTypes).optional(),
  requested_token_type: z.enum(tokenTypes).optional(),
};

const tokenRequest = z
  .looseObject({
    grant_type: z.enum(['client_credentials', 'authorization_code', 'refresh_token', tokenExchange]),
    scope: z.string().optional().describe('Space-separated. Default: all that the client has at the resource.'),
    resource: z.string().optional().describe('What the token is for (RFC 8707). Default: the management API.'),
    code: z.string().optional(),
    code_verifier: z.string().optional(),
    redirect_uri: z.string().optional(),
    refresh_token: z.string().optional(),
    org_id: z
      .string()
      .optional()
      .describe('Narrows the token to an organization beneath. For client_credentials and token exchange.'),
    account_sid: z
      .string()
      .optional()
      .describe('Narrows the token to one account. For client_credentials and token exchange.'),
    ...exchangeMembers,
    ...clientMembers,
  })
  .meta({ id: 'TokenRequest' });

const tokenAnswer = z
  .looseObject({
    access_token: z.string(),
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int().min(0).describe('Seconds.'),
    scope: z.string().optional(),
    refresh_token: z.string().optional(),
    id_token: z.string().optional(),
    issued_token_type: z.string().optional().describe('Of an exchange (RFC 8693 section 2.2.1).'),
  })
  .meta({ id: 'Token', description: 'Tokens (RFC 6749 section 5.1).' });

const tokenQuestion = z
  .looseObject({
    token: z.string(),
    token_type_hint: z.string().optional(),
    ...clientMembers,
  })
  .meta({ id: 'TokenQuestion' });

const introspectionAnswer = z
  .looseObject({
    active: z.boolean().describe('Whether the token is good, and the caller may know of it.'),
    aud: z.string().optional(),
    client_id: z.string().optional(),
    exp: z.int().optional(),
    iat: z.int().optional(),
    iss: z.string().optional(),
    org_id: z.string().optional(),
    account_sid: z.string().optional().describe('The one account that the token reaches, if it is narrowed to one.'),
    act: z.looseObject({ sub: z.string() }).optional().describe('Who acts for the subject (RFC 8693 section 4.1).'),
    scope: z.string().optional(),
    sub: z.string().optional(),
    token_type: z.string().optional(),
  })
  .meta({ id: 'Introspection', description: 'What a token stands for (RFC 7662 section 2.2).' });

const authorizationMembers = {
  response_type: z.literal('code'),
  client_id: z.string(),
  redirect_uri: z.string(),
  scope: z.string().optional(),
  state: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.literal('S256').optional(),
  nonce: z.string().optional(),
  prompt: z.string().optional(),
  resource: z.string().optional(),
};

const pushedRequest = z.looseObject({ ...authorizationMembers, ...clientMembers }).meta({ id: 'PushedRequest' });

const pushedAnswer = z
  .looseObject({ request_uri: z.string(), expires_in: z.int().min(1).describe('Seconds.') })
  .meta({ id: 'PushedAnswer' });

const metadata = z
  .looseObject({ issuer: z.string(), token_endpoint: z.string(), jwks_uri: z.string() })
  .meta({ id: 'ServerMetadata', description: 'What this server offers, and where (RFC 8414).' });

const resourceMetadata = z
  .looseObject({ resource: z.string(), authorization_servers: z.array(z.string()).min(1) })
  .meta({ id: 'ResourceMetadata', description: 'Whom this API takes tokens from (RFC 9728).' });

const keySet = z
  .strictObject({
    keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
  })
  .meta({ id: 'KeySet', description: 'The public keys that verify tokens (RFC 7517).' });

const people = z.looseObject({ sub: z.string() }).meta({ id: 'UserInfo' });

const shared = { dialect: 'oauth', refusals: [400, 401, 413, 415, 429, 503] } as const;

const questions: readonly Endpoint[] = [
  {
    ...shared,
    id: 'token',
    method: 'post',
    path: '/oauth/token',
    tag,
    summary: 'Get tokens',
    description:
      'RFC 6749. A code and a refresh token work once; a machine asks with its own credentials. RFC 8693: token exchange narrows a token, or lets whom it was sent to act on with it.',
    proofs: asClient,
    body: { schema: tokenRequest, mediaTypes: either },
    answers: { 200: { description: 'Tokens.', schema: tokenAnswer } },
  },
  {
    ...shared,
    id: 'introspect',
    method: 'post',
    path: '/oauth/introspect',
    tag,
    summary: 'Check a token',
    description: 'RFC 7662. With the credentials of a client, or an API key that has the scope `tokens:introspect`.',
    proofs: ['clientSecret', 'apiKey', 'none'],
    body: { schema: tokenQuestion, mediaTypes: either },
    answers: { 200: { description: 'What the token stands for.', schema: introspectionAnswer } },
    refusals: [400, 401, 403, 413, 415, 429, 503],
  },
  {
    ...shared,
    id: 'revoke',
    method: 'post',
    path: '/oauth/revoke',
    tag,
    summary: 'Revoke a token',
    description: 'RFC 7009. What is no token of the client’s is answered the same.',
    proofs: asClient,
    body: { schema: tokenQuestion, mediaTypes: either },
    answers: { 200: { description: 'The token is not good any more, if it ever was.' } },
  },
  {
    ...shared,
    id: 'pushAuthorizationRequest',
    method: 'post',
    path: '/oauth/par',
    tag,
    summary: 'Push an authorization request',
    description: 'RFC 9126. The request is then sent to the authorization endpoint by its `request_uri`.',
    proofs: asClient,
    body: { schema: pushedRequest, mediaTypes: either },
    answers: { 201: { description: 'The request is kept.', schema: pushedAnswer } },
  },
];

const browsers: readonly Endpoint[] = [
  {
    ...shared,
    id: 'authorize',
    method: 'get',
    path: '/oauth/authorize',
    tag,
    summary: 'Begin an authorization',
    description: 'RFC 6749 section 4.1 with PKCE. A user’s browser is sent here.',
    proofs: ['none'],
    query: z.looseObject({ ...authorizationMembers, request_uri: z.string().optional() }).partial({
      response_type: true,
      redirect_uri: true,
    }),
    answers: { 303: { description: 'To the pages that ask the user, or back to the client.' } },
    refusals: [400],
  },
  {
    ...shared,
    id: 'userInfo',
    method: 'get',
    path: '/oauth/userinfo',
    tag,
    summary: 'Read claims about the user',
    description: 'OpenID Connect Core section 5.3, with an access token that was issued for no resource.',
    proofs: ['apiKey'],
    answers: { 200: { description: 'Claims.', schema: people } },
    refusals: [400, 401, 403, 503],
  },
];

/** A document that anybody may read. */
function readable(id: string, path: string, summary: string, schema: z.ZodType, mediaType = 'application/json') {
  const answers = { 200: { description: 'The document.', schema, mediaType } };
  const shared = { method: 'get', tag: discovery, proofs: ['none'], refusals: [503], dialect: 'oauth' } as const;
  return { ...shared, id, path, summary, answers };
}

const documents: readonly Endpoint[] = [
  readable(
    'authorizationServerMetadata',
    '/.well-known/oauth-authorization-server',
    'Read the server’s metadata',
    metadata,
  ),
  readable('openidConfiguration', '/.well-known/openid-configuration', 'Read the OpenID Connect metadata', metadata),
  readable(
    'protectedResourceMetadata',
    '/.well-known/oauth-protected-resource',
    'Read this API’s metadata',
    resourceMetadata,
  ),
  readable('jwks', '/oauth/jwks', 'Read the public keys', keySet, 'application/jwk-set+json'),
];

/**
 * The protocol's endpoints, as programs may call them: described by hand, since the library checks them.
 * @param registration whether clients may register themselves.
 */
export function protocolEndpoints({ registration }: { readonly registration: boolean }): readonly Endpoint[] {
  return [...documents, ...questions, ...browsers, ...(registration ? registrationEndpoints : [])];
}
