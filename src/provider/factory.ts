import type { KoaContextWithOIDC, Client as LibraryClient, Provider as LibraryProvider } from 'oidc-provider';
import { hashSecret, Problem } from '../base/index.ts';
import { matchesSecret, tokenExchange } from '../clients/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Sql } from '../store/index.ts';
import { burnMisusedCode } from './burn.ts';
import { asSent } from './claims.ts';
import { rememberRefusal } from './client-failures.ts';
import { clientFinder } from './client-finder.ts';
import { configure, type ProviderParts } from './configuration.ts';
import { registerTokenExchange } from './exchange/index.ts';
import { libraryError, translated } from './failures.ts';
import { issueJwtsOnly } from './jwt-only.ts';
import { Provider } from './library.ts';
import { tellTheTruth } from './metadata.ts';
import { keepFamilies } from './people/index.ts';
import { createStorage, noteOnce, type Storage } from './storage/index.ts';
import { holdBack } from './strangers.ts';
import { nameAskedAddress, tellAtAddress } from './token-addresses.ts';

/** Grants of clients that speak for themselves, which takes credentials. */
const confidential: ReadonlySet<string> = new Set(['client_credentials', tokenExchange]);

/** A client may be registered for grants that it cannot use; the reason should not read as a malformed request. */
function refuseGrant(client: LibraryClient, grantType: string): never {
  if (confidential.has(grantType) && client.tokenEndpointAuthMethod === 'none') {
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

/**
 * Where a user's token comes of a code or a refresh token, narrowing parameters are refused rather than ignored: whoever
 * asks for a narrow token must not get a wide one.
 */
function refuseNarrowing(ctx: KoaContextWithOIDC | undefined, grantType: string): void {
  if (confidential.has(grantType)) return;
  const read = asSent(ctx);
  const sent = ['org_id', 'account_sid'].find((parameter) => read(parameter) !== undefined);
  if (sent === undefined) return;
  throw libraryError(
    new Problem('malformed_request', `${sent} is not for this grant type: narrow a user's token by token exchange.`),
  );
}

/** The decisions about clients that are ours: secrets by their hashes, and clear refusals of grants. */
function decideOnClients(provider: LibraryProvider, { clients, findClient, clock }: ProviderParts): void {
  Object.assign(provider.Client, { find: clientFinder(provider, findClient) });
  Object.assign(provider.Client.prototype, {
    async compareClientSecret(this: LibraryClient, presented: string): Promise<boolean> {
      const client = await clients.get(this.clientId);
      return matchesSecret(presented, client?.secrets ?? [], clock());
    },
    grantTypeAllowed(this: LibraryClient, grantType: string): boolean {
      const ctx = Provider.ctx;
      const asPublic = confidential.has(grantType) && this.tokenEndpointAuthMethod === 'none';
      const allowed = this.grantTypes?.includes(grantType) === true && !asPublic;
      if (!isRequested(ctx, grantType)) return allowed;
      if (!allowed) refuseGrant(this, grantType);
      refuseNarrowing(ctx, grantType);
      return true;
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

/** A repeated refresh answers with the successor that the first one stored, not with the one that it did not. */
function repeatSuccessor(provider: LibraryProvider, storage: Storage): void {
  const { prototype } = provider.RefreshToken;
  const { save } = prototype;
  Object.assign(prototype, {
    async save(this: { jti: string }): Promise<string> {
      const value = await (save as () => Promise<string>).call(this);
      return storage.takeSuccessor(this.jti) ?? value;
    },
  });
}

/** Builds the protocol engine for one set of keys. Cheap (under a millisecond): new keys mean a new one. */
export function createProvider(parts: ProviderParts, keys: KeyRing): LibraryProvider {
  const storage = createStorage({ ...parts, refreshWindow: parts.config.tokens.refreshWindow });
  const provider = new Provider(parts.config.issuer, configure(parts, keys, storage));
  decideOnClients(provider, parts);
  spendOnce(provider, parts.sql);
  repeatSuccessor(provider, storage);
  keepFamilies(provider);
  issueJwtsOnly(provider, parts);
  nameAskedAddress(provider);
  registerTokenExchange(provider, { ...parts, keys });
  provider.proxy = true;
  type LibraryMiddleware = Parameters<LibraryProvider['use']>[0];
  provider.use(tellAtAddress as LibraryMiddleware);
  provider.use(rememberRefusal as LibraryMiddleware);
  provider.use(tellTheTruth(parts.config) as LibraryMiddleware);
  provider.use(holdBack(provider, parts.renderers) as LibraryMiddleware);
  provider.use(parts.afterAuthentication as LibraryMiddleware);
  provider.use(burnMisusedCode(parts.sql) as LibraryMiddleware);
  return provider;
}
