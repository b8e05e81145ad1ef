import { createHmac, randomBytes } from 'node:crypto';

/** 256 random bits, kept beside the spent token. By itself it tells nothing. */
export const newSalt = (): Buffer => randomBytes(32);

/**
 * The value of a refresh token's successor: whoever holds the spent token derives it again from the salt, so it need not
 * be kept; neither the salt nor the spent token alone tells it.
 */
export function successorOf(spent: string, salt: Buffer): string {
  return createHmac('sha256', spent).update('refresh token successor').update(salt).digest('base64url');
}
