import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { SigningAlgorithm } from '../../config/index.ts';
import type { KeyRing } from '../../keys/index.ts';

/** Signs the text `header.payload` of a JWS and returns the whole compact serialization. */
export type JwsSigner = (payload: object) => string;

/** Algorithms that are signed here, on the main thread: those that take microseconds. RS256 is left to the thread pool. */
export type PlainAlgorithm = Exclude<SigningAlgorithm, 'RS256'>;

/** One ASN.1 INTEGER of an ECDSA signature as 32 bytes without sign or padding (RFC 7518 section 3.4). */
function copyInteger(der: Buffer, at: number, length: number, raw: Buffer, to: number): void {
  const leading = Math.max(0, length - 32);
  der.copy(raw, to + Math.max(0, 32 - length), at + leading, at + length);
}

/** DER out of OpenSSL and converted here: asking OpenSSL for the JWS form costs twice the signature on Node 24. */
function derToRaw(der: Buffer): Buffer {
  const raw = Buffer.alloc(64);
  const rLength = der[3] as number;
  const sAt = 4 + rLength + 2;
  copyInteger(der, 4, rLength, raw, 0);
  copyInteger(der, sAt, der[sAt - 1] as number, raw, 32);
  return raw;
}

function signBytes(alg: PlainAlgorithm, key: KeyObject, text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return alg === 'ES256' ? derToRaw(sign('sha256', bytes, key)) : sign(null, bytes, key);
}

/** Prepares a signer for access tokens (`typ: at+jwt`): the key object and the header are made once, not per request. */
export function accessTokenSigner(keys: KeyRing, alg: PlainAlgorithm): JwsSigner {
  const kid = keys.signerOf(alg);
  const jwk = keys.published.find((candidate) => candidate.kid === kid)?.privateJwk;
  if (jwk === undefined) throw new Error(`the ${alg} signer is not among the published keys`);
  const key = createPrivateKey({ key: jwk as never, format: 'jwk' });
  const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid })).toString('base64url');
  return (payload) => {
    const text = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
    return `${text}.${signBytes(alg, key, text).toString('base64url')}`;
  };
}

/** The signers for access tokens that are made here. */
export function plainSigners(keys: KeyRing): Readonly<Partial<Record<string, JwsSigner>>> {
  return { ES256: accessTokenSigner(keys, 'ES256'), EdDSA: accessTokenSigner(keys, 'EdDSA') };
}
