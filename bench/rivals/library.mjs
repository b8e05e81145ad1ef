// Bare oidc-provider with this server's features, in memory or over a naive table. Nothing is added, nothing hardened.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Provider, { errors } from 'oidc-provider';
import postgres from 'postgres';
import { browsers, redirectUri } from '../people.mjs';
import { resources, scope } from '../workloads.mjs';
import { createNaiveAdapter } from './naive-adapter.mjs';
import { readStage } from './stage.mjs';

const stage = await readStage();
const { accessTokenTtl, issuer, port, signingKey } = stage;

/** Seconds. */
const sessionTtl = 1_209_600;

const clients = stage.clients.map(({ id, secret }) => ({
  client_id: id,
  client_secret: secret,
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_basic',
}));

/** @type {(ctx: unknown, identifier: string) => import('oidc-provider').ResourceServer} */
function getResourceServerInfo(_ctx, identifier) {
  if (identifier !== resources.jwt && identifier !== resources.opaque) throw new errors.InvalidTarget();
  return {
    scope,
    audience: identifier,
    accessTokenTTL: accessTokenTtl,
    accessTokenFormat: identifier === resources.jwt ? 'jwt' : 'opaque',
    jwt: { sign: { alg: 'ES256', kid: signingKey.kid } },
  };
}

/** In memory the clients are the library's static ones, the fastest it has; a naive table holds them with the rest. */
async function storage() {
  if (stage.more[0] === 'memory') return { clients };
  return { adapter: await createNaiveAdapter(postgres({ ...stage.database, onnotice: () => undefined }), clients) };
}

const provider = new Provider(issuer, {
  ...(await storage()),
  jwks: { keys: [signingKey] },
  routes: {
    authorization: '/oauth/authorize',
    introspection: '/oauth/introspect',
    jwks: '/oauth/jwks',
    revocation: '/oauth/revoke',
    token: '/oauth/token',
  },
  scopes: [],
  claims: {},
  responseTypes: ['code'],
  pkce: { required: () => true },
  expiresWithSession: () => false,
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  cookies: { keys: ['a key of the benchmark'] },
  interactions: { url: () => '/nobody-asks' },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
  ttl: {
    AccessToken: accessTokenTtl,
    AuthorizationCode: 60,
    ClientCredentials: accessTokenTtl,
    Grant: sessionTtl,
    Interaction: 600,
    RefreshToken: sessionTtl,
    Session: sessionTtl,
  },
  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resources.jwt,
      getResourceServerInfo,
      useGrantedResource: () => true,
    },
  },
});

provider.on('server_error', (_ctx, error) => console.error(error));

/** The browsers' cookies, each of a session whose user has consented to one client: made when they are asked for. */
async function makeCookies() {
  /** @type {string[]} */
  const cookies = [];
  for (const { client_id: clientId } of clients.slice(0, browsers)) {
    const accountId = `user of ${clientId}`;
    const grant = new provider.Grant({ clientId, accountId });
    grant.addResourceScope(resources.jwt, scope);
    const authorizations = { [clientId]: { grantId: await grant.save(), sid: 'none' } };
    const session = Object.assign(new provider.Session(), { authorizations });
    session.loginAccount({ accountId });
    const req = new IncomingMessage(new Socket());
    const res = new ServerResponse(req);
    const options = { signed: true };
    provider
      .createContext(req, res)
      .cookies.set(provider.cookieName('session'), await session.save(sessionTtl), options);
    const lines = /** @type {string[]} */ (res.getHeader('set-cookie'));
    cookies.push(lines.map((line) => line.split(';')[0]).join('; '));
  }
  return cookies;
}

if (stage.more[0] === 'naive') {
  provider.use(async (ctx, next) => {
    if (ctx.path !== '/bench/cookies') return next();
    ctx.body = await makeCookies();
    return undefined;
  });
}
provider.listen(port, '127.0.0.1');
