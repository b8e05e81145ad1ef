import { randomFillSync } from 'node:crypto';

const size = 32;
/** Asking the system for many at once costs a fraction of asking for each. */
const pool = Buffer.alloc(size * 128);
let at = pool.length;

/** Gives out 256 random bits, once. @param read takes them out of the pool, in which they do not stay. */
export function withFreshBits<Value>(read: (pool: Buffer, from: number, to: number) => Value): Value {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const value = read(pool, at, at + size);
  pool.fill(0, at, at + size);
  at += size;
  return value;
}
