import { hash, verify } from '@node-rs/argon2';
import { createGate } from './gate.ts';
import { normalizePassword } from './rules.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms, on a thread of its own. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of the four threads that Node shares among files, names, signatures and this, half are left to the others. */
const atOnce = 2;
/** About a second's worth. */
const mostWaiting = 64;

/** Hashes a password with argon2id into its encoded form, which carries salt and parameters. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), parameters);
}

/** Compares a password with an encoded hash. */
export type VerifyPassword = (encoded: string, password: string) => Promise<boolean>;

const unpadded = (bytes: number) => Buffer.alloc(bytes).toString('base64').replaceAll('=', '');

/** Nobody's password: what is verified where there is no user, at the cost of a real one. */
export const nobodysHash = [
  '$argon2id$v=19',
  `m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}`,
  unpadded(16),
  unpadded(32),
].join('$');

/** The note that a user has no password: nobody signs in with one. */
export const noPassword = 'none';

/** Whether this is a hash of ours, and not a note that the user has no password. */
export const isPasswordHash = (encoded: string): boolean => encoded.startsWith('$argon2id$');

const argon2: VerifyPassword = (encoded, password) => verify(encoded, normalizePassword(password));

/**
 * Verifies passwords off the event loop, a few at a time: each takes 19 MiB for about 30 ms.
 * @throws Problem 503 when too many wait already.
 */
export function createVerifier(work: VerifyPassword = argon2): VerifyPassword {
  const gate = createGate(atOnce, mostWaiting);
  return (encoded, password) => gate(() => work(encoded, password));
}

/** Hashes a password. */
export type HashPassword = (password: string) => Promise<string>;

/**
 * Hashes passwords for the management API, one at a time: what admins do leaves the threads to those who sign in.
 * @throws Problem 503 when too many wait already.
 */
export function createHasher(): HashPassword {
  const gate = createGate(1, mostWaiting);
  return (password) => gate(() => hashPassword(password));
}
