import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { TokenAlgorithm } from '../accounts/index.ts';

const digests: Readonly<Record<TokenAlgorithm, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

const hmacOf = (algorithm: TokenAlgorithm, key: KeyObject, input: string) =>
  createHmac(digests[algorithm], key).update(input).digest();

/** A part of a compact JWT. */
export const segment = (json: string): string => Buffer.from(json).toString('base64url');

/** A compact JWT of two parts that are ready (RFC 7515 section 3.1, RFC 7518 section 3.2). */
export function signCompact(algorithm: TokenAlgorithm, key: KeyObject, head: string, body: string): string {
  const input = `${head}.${body}`;
  return `${input}.${hmacOf(algorithm, key, input).toString('base64url')}`;
}

/** Whether a key has signed; in constant time. */
export function isSignedBy(algorithm: TokenAlgorithm, key: KeyObject, input: string, signature: Buffer): boolean {
  const good = hmacOf(algorithm, key, input);
  return good.length === signature.length && timingSafeEqual(good, signature);
}
