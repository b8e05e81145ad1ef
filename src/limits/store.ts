import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { available, type Sql } from '../store/index.ts';
import type { Counter, Limit, Tally } from './types.ts';

/** A statement as rate-limiter-flexible hands it to a client of `pg`. */
interface Statement {
  readonly text: string;
  readonly values: ReadonlyArray<string | number | null>;
}

/** What the library needs of a client, over the house's own. Each of its five statements is prepared once. */
function libraryClient(sql: Sql) {
  return {
    async query({ text, values }: Statement) {
      const rows = await available(sql.unsafe(text, [...values], { prepare: true }));
      return { rows: [...rows], rowCount: rows.count };
    },
  };
}

export const tallyOf = (result: RateLimiterRes): Tally => ({
  points: result.consumedPoints,
  left: result.msBeforeNext,
});

/** The library refuses by throwing the count. Everything else that it throws is a fault. */
export function tallyOfRefusal(thrown: unknown): Tally {
  if (thrown instanceof RateLimiterRes) return tallyOf(thrown);
  throw thrown;
}

/** Counts in the table `limits`: one atomic upsert an attempt. The sweep deletes what has ended. */
export function countInDatabase(name: string, limit: Limit, sql: Sql): Counter {
  const library = new RateLimiterPostgres({
    storeClient: libraryClient(sql),
    storeType: 'pool',
    tableName: 'limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: name,
    points: limit.points,
    duration: limit.duration,
    blockDuration: limit.blockDuration ?? 0,
  });

  return {
    async read(key) {
      const found = await library.get(key);
      return found === null ? undefined : tallyOf(found);
    },
    add: (key, times) => library.consume(key, times).then(tallyOf, tallyOfRefusal),
    // Not the library's own reward: on a count that has ended it makes a new one below zero, which is one attempt too
    // many for somebody. A count that began after the attempt ends more than one duration after it.
    async takeBack(key, at) {
      await available(sql`
        update limits set points = points - 1
        where key = ${library.getKey(key)} and points > 0
          and expire > ${Date.now()} and expire <= ${at + limit.duration * 1000}`);
    },
    async clear(key) {
      await library.delete(key);
    },
  };
}
