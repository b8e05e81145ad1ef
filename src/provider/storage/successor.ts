import { createHmac } from 'node:crypto';
import { withFreshBits } from '../fresh-bits.ts';

/** 256 random bits, kept beside the spent token. By itself it tells nothing. */
export const newSalt = (): Buffer => withFreshBits((pool, from, to) => Buffer.from(pool.subarray(from, to)));

/**
 * The value of a refresh token's successor: whoever holds the spent token derives it again from the salt, so it need not
 * be kept; neither the salt nor the spent token alone tells it.
 */
export function successorOf(spent: string, salt: Buffer): string {
  return createHmac('sha256', spent).update('refresh token successor').update(salt).digest('base64url');
}
