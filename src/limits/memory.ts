import { LRUCache } from 'lru-cache';
import { Problem } from '../base/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createOutbox } from './outbox.ts';
import type { Limiter } from './service.ts';
import type { Limit, Verdict } from './types.ts';

/** Most keys that are known at once. Whoever is forgotten is known again after one failure more. */
const maxKeys = 20_000;

/** Most counts under way at once: they share their connections with requests. */
const mostAtOnce = 4;

/** What this process knows of a key, until counting starts anew. */
export interface Known {
  /** Counted in the database when it was last asked. */
  points: number;
  /** What happened since. */
  unsent: number;
  /** Whether a count is under way. */
  isSending: boolean;
  /** Milliseconds since the epoch. */
  until: number;
  /** Whether the log says that the limit has been reached. */
  isTold: boolean;
}

/** A key of one limit, and where it is counted. */
export interface Counted {
  readonly name: string;
  readonly key: string;
  readonly limit: Limit;
  readonly limiter: Limiter;
}

/** What this process remembers of counts, so that whoever is past a limit is refused without asking the database. */
export interface Memory {
  /** Whether nobody at all is past a limit, so that there is nothing to look for. */
  isQuiet(): boolean;
  /** What is known of a key that is past its limit. */
  findSpent(counted: Counted): Known | undefined;
  /** Keeps what the database has answered. */
  keep(counted: Counted, verdict: Verdict): Known;
  /** Counts once more, in the background. @returns what is known of the key now. */
  add(counted: Counted): Known;
}

const isSpent = ({ points, unsent }: Known, limit: Limit) => points + unsent >= limit.points;

const idOf = ({ name, key }: Counted) => `${name}:${key}`;

function learn(known: Known, limit: Limit, { remaining, resetAfter, at }: Verdict): void {
  known.points = limit.points - remaining;
  known.until = at + resetAfter * 1000;
}

/** Sends what is unsent. @returns whether it has arrived. */
async function send({ key, limit, limiter }: Counted, known: Known, logger: Logger): Promise<boolean> {
  const times = known.unsent;
  known.isSending = true;
  try {
    learn(known, limit, await limiter.count(key, times));
    known.unsent -= times;
    return true;
  } catch (error) {
    // The database is away, and so many callers are counted in its place that there is no room: it stays unsent.
    const isAway = error instanceof Problem && error.code === 'unavailable';
    if (!isAway) logger.error({ err: error }, 'a failure could not be counted');
    return false;
  } finally {
    known.isSending = false;
  }
}

/**
 * Opens a memory. Of one key one count is under way at a time: what fails meanwhile is added up and goes with the next,
 * so a flood costs few statements.
 */
export function createMemory(logger: Logger): Memory {
  const outbox = createOutbox(mostAtOnce);
  const all = new LRUCache<string, Known>({ max: maxKeys, noDisposeOnSet: true, dispose: (_, id) => outbox.drop(id) });
  let spentUntil = 0;

  function find(counted: Counted): Known | undefined {
    const known = all.get(idOf(counted));
    return known === undefined || known.until <= Date.now() ? undefined : known;
  }

  function begin(counted: Counted): Known {
    const until = Date.now() + counted.limit.duration * 1000;
    const known = { points: 0, unsent: 0, isSending: false, until, isTold: false };
    all.set(idOf(counted), known);
    return known;
  }

  function noteSpent({ limit }: Counted, known: Known): void {
    if (isSpent(known, limit)) spentUntil = Math.max(spentUntil, known.until);
  }

  function queue(counted: Counted, known: Known): void {
    if (known.isSending || known.unsent === 0) return;
    outbox.put(idOf(counted), async () => {
      const hasArrived = await send(counted, known, logger);
      noteSpent(counted, known);
      if (hasArrived) queue(counted, known);
    });
  }

  return {
    isQuiet: () => Date.now() >= spentUntil,
    findSpent(counted) {
      const known = find(counted);
      return known !== undefined && isSpent(known, counted.limit) ? known : undefined;
    },
    keep(counted, verdict) {
      const known = find(counted) ?? begin(counted);
      learn(known, counted.limit, verdict);
      noteSpent(counted, known);
      return known;
    },
    add(counted) {
      const known = find(counted) ?? begin(counted);
      known.unsent += 1;
      noteSpent(counted, known);
      queue(counted, known);
      return known;
    },
  };
}
