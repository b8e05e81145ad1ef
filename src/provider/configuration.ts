import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type { Configuration, KoaContextWithOIDC, Client as LibraryClient, RefreshToken } from 'oidc-provider';
import type { TenantDirectory } from '../accounts/index.ts';
import type { Clock, Sealer } from '../base/index.ts';
import type { Client, FindClient } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import type { Grants } from '../grants/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Resource } from '../resources/index.ts';
import type { LookupCache, Sql } from '../store/index.ts';
import { assertionRule } from './assertions.ts';
import { accessTokenClaims } from './claims.ts';
import { recordOf } from './client-finder.ts';
import { cookieKey, cookieNames } from './cookies.ts';
import { errors } from './library.ts';
import { accessTokenTtl, familyTtl, refreshTokenTtl } from './lifetimes.ts';
import type { Narrow } from './narrowing.ts';
import { libraryPages, type Renderers } from './pages.ts';
import {
  type AccountParts,
  accountFinder,
  claimsByScope,
  familyFor,
  openidScopes,
  peoplePolicy,
} from './people/index.ts';
import { nonceSecret, proofAlgorithms } from './proofs.ts';
import { type QuestionParts, questionFor } from './questions.ts';
import { describeResource } from './resource-servers.ts';
import type { Storage } from './storage/index.ts';
import type { LiveToken } from './tokens/types.ts';

/** What the protocol is built from. */
export interface ProviderParts extends AccountParts, QuestionParts {
  readonly config: Pick<Config, 'issuer' | 'tokens' | 'cache' | 'consent' | 'registration' | 'http'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly clients: LookupCache<Client>;
  /** Finds clients by what requests name, their metadata documents among them. */
  readonly findClient: FindClient;
  readonly resources: LookupCache<Resource>;
  readonly narrow: Narrow;
  readonly tenants: Pick<TenantDirectory, 'knownRoleOf'>;
  /** A token of this server that counts at this moment. */
  readonly inspect: (token: string) => Promise<LiveToken | undefined>;
  readonly grants: Grants;
  /** Writes pages for people. */
  readonly renderers: Renderers;
  /** Requests of this server to itself, which leave no session behind. */
  readonly headless: WeakSet<IncomingMessage>;
  /** Gets the key sets of clients that have them elsewhere. */
  readonly keyFetch: (url: string | URL) => Promise<Response>;
  /** Answers in the library's place what it has only authenticated. */
  readonly afterAuthentication: Middleware;
}

const routes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/oauth/jwks',
  pushed_authorization_request: '/oauth/par',
  userinfo: '/oauth/userinfo',
  end_session: '/oauth/logout',
};

type ResourceDecision = ReturnType<typeof describeResource>;

/** Where an authorization request is looked at: once more after each answer of a person. */
const authorizing: ReadonlySet<string> = new Set(['authorization', 'resume', 'pushed_authorization_request']);

/** Who asks for OpenID Connect alone gets a token for the userinfo endpoint; anybody else one for a resource. */
function defaultResource({ config }: ProviderParts) {
  return ({ oidc }: KoaContextWithOIDC): string | undefined => {
    const scopes = oidc.requestParamScopes;
    if (authorizing.has(oidc.route) && scopes.size > 0 && [...scopes].every((scope) => openidScopes.has(scope)))
      return undefined;
    return config.tokens.defaultResource;
  };
}

function features(parts: ProviderParts, describe: ResourceDecision) {
  const { config, sealer } = parts;
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: true },
    rpInitiatedLogout: { enabled: true, ...libraryPages(parts.renderers).logout },
    clientCredentials: { enabled: true },
    // The library authenticates who asks; what it is told is decided in tokens/.
    introspection: { enabled: true, allowedPolicy: () => false },
    revocation: { enabled: true, allowedPolicy: () => false },
    dPoP: {
      enabled: true,
      // Steps in time from a key that all nodes have, so any node knows the nonces of any other.
      nonceSecret: nonceSecret(sealer),
      requireNonce: () => config.tokens.dpopNonces,
    },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: defaultResource(parts),
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
    const asked = (params?.['resource'] ?? granted) as string | undefined;
    // A token for the userinfo endpoint alone, and nothing else was asked for.
    if (asked === undefined && token.resource === undefined) return true;
    if (asked === undefined) throw new errors.InvalidTarget();
    if (!token.resourceIndicators.has(asked)) throw new errors.InvalidTarget();
    const copy = { oidc: { params: { ...params } } } as KoaContextWithOIDC;
    await describe(copy, asked, entities.Client as LibraryClient);
    return true;
  };
}

/** Of a user's grant there is a refresh token for whoever may have one; with OpenID Connect only with offline access. */
async function wantsRefreshToken(_ctx: unknown, client: LibraryClient, code: { readonly scopes: ReadonlySet<string> }) {
  return client.grantTypeAllowed('refresh_token') && (!code.scopes.has('openid') || code.scopes.has('offline_access'));
}

const organizationSyntax = /^OR[0-9a-f]{32}$/;

/**
 * Parameters of ours at the authorization endpoint. It is the one hook that sees the whole request, so what the library
 * would let pass is refused here too.
 */
const extraParams = {
  organization(ctx: KoaContextWithOIDC, value: string | undefined) {
    refuseFragment(ctx);
    refuseForeignScopes(ctx);
    if (value === undefined || organizationSyntax.test(value)) return;
    throw new errors.InvalidRequest('organization must be the SID of an organization, like OR0123...');
  },
};

/** The library takes `fragment` for codes too, where scripts of the client's page could read them; it is not offered. */
function refuseFragment({ oidc }: KoaContextWithOIDC): void {
  if (oidc.params?.['response_mode'] !== 'fragment') return;
  throw new errors.UnsupportedResponseMode('unsupported response_mode requested');
}

/** The library knows no allow-list that may be empty, so scopes of OpenID Connect are decided here. */
function refuseForeignScopes(ctx: KoaContextWithOIDC): void {
  const { client, requestParamOIDCScopes } = ctx.oidc;
  const allowed = client === undefined ? undefined : recordOf(client)?.allowedScopes;
  const foreign = [...requestParamOIDCScopes].find((scope) => allowed?.has(scope) !== true);
  if (foreign !== undefined) throw new errors.InvalidScope('this client may not ask for this scope', foreign);
}

/** The library's configuration. Where it leaves a choice, RFC 9700 decides. */
export function configure(parts: ProviderParts, keys: KeyRing, storage: Storage): Configuration {
  const { config, sealer } = parts;
  const describe = describeResource({ ...parts, keys });
  const cookie = { httpOnly: true, sameSite: 'lax', secure: config.issuer.startsWith('https:'), signed: true } as const;
  return {
    adapter: storage.adapterFor,
    jwks: { keys: keys.published.map((key) => key.privateJwk) as NonNullable<Configuration['jwks']>['keys'] },
    routes,
    scopes: [...openidScopes],
    claims: claimsByScope as unknown as Configuration['claims'],
    extraParams,
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...proofAlgorithms],
      dPoPSigningAlgValues: [...proofAlgorithms],
    },
    clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
    clientBasedCORS: (_ctx: unknown, origin: string, client: LibraryClient) =>
      recordOf(client)?.webOrigins.has(origin) === true,
    fetch: parts.keyFetch,
    clockTolerance: config.tokens.clockTolerance,
    assertJwtClientAuthClaimsAndHeader: assertionRule(config.issuer, config.tokens),
    cookies: { keys: [cookieKey(sealer)], names: cookieNames(config.issuer), long: cookie, short: cookie },
    // OAuth 2.1 section 4.1.1: for all; a confidential client may be made an explicit exception.
    pkce: {
      required: (_ctx: unknown, client: LibraryClient) =>
        client.tokenEndpointAuthMethod === 'none' || recordOf(client)?.requirePkce !== false,
    },
    expiresWithSession: () => false,
    issueRefreshToken: wantsRefreshToken,
    rotateRefreshToken: rotateUnlessRefused(describe, config.tokens.defaultResource),
    findAccount: accountFinder(parts),
    loadExistingGrant: familyFor(parts),
    extraTokenClaims: accessTokenClaims(parts) as NonNullable<Configuration['extraTokenClaims']>,
    interactions: { policy: peoplePolicy(), url: questionFor(parts) },
    renderError: libraryPages(parts.renderers).renderError,
    allowOmittingSingleRegisteredRedirectUri: false,
    ttl: {
      AccessToken: (_ctx, token, client) =>
        token.resourceServer?.accessTokenTTL ?? accessTokenTtl(config.tokens, recordOf(client), undefined),
      ClientCredentials: (_ctx, token, client) =>
        token.resourceServer?.accessTokenTTL ?? accessTokenTtl(config.tokens, recordOf(client), undefined),
      AuthorizationCode: 60,
      RefreshToken: (_ctx: unknown, token: { readonly iiat?: number }, client: LibraryClient) =>
        refreshTokenTtl(config.tokens, recordOf(client), token.iiat, Math.floor(Date.now() / 1000)),
      Grant: (ctx: KoaContextWithOIDC | undefined) => {
        const client = ctx?.oidc.client;
        return familyTtl(config.tokens, client === undefined ? undefined : recordOf(client));
      },
      IdToken: 3600,
      Interaction: config.consent.tokenTtl,
      Session: config.tokens.sessionTtl,
    },
    features: features(parts, describe),
  } as Configuration;
}
