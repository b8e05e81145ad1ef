import type { Middleware } from 'koa';
import type { Configuration, KoaContextWithOIDC, Client as LibraryClient, RefreshToken } from 'oidc-provider';
import type { Clock, Sealer } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Resource } from '../resources/index.ts';
import type { LookupCache, Sql } from '../store/index.ts';
import { assertionRule } from './assertions.ts';
import { accessTokenClaims } from './claims.ts';
import { policyWithoutPages, renderAuthorizationError } from './interaction.ts';
import { errors } from './library.ts';
import { describeResource } from './resource-servers.ts';
import type { Storage } from './storage/index.ts';

/** What the protocol is built from. */
export interface ProviderParts {
  readonly config: Pick<Config, 'issuer' | 'tokens' | 'cache'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly clients: LookupCache<Client>;
  readonly resources: LookupCache<Resource>;
  /** Whether a user exists and may act. */
  readonly isActiveUser: (sid: string) => Promise<boolean>;
  /** Answers in the library's place what it has only authenticated. */
  readonly afterAuthentication: Middleware;
}

/** Algorithms of client assertions and DPoP proofs. No HS: secrets are kept as hashes only. */
const proofAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;

const routes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/oauth/jwks',
  pushed_authorization_request: '/oauth/par',
};

type ResourceDecision = ReturnType<typeof describeResource>;

function features({ config }: ProviderParts, describe: ResourceDecision) {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    // The library authenticates who asks; what it is told is decided in tokens/.
    introspection: { enabled: true, allowedPolicy: () => false },
    revocation: { enabled: true, allowedPolicy: () => false },
    dPoP: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => config.tokens.defaultResource,
      getResourceServerInfo: describe,
      useGrantedResource: () => true,
    },
  };
}

/**
 * Rotates always, but decides on resource and scopes beforehand: the library decides after spending the token, so a
 * request with a wrong resource would spend it for nothing. It decides on a copy of the parameters, into which the
 * default scopes are written: left in the request, those would be more than this token may have.
 */
function rotateUnlessRefused(describe: ResourceDecision, defaultResource: string) {
  return async (ctx: KoaContextWithOIDC): Promise<boolean> => {
    const { params, entities } = ctx.oidc;
    const token = entities.RefreshToken as RefreshToken;
    const granted = Array.isArray(token.resource) ? defaultResource : token.resource;
    const asked = (params?.['resource'] ?? granted) as string;
    if (!token.resourceIndicators.has(asked)) throw new errors.InvalidTarget();
    const copy = { oidc: { params: { ...params } } } as KoaContextWithOIDC;
    await describe(copy, asked, entities.Client as LibraryClient);
    return true;
  };
}

/** The library's configuration. Where it leaves a choice, RFC 9700 decides. */
export function configure(parts: ProviderParts, keys: KeyRing, storage: Storage): Configuration {
  const { config, isActiveUser, sealer } = parts;
  const describe = describeResource({ ...parts, keys });
  const cookie = { httpOnly: true, sameSite: 'lax', secure: config.issuer.startsWith('https:'), signed: true } as const;
  return {
    adapter: storage.adapterFor,
    jwks: { keys: keys.published.map((key) => key.privateJwk) as NonNullable<Configuration['jwks']>['keys'] },
    routes,
    scopes: [],
    claims: {},
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...proofAlgorithms],
      dPoPSigningAlgValues: [...proofAlgorithms],
    },
    clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
    // No client can name origins yet, so no page in a browser may ask for tokens.
    clientBasedCORS: () => false,
    clockTolerance: config.tokens.clockTolerance,
    assertJwtClientAuthClaimsAndHeader: assertionRule(config.issuer, config.tokens),
    cookies: { keys: [sealer.fingerprint('cookie', 'signature').toString('base64url')], long: cookie, short: cookie },
    pkce: { required: () => true },
    expiresWithSession: () => false,
    issueRefreshToken: async (_ctx: unknown, client: LibraryClient) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: rotateUnlessRefused(describe, config.tokens.defaultResource),
    findAccount: async (_ctx: unknown, sub: string) =>
      (await isActiveUser(sub)) ? { accountId: sub, claims: async () => ({ sub }) } : undefined,
    extraTokenClaims: accessTokenClaims(parts.clients),
    interactions: { policy: policyWithoutPages() },
    renderError: renderAuthorizationError,
    allowOmittingSingleRegisteredRedirectUri: false,
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? config.tokens.accessTokenTtl,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? config.tokens.accessTokenTtl,
      AuthorizationCode: 60,
      RefreshToken: config.tokens.refreshTokenTtl,
      Grant: config.tokens.refreshTokenTtl,
      Interaction: 600,
      Session: config.tokens.sessionTtl,
    },
    features: features(parts, describe),
  } as Configuration;
}
