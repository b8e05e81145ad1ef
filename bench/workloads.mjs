// What is asked of every server, as a table: one entry is one workload, and the load generator knows nothing else of it.
// Where the next request follows from the last answer (refresh rotation, the code flow) the entry names a journey, which
// load/journeys.mjs knows.

/** The two protected resources that every server knows, by the format of their access tokens. */
export const resources = { jwt: 'https://api.bench.example/jwt', opaque: 'https://api.bench.example/opaque' };

/** The one scope of both resources; every client may ask for it. */
export const scope = 'read';

/**
 * @typedef {'jwt' | 'opaque'} TokenFormat
 * @typedef {{ readonly [member: string]: unknown }} Answer
 * @typedef {object} Workload
 * @property {string} name for `--only` and the results file.
 * @property {string} title for the table.
 * @property {string} path on every server.
 * @property {TokenFormat} [token] the kind of token that each client holds before the measurement begins.
 * @property {boolean} [spends] each request uses its token up, so tokens are issued between the measured stretches.
 * @property {(token: string | undefined) => Record<string, string>} [fields] of the form, which a client sends with its
 *   HTTP Basic credentials. None: a plain GET of everybody.
 * @property {Readonly<Record<string, unknown>>} [json] the body, which an API key of the client's sends with its HTTP Basic
 *   credentials in place of a form of the client's own.
 * @property {(answer: Answer) => boolean} [sound] whether the JSON of a 200 is a right answer. None: there is no body.
 * @property {'code' | 'refresh'} [journey] of a signed-in user's browser and client: measured in whole times, on the
 *   servers that have users.
 * @property {string} [instead] what a server that refuses JWTs is asked in place of this.
 */

/** The request for a token of a format, with which tokens are also issued for the other workloads. */
export const issue = (/** @type {TokenFormat} */ format) => ({
  path: '/oauth/token',
  fields: () => ({ grant_type: 'client_credentials', scope, resource: resources[format] }),
});

const fields = (/** @type {string | undefined} */ token) => ({ token: token ?? '' });

/** The question whether a token is active. */
export const introspect = { path: '/oauth/introspect', fields };

const parts = (/** @type {unknown} */ token) => (typeof token === 'string' ? token.split('.').length : 0);
const isActive = (/** @type {Answer} */ answer) => answer['active'] === true && typeof answer['client_id'] === 'string';
const instead = 'oidc-provider refuses JWTs at this endpoint: it is asked the same of an opaque token';

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: 'client-credentials',
    title: 'client_credentials, ES256 JWT',
    ...issue('jwt'),
    sound: (answer) => parts(answer['access_token']) === 3 && answer['scope'] === scope,
  },
  {
    name: 'access-tokens',
    title: 'AccessToken by API key, HS256',
    path: '/v1/access_tokens',
    json: { identity: 'alice', ttl: 3_600, grants: { video: { room: 'lobby' } } },
    sound: (answer) => parts(answer['token']) === 3 && answer['expires_in'] === 3_600,
  },
  {
    name: 'introspect-jwt',
    title: 'introspection of a JWT',
    ...introspect,
    token: 'jwt',
    sound: isActive,
    instead,
  },
  {
    name: 'introspect-opaque',
    title: 'introspection of an opaque token',
    ...introspect,
    token: 'opaque',
    sound: isActive,
  },
  {
    name: 'revoke-jwt',
    title: 'revocation of a JWT',
    path: '/oauth/revoke',
    token: 'jwt',
    spends: true,
    fields,
    instead,
  },
  {
    name: 'revoke-opaque',
    title: 'revocation of an opaque token',
    path: '/oauth/revoke',
    token: 'opaque',
    spends: true,
    fields,
  },
  {
    name: 'refresh',
    title: 'refresh rotation, ES256 JWT',
    path: '/oauth/token',
    journey: 'refresh',
    sound: (answer) => parts(answer['access_token']) === 3 && typeof answer['refresh_token'] === 'string',
  },
  {
    name: 'code-flow',
    title: 'code flow, user signed in',
    path: '/oauth/authorize',
    journey: 'code',
    sound: (answer) => parts(answer['access_token']) === 3 && typeof answer['refresh_token'] === 'string',
  },
  {
    name: 'discovery',
    title: 'discovery document',
    path: '/.well-known/openid-configuration',
    sound: (answer) => typeof answer['token_endpoint'] === 'string',
  },
  {
    name: 'jwks',
    title: 'JWK Set',
    path: '/oauth/jwks',
    sound: (answer) => Array.isArray(answer['keys']) && answer['keys'].length > 0,
  },
];
