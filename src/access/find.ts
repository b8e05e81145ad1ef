import type { Credentials } from '../api/index.ts';
import { isSid } from '../base/index.ts';
import { type Presented, readCredential } from './credential.ts';
import { checkProof } from './proof.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { scopesOfKey } from './scopes.ts';
import type { IdentificationParts, Identity, LiveBearer, Refusal } from './types.ts';

/** Whoever is found, or why nobody is. */
type Found = Identity | Refusal;

type FinderParts = Omit<IdentificationParts, 'failures'>;

/** The words of a token's claim. */
const wordsOf = (claim: unknown) => (typeof claim === 'string' && claim !== '' ? claim.split(' ') : []);

/** The thumbprint of the key that a token is bound to (RFC 9449 section 6.1). */
function boundTo({ claims }: LiveBearer): string | undefined {
  const jkt = (claims['cnf'] as { readonly jkt?: unknown } | undefined)?.jkt;
  return typeof jkt === 'string' ? jkt : undefined;
}

function holderOf({ claims, clientId }: LiveBearer): Pick<Identity, 'kind' | 'id' | 'userSid'> {
  const sub = claims['sub'];
  if (typeof sub === 'string' && isSid('user', sub)) return { kind: 'user', id: sub, userSid: sub };
  return { kind: 'client', id: clientId, userSid: undefined };
}

interface TokenFound {
  readonly live: LiveBearer;
  readonly identity: Identity;
}

/** Finds access tokens of ours for this API. */
function tokenFinder({ config, inspect }: Pick<IdentificationParts, 'config' | 'inspect'>) {
  return async function findToken(credential: string): Promise<TokenFound | undefined> {
    const live = await inspect(credential);
    if (live?.kind !== 'access_token' || live.audience !== config.issuer) return undefined;
    const { clientId, organizationSid, claims } = live;
    const accountSid = claims['account_sid'];
    if (organizationSid === undefined || typeof claims['sub'] !== 'string') return undefined;
    if (accountSid !== undefined && typeof accountSid !== 'string') return undefined;
    const scopes = wordsOf(claims['scope']);
    return { live, identity: { ...holderOf(live), clientId, organizationSid, accountSid, scopes } };
  };
}

/** Finds API keys; one whose account wants its calls signed, only with such a call. */
function keyFinder({ tenants }: Pick<IdentificationParts, 'tenants'>, refusals: Refusals) {
  return async function findKey(credential: string, of: Credentials): Promise<Found | undefined> {
    const found = await tenants.authenticate(credential, of);
    if (!found.ok) return found.fault.kind === 'unknown' ? undefined : refusals.unsigned(found.fault);
    const { sid: id, userSid, organizationSid } = found.value;
    return { kind: 'api_key', id, userSid, clientId: undefined, organizationSid, scopes: scopesOfKey(found.value) };
  };
}

/** Prepares the finding of whoever a request presents, by each scheme; or of the reason why nobody is found. */
export function createFinder(parts: FinderParts): (credentials: Credentials) => Promise<Found> {
  const { config, clock, proofs } = parts;
  const refusals = createRefusals(config.issuer, proofs.algorithms);
  const [findKey, findToken] = [keyFinder(parts, refusals), tokenFinder(parts)];

  /** RFC 9449 section 7.2: who steals a bound token must not get by without its key. */
  async function byBearer(credential: string, of: Credentials): Promise<Found> {
    const key = await findKey(credential, of);
    if (key !== undefined) return key;
    const found = await findToken(credential);
    if (found === undefined) return refusals.invalid;
    return found.live.claims['cnf'] === undefined ? found.identity : refusals.needsProof;
  }

  async function byProof(token: string, { method, path, headers }: Credentials): Promise<Found> {
    const found = await findToken(token);
    if (found === undefined) return refusals.bound('invalid_token', 'The access token is not valid here.');
    const thumbprint = boundTo(found.live);
    if (thumbprint === undefined) return refusals.unbound;
    const proof = headers['dpop'] as string | undefined;
    const now = Math.floor(clock() / 1000);
    const checked = await checkProof(proofs, { proof, token, thumbprint, method, url: `${config.issuer}${path}`, now });
    if (checked.ok) return found.identity;
    if (checked.fault.kind === 'nonce') return refusals.nonce(proofs.nextNonce());
    return refusals.bound(checked.fault.error, checked.fault.detail);
  }

  const byScheme: Readonly<Record<Presented['scheme'], (credential: string, of: Credentials) => Promise<Found>>> = {
    basic: async (credential, of) => (await findKey(credential, of)) ?? refusals.invalid,
    bearer: byBearer,
    dpop: byProof,
  };

  return async (credentials) => {
    const presented = readCredential(credentials.headers.authorization ?? '');
    return presented === undefined ? refusals.missing : byScheme[presented.scheme](presented.credential, credentials);
  };
}
