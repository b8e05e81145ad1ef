// Bare oidc-provider with this server's features, in memory or over a naive table. Nothing is added, nothing hardened.
import Provider, { errors } from 'oidc-provider';
import postgres from 'postgres';
import { resources, scope } from '../workloads.mjs';
import { createNaiveAdapter } from './naive-adapter.mjs';
import { readStage } from './stage.mjs';

const stage = await readStage();
const { accessTokenTtl, issuer, port, signingKey } = stage;

const clients = stage.clients.map(({ id, secret }) => ({
  client_id: id,
  client_secret: secret,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
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
  responseTypes: [],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
  ttl: { ClientCredentials: accessTokenTtl },
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
provider.listen(port, '127.0.0.1');
