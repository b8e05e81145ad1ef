import { randomFillSync } from 'node:crypto';

const size = 32;
/** Asking the system for many ids at once costs a fraction of asking for each. */
const pool = Buffer.alloc(size * 128);
let at = pool.length;

/** A new `jti`: 256 random bits as 43 URL-safe characters, each given out once. */
export function newTokenId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const id = pool.toString('base64url', at, at + size);
  // What has been given out does not stay in memory.
  pool.fill(0, at, at + size);
  at += size;
  return id;
}
