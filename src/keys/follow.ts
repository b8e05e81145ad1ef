import type { Clock, Sealer } from '../base/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { isSameRing, keyRing, nextChange } from './rules.ts';
import { loadKeys } from './service.ts';
import type { KeyRing } from './types.ts';

/** The key ring of a running node, kept true. */
export interface KeyFollower {
  /** The ring of this moment. */
  ring(): KeyRing;
  /** Hands over each ring that takes the place of the one before. */
  follow(use: (ring: KeyRing) => void): void;
  close(): void;
}

export interface FollowerParts {
  readonly store: Pick<Store, 'sql' | 'feed'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest time in milliseconds that a node relies on its timer: it may have slept, or its clock been set. */
const longestRest = 60_000;
/** Milliseconds until keys that could not be read are read again; twice as many after each failure. */
const firstRetry = 1_000;

/**
 * Reads the keys, and from then on follows them: what any node changes, by the feed; and the moments at which a key that
 * is known already begins to sign, stops, or is published no more, by a timer. For those nobody need be asked, so keys
 * rotate in time while the database is away.
 */
export async function followKeys({ store, sealer, clock, logger }: FollowerParts): Promise<KeyFollower> {
  const { sql, feed } = store;
  let keys = await loadKeys(sql, sealer);
  let ring = keyRing(keys, clock());
  let use: (ring: KeyRing) => void = () => undefined;
  let isStale = false;
  let failures = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  // One turn after the other: of two readings at once the older could arrive last.
  let turning = Promise.resolve();

  const retryIn = () => (isStale ? firstRetry * 2 ** (failures - 1) : longestRest);

  function rest(milliseconds: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(turn, milliseconds).unref();
  }

  function fail(error: unknown): void {
    if (isClosed) return;
    isStale = true;
    failures += 1;
    logger.error({ err: error }, 'signing keys were not reloaded; the next attempt follows');
  }

  async function read(): Promise<void> {
    if (!isStale) return;
    isStale = false;
    keys = await loadKeys(sql, sealer);
    failures = 0;
  }

  function decide(): void {
    const next = keyRing(keys, clock());
    if (isSameRing(next, ring)) return;
    use(next);
    ring = next;
  }

  /** What is known moves on in time, also where it could not be read anew. */
  async function look(): Promise<void> {
    await read().catch(fail);
    decide();
  }

  function restUntilNext(): void {
    const now = clock();
    const change = nextChange(keys, now);
    rest(Math.min(longestRest, change === undefined ? longestRest : change - now, retryIn()));
  }

  function turn(): void {
    turning = turning.then(look).catch(fail).then(restUntilNext);
  }

  function reload(): void {
    isStale = true;
    turn();
  }

  feed.subscribe('key', reload);
  feed.onGap(reload);
  // What changed while the first reading was under way was told to nobody.
  reload();
  return {
    ring: () => ring,
    follow(listener) {
      use = listener;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
