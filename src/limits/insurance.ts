import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../base/index.ts';
import { tallyOf, tallyOfRefusal } from './store.ts';
import type { Counter, Limit } from './types.ts';

/** Most keys that one limit begins to count in memory within its duration. */
const maxKeys = 20_000;

/** Bounds how many counts begin, so that strangers cannot fill the memory by coming from everywhere. */
function createRoom(limit: Limit) {
  const period = 1000 * Math.max(limit.duration, limit.blockDuration ?? 0);
  let begun = 0;
  let since = Date.now();
  return function take(): void {
    if (Date.now() - since > period) [begun, since] = [0, Date.now()];
    if (begun >= maxKeys) {
      throw new Problem('unavailable', 'Too many callers for as long as the database is away; try again in a moment.');
    }
    begun += 1;
  };
}

/** Counts in the memory of this process, for as long as the database is away. */
export function countInMemory(limit: Limit): Counter {
  const library = new RateLimiterMemory({
    points: limit.points,
    duration: limit.duration,
    blockDuration: limit.blockDuration ?? 0,
  });
  const takeRoom = createRoom(limit);

  async function live(key: string): Promise<RateLimiterRes | undefined> {
    const found = await library.get(key);
    return found === null || found.msBeforeNext <= 0 ? undefined : found;
  }

  return {
    async read(key) {
      const found = await live(key);
      return found === undefined ? undefined : tallyOf(found);
    },
    async add(key, times) {
      if ((await live(key)) === undefined) takeRoom();
      return library.consume(key, times).then(tallyOf, tallyOfRefusal);
    },
    async takeBack(key) {
      const found = await live(key);
      if (found !== undefined && found.consumedPoints > 0) await library.reward(key);
    },
    async clear(key) {
      await library.delete(key);
    },
  };
}
