import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import type { Credentials } from '../api/index.ts';
import { type Clock, fault, ok, type Result } from '../base/index.ts';
import {
  type HttpRequest,
  JwtDecodeError,
  type JwtDecodeReason,
  type RsaAlgorithm,
  type ValidationExpectations,
  verifyValidationToken,
} from '../sdk/jwt/index.ts';
import type { Account, ApiKey } from './types.ts';

/** A request that came with an API key, as it arrived. */
export type KeyedRequest = Omit<Credentials, 'address'>;

/** A request without the signature that it needs, or with one that is not its own. `detail` is one public sentence. */
export interface UnsignedFault {
  readonly kind: 'unsigned' | 'wrong_signature';
  readonly detail: string;
}

/** Holds a request against what the account of its API key wants. */
export type ClientValidation = (
  request: KeyedRequest,
  key: Pick<ApiKey, 'sid' | 'accountSid'>,
  account: Pick<Account, 'requireValidation' | 'publicKeys'>,
) => Promise<Result<true, UnsignedFault>>;

export interface ClientValidationParts {
  /** Its host is the one that is signed, whatever the request's Host header says. */
  readonly issuer: string;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly clock: Clock;
}

/** Seconds: the lifetime that every signing client gives its tokens. */
const longestLifetime = 300;

/** Characters: more than a signature by the largest key needs. */
const longestToken = 8_192;

const algorithms: readonly RsaAlgorithm[] = ['RS256', 'PS256'];

const unsigned = fault<UnsignedFault>({
  kind: 'unsigned',
  detail: 'The account of this API key wants its calls signed: send a token in the Twilio-Client-Validation header.',
});
const wrong = (detail: string) => fault<UnsignedFault>({ kind: 'wrong_signature', detail });

const unreadable = 'The validation token is not one JWT as a ValidationToken makes it.';
const otherAlgorithm = `The validation token must be signed with ${algorithms.join(' or ')}.`;

const sentences: Readonly<Record<Exclude<JwtDecodeReason, 'claims'>, string>> = {
  malformed: unreadable,
  algorithm: otherAlgorithm,
  signature: 'The validation token is not signed with the public key that it names (kid).',
  expired: 'The validation token has expired: make one for each call.',
  'not-yet-valid': 'The validation token is not valid yet (nbf).',
};

interface Named {
  readonly kid: string;
  readonly algorithm: RsaAlgorithm;
}

/** What a token says of itself. It chooses among what may be, and decides nothing. */
function readHeader(token: string): Result<Named, UnsignedFault> {
  try {
    const { alg, kid } = decodeProtectedHeader(token.length > longestToken ? '' : token);
    const algorithm = algorithms.find((name) => name === alg);
    return algorithm === undefined ? wrong(otherAlgorithm) : ok({ kid: String(kid), algorithm });
  } catch {
    // Whatever is wrong with it, the sender gets one sentence.
    return wrong(unreadable);
  }
}

/** Public keys by the PEMs of an account: parsed once for as long as the account stays in memory. */
function createKeyring() {
  const rings = new WeakMap<Account['publicKeys'], Map<string, KeyObject>>();
  return function find(pems: Account['publicKeys'], kid: string): KeyObject | undefined {
    const pem = Object.hasOwn(pems, kid) ? pems[kid] : undefined;
    if (pem === undefined) return undefined;
    const ring = rings.get(pems) ?? new Map<string, KeyObject>();
    const key = ring.get(kid) ?? createPublicKey(pem);
    rings.set(pems, ring.set(kid, key));
    return key;
  };
}

/** Whether decoding a text once more leaves it as it is. The canonical form does that, so two texts would be one. */
function isSteady(text: string): boolean {
  try {
    return decodeURIComponent(text) === text;
  } catch {
    // A lone % is a character like others, there too.
    return true;
  }
}

/**
 * The address that a client has signed: that of the issuer, with the path and query that were asked for. One that has
 * the canonical form of another address, or that a client would have to write another way, cannot be signed.
 */
function urlOf(issuer: string, { path, query }: KeyedRequest): Result<string, UnsignedFault> {
  const { origin, pathname } = new URL(`${issuer}${path}`);
  if (pathname !== path) return wrong('The path of a signed request must be written as a URL writes it.');
  if (![...new URLSearchParams(query)].flat().every(isSteady)) {
    return wrong('The query of a signed request must not be encoded twice.');
  }
  return ok(query === '' ? `${origin}${path}` : `${origin}${path}?${query}`);
}

/**
 * Prepares the check of signed requests (public-key client validation). A token that is sent is always checked, so that
 * a client can sign before its account requires it. Within its lifetime a token may come again with the same request:
 * two equal requests of one second have the same token.
 */
export function createClientValidation({ issuer, clockTolerance, clock }: ClientValidationParts): ClientValidation {
  const findKey = createKeyring();

  function sentenceOf({ reason, message }: JwtDecodeError): string {
    return reason === 'claims' ? `${message}. This server is ${issuer}.` : sentences[reason];
  }

  function verify(token: string, request: HttpRequest, expected: ValidationExpectations): Result<true, UnsignedFault> {
    const times = { leeway: clockTolerance, maxLifetime: longestLifetime, now: Math.floor(clock() / 1000) };
    try {
      verifyValidationToken(token, request, { ...expected, ...times });
      return ok(true);
    } catch (error) {
      if (error instanceof JwtDecodeError) return wrong(sentenceOf(error));
      throw error;
    }
  }

  return async function validate(request, key, account) {
    const { method, headers } = request;
    const token = headers['twilio-client-validation'];
    if (token === undefined) return account.requireValidation ? unsigned : ok(true);
    const named = readHeader(String(token));
    if (!named.ok) return named;
    const { kid, algorithm } = named.value;
    const publicKey = findKey(account.publicKeys, kid);
    if (publicKey === undefined) return wrong('The validation token names no public key of the account (kid).');
    const url = urlOf(issuer, request);
    if (!url.ok) return url;
    const sender = { accountSid: key.accountSid, credentialSid: kid, signingKey: key.sid };
    const signed = { method, url: url.value, headers, data: await request.body() };
    return verify(String(token), signed, { publicKey, algorithm, ...sender });
  };
}
