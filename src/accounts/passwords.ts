import { hash } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms, on a thread of its own. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes a password with argon2id into its encoded form, which carries salt and parameters. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, parameters);
}
