import { type CompactJWSHeaderParameters, type CompactVerifyGetKey, createLocalJWKSet, errors, type JWK } from 'jose';
import { exchange, placeOf } from '../transport/exchange.ts';
import { VerificationError } from './errors.ts';
import { unavailable } from './faults.ts';
import { freshFor } from './freshness.ts';
import { type Fetched, KeptDocument, type Upkeep } from './kept-document.ts';
import type { Settings } from './settings.ts';
import { publicUrl } from './wire.ts';

/** What is known of an issuer from afar. */
export interface Issuer {
  /** Finds the key of a token. @throws VerificationError when the issuer is away and nothing is kept. */
  readonly key: CompactVerifyGetKey;
  /** @throws VerificationError when the issuer is away, or has none. */
  introspectionEndpoint(): Promise<URL>;
  /** Fetches the keys unless they are there. */
  prepare(): Promise<void>;
}

/** The keys of a JWKS by the headers of tokens. */
type KeySet = ReturnType<typeof rememberingKeySet>;

interface Metadata {
  readonly jwksUri: URL | undefined;
  readonly introspectionEndpoint: URL | undefined;
}

/** The most characters of a document, and the most keys, that are read. */
const longestDocument = 262_144;
const mostKeys = 100;

/** RFC 8414 section 3.1: the well-known part goes between host and path. */
export function metadataUrl(issuer: string): URL {
  const { origin, pathname } = new URL(issuer);
  return new URL(`${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`);
}

/** Learns to know an issuer, when it is first needed. */
export function createIssuer(settings: Settings): Issuer {
  const { issuer, keys: upkeepOfKeys, now, wire } = settings;
  const { maxAge, staleFor, cooldown } = upkeepOfKeys;
  const bounds = { least: Math.min(cooldown, maxAge), most: maxAge };
  const upkeep: Upkeep = { staleFor, cooldown, now };

  async function fetchDocument(url: URL): Promise<Fetched<Record<string, unknown>>> {
    const init = { headers: { accept: 'application/json' }, redirect: 'manual' } as const;
    const { status, headers, text } = await exchange({ ...wire, url, init, limit: longestDocument + 1 });
    if (status !== 200) throw new Error(`${placeOf(url)} answered with status ${status}.`);
    if (text.length > longestDocument) throw new Error(`${placeOf(url)} is longer than ${longestDocument} characters.`);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) throw new Error(`${placeOf(url)} is no JSON object.`);
    return { value: value as Record<string, unknown>, freshFor: freshFor(headers, bounds) };
  }

  async function fetchMetadata(): Promise<Fetched<Metadata>> {
    const { value, freshFor } = await fetchDocument(metadataUrl(issuer));
    // RFC 8414 section 3.3: metadata that names another issuer must not be used.
    if (value['issuer'] !== issuer) throw new Error(`The metadata at ${issuer} is that of another issuer.`);
    const address = (member: string) =>
      value[member] === undefined ? undefined : publicUrl(member, value[member], wire);
    return {
      value: { jwksUri: address('jwks_uri'), introspectionEndpoint: address('introspection_endpoint') },
      freshFor,
    };
  }

  async function fetchKeys(): Promise<Fetched<KeySet>> {
    const url = settings.jwksUri ?? (await metadata.get()).jwksUri;
    if (url === undefined) throw new Error(`The metadata at ${issuer} has no jwks_uri.`);
    const { value, freshFor } = await fetchDocument(url);
    const keys = usableKeys(value['keys']);
    if (keys.length === 0) throw new Error(`${placeOf(url)} has no key that can be used.`);
    return { value: rememberingKeySet(keys), freshFor };
  }

  const metadata = new KeptDocument(fetchMetadata, upkeep);
  const keys = new KeptDocument(fetchKeys, upkeep);

  async function orUnavailable<Value>(document: Promise<Value>): Promise<Value> {
    try {
      return await document;
    } catch (error) {
      throw new VerificationError(unavailable('The issuer cannot be reached now.'), undefined, { cause: error });
    }
  }

  /** Answers at once where it can: it is called for every token. */
  const key = (header: CompactJWSHeaderParameters) => {
    const set = keys.get();
    return (set instanceof Promise ? undefined : set.known(header)) ?? searched(header, set);
  };

  const searched = async (header: CompactJWSHeaderParameters, found: KeySet | Promise<KeySet>) => {
    const set = found instanceof Promise ? await orUnavailable(found) : found;
    try {
      return await set.search(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return await afterRenewal(header);
    }
  };

  /** The key may be newer than what is kept. While the issuer is away nobody can say that it is none. */
  const afterRenewal = async (header: CompactJWSHeaderParameters) => {
    const isCurrent = await keys.renew();
    if (!isCurrent)
      throw new VerificationError(unavailable('The issuer cannot be asked for the key of this token now.'));
    return (await orUnavailable(Promise.resolve(keys.get()))).search(header);
  };

  return {
    key,
    async introspectionEndpoint() {
      const { introspectionEndpoint } = await orUnavailable(Promise.resolve(metadata.get()));
      if (introspectionEndpoint !== undefined) return introspectionEndpoint;
      throw new VerificationError(unavailable('The issuer has no introspection endpoint.'));
    },
    async prepare() {
      await orUnavailable(Promise.resolve(keys.get()));
    },
  };
}

/** Remembers which key belongs to a name, so that it is searched for once. What is not found is not remembered. */
function rememberingKeySet(jwks: readonly JWK[]) {
  const find = createLocalJWKSet({ keys: [...jwks] });
  const names = new Map<string, Awaited<ReturnType<typeof find>>>();
  const nameOf = ({ alg, kid }: CompactJWSHeaderParameters) => `${alg} ${kid}`;
  return {
    known: (header: CompactJWSHeaderParameters) => names.get(nameOf(header)),
    async search(header: CompactJWSHeaderParameters) {
      const key = await find(header);
      names.set(nameOf(header), key);
      return key;
    },
  };
}

const publicTypes: ReadonlySet<unknown> = new Set(['EC', 'RSA', 'OKP']);

/** Public keys for signatures. One that is of another kind, or not even an object, does not spoil the others. */
function usableKeys(keys: unknown): readonly JWK[] {
  if (!Array.isArray(keys)) return [];
  const isUsable = (key: unknown): key is JWK => {
    if (typeof key !== 'object' || key === null) return false;
    const { kty, use, d } = key as Record<string, unknown>;
    return publicTypes.has(kty) && (use === undefined || use === 'sig') && d === undefined;
  };
  return keys.filter(isUsable).slice(0, mostKeys);
}
