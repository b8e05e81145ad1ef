import { Problem } from '../base/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { countInMemory } from './insurance.ts';
import { countInDatabase } from './store.ts';
import type { Counter, Limit, Tally, Verdict } from './types.ts';

/** One limit. Keys are at most 200 characters and hold nothing secret: the table is in every dump. */
export interface Limiter {
  /**
   * Counts an attempt, if one is left. However many come at once and on however many nodes, no more get through than
   * there are points. A refused attempt is not counted.
   */
  consume(key: string): Promise<Verdict>;
  /**
   * Counts attempts in one statement, those past the limit too: for what has happened already, and for whoever is not
   * asked about again before counting starts anew.
   * @returns whether the last of them was within the limit.
   */
  count(key: string, times: number): Promise<Verdict>;
  /** Whether an attempt would be allowed, counting nothing. */
  peek(key: string): Promise<Verdict>;
  /** Gives back an attempt that turned out not to count. Does nothing once its time is over. */
  reward(key: string, consumed: Verdict): Promise<void>;
  /** Forgets all attempts. */
  reset(key: string): Promise<void>;
}

function judge(limit: Limit, tally: Tally | undefined, allowed: boolean): Verdict {
  const resetAfter = tally === undefined ? limit.duration : Math.max(1, Math.ceil(tally.left / 1000));
  return {
    allowed,
    retryAfter: allowed ? 0 : resetAfter,
    resetAfter,
    remaining: allowed ? Math.max(0, limit.points - (tally?.points ?? 0)) : 0,
    at: Date.now(),
  };
}

/** Where a block lasts longer than the count, the attempt that sets it off is counted, and so are none after it. */
const fullAt = (limit: Limit) => (limit.blockDuration === undefined ? limit.points : limit.points + 1);

function createLimiter(limit: Limit, counter: Counter): Limiter {
  return {
    async consume(key) {
      // A flood past the limit costs a reading each, and no writing.
      const before = await counter.read(key);
      if (before !== undefined && before.points >= fullAt(limit)) return judge(limit, before, false);
      const tally = await counter.add(key);
      const verdict = judge(limit, tally, tally.points <= limit.points);
      if (!verdict.allowed && limit.blockDuration === undefined) await counter.takeBack(key, verdict.at);
      return verdict;
    },
    async count(key, times) {
      const tally = await counter.add(key, times);
      return judge(limit, tally, tally.points <= limit.points);
    },
    async peek(key) {
      const tally = await counter.read(key);
      return judge(limit, tally, tally === undefined || tally.points < limit.points);
    },
    reward: (key, consumed) => counter.takeBack(key, consumed.at),
    reset: (key) => counter.clear(key),
  };
}

/** Each call goes to the database, and to memory when that is away. A statement that is wrong stays a fault. */
function insured(counter: Counter, insurance: Counter, onChange: (away: boolean, cause?: unknown) => void): Counter {
  async function either<Value>(work: (where: Counter) => Promise<Value>): Promise<Value> {
    try {
      const value = await work(counter);
      onChange(false);
      return value;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'unavailable')) throw error;
      onChange(true, error);
      return work(insurance);
    }
  }
  return {
    read: (key) => either((where) => where.read(key)),
    add: (key, times) => either((where) => where.add(key, times)),
    takeBack: (key, at) => either((where) => where.takeBack(key, at)),
    clear: (key) => either((where) => where.clear(key)),
  };
}

/** Says once that counting has moved to memory, and once that it is back. */
function createNotice(logger: Logger) {
  let wasAway = false;
  return function notice(away: boolean, cause?: unknown): void {
    if (away === wasAway) return;
    wasAway = away;
    if (away) logger.warn({ err: cause }, 'attempts are counted by each process for itself until the database is back');
    else logger.info('attempts are counted in the database again');
  };
}

/**
 * Opens limits from a table of them. Limits of one name share their counts on all nodes, so a name belongs to one table
 * only.
 */
export function createLimits<Name extends string>(
  table: Readonly<Record<Name, Limit>>,
  sql: Sql,
  logger: Logger,
): Readonly<Record<Name, Limiter>> {
  const notice = createNotice(logger);
  const open = ([name, limit]: [string, Limit]) => {
    const counter = insured(countInDatabase(name, limit, sql), countInMemory(limit), notice);
    return [name, createLimiter(limit, counter)] as const;
  };
  return Object.fromEntries(Object.entries<Limit>(table).map(open)) as Record<Name, Limiter>;
}
