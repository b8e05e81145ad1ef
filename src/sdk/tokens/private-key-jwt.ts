import { optionalText, requireNumber, requireOneOf, requireText } from '../arguments.ts';
import { base64url, bytesOfBase64 } from '../base64.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { ClientAuthentication } from './types.ts';

const algorithms = {
  ES256: { key: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
  ES384: { key: { name: 'ECDSA', namedCurve: 'P-384' }, sign: { name: 'ECDSA', hash: 'SHA-384' } },
  RS256: { key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, sign: { name: 'RSASSA-PKCS1-v1_5' } },
  PS256: { key: { name: 'RSA-PSS', hash: 'SHA-256' }, sign: { name: 'RSA-PSS', saltLength: 32 } },
  EdDSA: { key: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
} as const;

/** The algorithms of client assertions, by their JOSE names. */
export type AssertionAlgorithm = keyof typeof algorithms;

/** A key of WebCrypto, under whatever name the platform's types have for it. */
type PlatformKey = Parameters<typeof crypto.subtle.sign>[1];

/** A private key as JSON (RFC 7517). */
export interface PrivateJwk {
  readonly kty?: string;
  readonly crv?: string;
  readonly d?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
}

/** A private key: a WebCrypto key, a JWK, or the text of a PKCS#8 PEM file (`BEGIN PRIVATE KEY`). */
export type PrivateKey = PlatformKey | PrivateJwk | string;

/** Options of `privateKeyJwt`. */
export interface PrivateKeyJwtOptions {
  readonly privateKey: PrivateKey;
  /** Default `ES256`. */
  readonly algorithm?: AssertionAlgorithm | undefined;
  /** The `kid` of the registered public key. Without it the server tries the client's keys. */
  readonly keyId?: string | undefined;
  /** The server's issuer identifier. Default: the origin of the token endpoint, which it is on Countersign. */
  readonly issuer?: string | undefined;
  /** Seconds for which an assertion is good; each is used once. Default 60. */
  readonly lifetime?: number | undefined;
}

const encodeJson = (value: object): string => base64url(JSON.stringify(value));

function bytesOfPem(pem: string): Uint8Array<ArrayBuffer> {
  const body = /^\s*-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END PRIVATE KEY-----\s*$/.exec(pem)?.[1];
  if (body === undefined) throw new InvalidArgumentError('privateKey', 'must be a PKCS#8 PEM (BEGIN PRIVATE KEY).');
  return bytesOfBase64(body.replaceAll(/\s/g, ''));
}

/** A JWK names its kind; a key of the platform has an algorithm instead. */
const isPlatformKey = (key: object): key is PlatformKey => !('kty' in key) && 'algorithm' in key && 'usages' in key;

async function importKey(key: PrivateKey, algorithm: AssertionAlgorithm): Promise<PlatformKey> {
  const parameters = algorithms[algorithm].key;
  if (typeof key === 'object' && isPlatformKey(key)) return key;
  const bytes = typeof key === 'string' ? bytesOfPem(key) : undefined;
  try {
    return bytes === undefined
      ? await crypto.subtle.importKey('jwk', { ...(key as PrivateJwk) }, parameters, false, ['sign'])
      : await crypto.subtle.importKey('pkcs8', bytes, parameters, false, ['sign']);
  } catch (cause) {
    throw new InvalidArgumentError('privateKey', `must be a private key for ${algorithm}.`, { cause });
  }
}

function requireKey(key: PrivateKey, algorithm: AssertionAlgorithm): PrivateKey {
  if (typeof key === 'string' && bytesOfPem(key).length > 0) return key;
  if (typeof key !== 'object' || key === null) {
    throw new InvalidArgumentError('privateKey', 'is required: a CryptoKey, a JWK or a PKCS#8 PEM.');
  }
  const wanted = algorithms[algorithm].key.name;
  const right = isPlatformKey(key)
    ? key.type === 'private' && key.algorithm.name === wanted && key.usages.includes('sign')
    : typeof key.kty === 'string' && typeof key.d === 'string';
  if (right) return key;
  throw new InvalidArgumentError('privateKey', `must be a private key for ${algorithm} that may sign.`);
}

/**
 * Client authentication by a signed assertion, `private_key_jwt` (RFC 7523 section 2.2): no secret leaves the machine.
 * The assertion is for the issuer alone, new for each request, and good for a minute.
 * @throws InvalidArgumentError at once for options that can not be right; from the first token request for a key that
 *   is not of the algorithm.
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  const names = Object.keys(algorithms) as AssertionAlgorithm[];
  const algorithm = requireOneOf('algorithm', options.algorithm ?? 'ES256', names);
  const privateKey = requireKey(options.privateKey, algorithm);
  const keyId = optionalText('keyId', options.keyId);
  const issuer = optionalText('issuer', options.issuer);
  const rule = { unit: 'seconds', min: 1, max: 600, integer: true };
  const lifetime = requireNumber('lifetime', options.lifetime ?? 60, rule);
  let imported: Promise<PlatformKey> | undefined;

  return async function signAssertion({ clientId, tokenUrl, now: milliseconds }) {
    imported ??= importKey(privateKey, algorithm);
    const now = Math.floor(milliseconds / 1000);
    const id = requireText('clientId', clientId);
    const header = { alg: algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
    const aud = issuer ?? tokenUrl.origin;
    const claims = { iss: id, sub: id, aud, jti: crypto.randomUUID(), iat: now, exp: now + lifetime };
    const signed = `${encodeJson(header)}.${encodeJson(claims)}`;
    const input = new TextEncoder().encode(signed);
    const signature = await crypto.subtle.sign(algorithms[algorithm].sign, await imported, input);
    return {
      timed: true,
      parameters: {
        client_id: id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: `${signed}.${base64url(new Uint8Array(signature))}`,
      },
    };
  };
}
