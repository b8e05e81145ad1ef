import { constants, createHmac, createPrivateKey, createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { refuse, sharedSecret } from './checks.ts';

/** HMAC with a shared secret (RFC 7518, section 3.2). */
export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';
/** RSA with a key pair (RFC 7518, sections 3.3 and 3.5). */
export type RsaAlgorithm = 'RS256' | 'PS256';
/** Every algorithm that is known here. */
export type Algorithm = HmacAlgorithm | RsaAlgorithm;
/** A secret for HS*, a PEM text or a key object for RS256 and PS256. */
export type Key = string | Uint8Array | KeyObject;

/** The algorithms with a shared secret, the default first. */
export const HMAC_ALGORITHMS: readonly HmacAlgorithm[] = ['HS256', 'HS384', 'HS512'];
/** The algorithms with a key pair, the default first. */
export const RSA_ALGORITHMS: readonly RsaAlgorithm[] = ['RS256', 'PS256'];
/** Every algorithm, the default first. `none` is not one. */
export const ALGORITHMS: readonly Algorithm[] = ['HS256', 'HS384', 'HS512', 'RS256', 'PS256'];

const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

const PADDINGS = {
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};

/** RFC 7518, section 3.3: no RSA key below this size. */
const SMALLEST_MODULUS = 2048;

/** Whether an algorithm takes a shared secret. */
export function isHmac(algorithm: Algorithm): algorithm is HmacAlgorithm {
  return algorithm in DIGESTS;
}

/** One segment of a compact JWT. */
export function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Base64url HMAC of the two first segments. */
export function hmac(algorithm: HmacAlgorithm, secret: string | Uint8Array | KeyObject, input: string): string {
  return createHmac(DIGESTS[algorithm], secret).update(input).digest('base64url');
}

/** Base64url RSA signature of the two first segments. */
export function rsaSignature(algorithm: RsaAlgorithm, key: KeyObject, input: string): string {
  return sign('sha256', Buffer.from(input), { key, ...PADDINGS[algorithm] }).toString('base64url');
}

/** Whether an RSA signature over the two first segments is good. */
export function rsaVerified(algorithm: RsaAlgorithm, key: KeyObject, input: string, signature: Buffer): boolean {
  return verify('sha256', Buffer.from(input), { key, ...PADDINGS[algorithm] }, signature);
}

/** What can serve as an HMAC secret. No asymmetric key does, or its public half would sign. */
export function hmacKey(field: string, key: unknown): string | Uint8Array | KeyObject {
  if (key instanceof KeyObject) return key.type === 'secret' ? key : refuse(field, 'must be a secret key for HS*');
  if (key instanceof Uint8Array) {
    if (key.length === 0) return refuse(field, 'is required');
    sharedSecret(field, Buffer.from(key).toString('latin1'));
    return key;
  }
  return sharedSecret(field, key);
}

/** An RSA private key of at least 2048 bits. */
export function rsaPrivateKey(field: string, algorithm: RsaAlgorithm, key: unknown): KeyObject {
  return rsaKey(field, algorithm, 'private', key);
}

/** An RSA public key of at least 2048 bits; of a private key its public half. */
export function rsaPublicKey(field: string, algorithm: RsaAlgorithm, key: unknown): KeyObject {
  return rsaKey(field, algorithm, 'public', key);
}

function rsaKey(field: string, algorithm: RsaAlgorithm, half: 'private' | 'public', key: unknown): KeyObject {
  const parsed = parseKey(half, key);
  if (parsed === undefined) return refuse(field, `must be an RSA ${half} key, as PEM text or as a key object`);
  if (parsed.asymmetricKeyType !== 'rsa' && !(algorithm === 'PS256' && parsed.asymmetricKeyType === 'rsa-pss')) {
    return refuse(field, `must be an RSA key for ${algorithm}`);
  }
  if ((parsed.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_MODULUS) {
    return refuse(field, `has a minimum key size of ${SMALLEST_MODULUS} bits for ${algorithm}`);
  }
  return parsed;
}

function parseKey(half: 'private' | 'public', key: unknown): KeyObject | undefined {
  if (key instanceof KeyObject) return readKeyObject(half, key);
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return undefined;
  const pem = Buffer.from(key as string);
  try {
    return half === 'private' ? createPrivateKey(pem) : createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function readKeyObject(half: 'private' | 'public', key: KeyObject): KeyObject | undefined {
  if (key.type === 'secret') return undefined;
  if (key.type === half) return key;
  return half === 'public' ? createPublicKey(key) : undefined;
}
