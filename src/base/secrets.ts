import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new 256-bit secret as 43 URL-safe characters: it passes HTTP Basic and form bodies without any encoding. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * SHA-256 of a secret (32 bytes). A plain hash is enough only because every secret of ours has 256 random bits;
 * passwords, which people choose, go through argon2id instead.
 */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Compares two hashes of equal length in constant time. */
export function sameHash(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
