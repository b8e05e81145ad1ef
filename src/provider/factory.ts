import type {
  Configuration,
  KoaContextWithOIDC,
  Client as LibraryClient,
  Provider as LibraryProvider,
} from 'oidc-provider';
import { type Clock, hashSecret, Problem, type Sealer } from '../base/index.ts';
import { type Client, matchesSecret } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Resource } from '../resources/index.ts';
import type { LookupCache, Sql } from '../store/index.ts';
import { createAdapter } from './adapter.ts';
import { assertionRule } from './assertions.ts';
import { libraryError, translated } from './failures.ts';
import { Provider } from './library.ts';
import { tellTheTruth } from './metadata.ts';
import { describeResource } from './resource-servers.ts';
import { noteOnce } from './store.ts';

/** What the protocol is built from. */
export interface ProviderParts {
  readonly config: Pick<Config, 'issuer' | 'tokens' | 'cache'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly clients: LookupCache<Client>;
  readonly resources: LookupCache<Resource>;
}

/** Algorithms that client assertions may be signed with. No HS: secrets are kept as hashes only. */
const assertionAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;

function configure(parts: ProviderParts, keys: KeyRing): Configuration {
  const { config } = parts;
  return {
    adapter: createAdapter(parts),
    jwks: { keys: keys.published.map((key) => key.privateJwk) as NonNullable<Configuration['jwks']>['keys'] },
    routes: { token: '/oauth/token', jwks: '/oauth/jwks', authorization: '/oauth/authorize' },
    scopes: [],
    claims: {},
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms] },
    clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
    // No client can name origins yet, so no page in a browser may ask for tokens.
    clientBasedCORS: () => false,
    clockTolerance: config.tokens.clockTolerance,
    assertJwtClientAuthClaimsAndHeader: assertionRule(config.issuer, config.tokens),
    ttl: {
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? config.tokens.accessTokenTtl,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => config.tokens.defaultResource,
        getResourceServerInfo: describeResource({ ...parts, keys }),
        useGrantedResource: () => true,
      },
    },
  } as Configuration;
}

/** A client may be registered for grants that it cannot use; the reason should not read as a malformed request. */
function refuseGrant(client: LibraryClient, grantType: string): never {
  if (grantType === 'client_credentials' && client.tokenEndpointAuthMethod === 'none') {
    throw libraryError(
      new Problem('invalid_client', 'A public client has no credentials of its own to get a token with.'),
    );
  }
  throw libraryError(new Problem('unauthorized_client', 'This client is not registered for this grant type.'));
}

/** Is this call the token endpoint asking about the grant of the request itself? */
function isRequested(ctx: KoaContextWithOIDC | undefined, grantType: string): boolean {
  return ctx?.oidc.route === 'token' && ctx.oidc.params?.['grant_type'] === grantType;
}

/** The decisions about clients that are ours: secrets by their hashes, and clear refusals of grants. */
function decideOnClients(provider: LibraryProvider, { clients, clock }: ProviderParts): void {
  Object.assign(provider.Client.prototype, {
    async compareClientSecret(this: LibraryClient, presented: string): Promise<boolean> {
      const client = await clients.get(this.clientId);
      return matchesSecret(presented, client?.secrets ?? [], clock());
    },
    grantTypeAllowed(this: LibraryClient, grantType: string): boolean {
      const ctx = Provider.ctx;
      const asPublic = grantType === 'client_credentials' && this.tokenEndpointAuthMethod === 'none';
      const allowed = this.grantTypes?.includes(grantType) === true && !asPublic;
      if (!allowed && isRequested(ctx, grantType)) refuseGrant(this, grantType);
      return allowed;
    },
  });
}

/** Seen-before is one conditional insert, not the library's look and save, of which two at once would both pass. */
function spendOnce(provider: LibraryProvider, sql: Sql): void {
  Object.assign(provider.ReplayDetection, {
    unique: (issuer: string, id: string, expiresAt: number) =>
      translated(() => noteOnce(sql, hashSecret(JSON.stringify([issuer, id])), expiresAt)),
  });
}

/** Builds the protocol engine for one set of keys. Cheap (under a millisecond): new keys mean a new one. */
export function createProvider(parts: ProviderParts, keys: KeyRing): LibraryProvider {
  const provider = new Provider(parts.config.issuer, configure(parts, keys));
  decideOnClients(provider, parts);
  spendOnce(provider, parts.sql);
  provider.proxy = true;
  provider.use(tellTheTruth as Parameters<LibraryProvider['use']>[0]);
  return provider;
}
