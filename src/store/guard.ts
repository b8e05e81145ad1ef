import type { Sql } from 'postgres';
import type { Logger } from '../telemetry/index.ts';
import { unavailability } from './failures.ts';

/** Stands between the token path and its client, for the times when PostgreSQL does not answer. */
export interface Guard {
  /** Runs a statement unless there is no point in it. @throws an error with code CONNECTION_CLOSED when there is none. */
  run<Value>(query: PromiseLike<Value>): Promise<Value>;
}

/** What another connection knows of PostgreSQL. */
export interface SignOfLife {
  /** Milliseconds since it last answered. */
  silence(): number;
  /** Calls back when that connection was made anew. */
  onGap(callback: () => void): void;
}

export interface GuardedOptions {
  /** Opens a client. A guarded one may go through several. */
  readonly open: () => Sql;
  readonly feed: SignOfLife;
  /** Milliseconds within which PostgreSQL answers every statement, if only by giving up on it. */
  readonly longest: number;
  readonly logger: Logger;
}

/** Milliseconds without a sign of life after which PostgreSQL is taken to be silent altogether. */
const silenceLimit = 1_500;
/** Milliseconds between two looks at what is under way. Two in a row must find it overdue: one may only be late itself. */
const lookEvery = 250;
/** Milliseconds from a failure to the next attempt; the longer one as long as PostgreSQL gives no sign of life. */
const pauses = { reachable: 100, silent: 10_000 } as const;

/** Seconds that statements under way get when their client is exchanged for another reason. */
const drainTime = 5;

const guards = new WeakMap<object, Guard>();

/** The guard of the client that a statement was made with, if it has one. */
export const guardOf = (query: object): Guard | undefined => guards.get(query);

function noPoint(): Error {
  return Object.assign(new Error('PostgreSQL did not answer a moment ago'), { code: 'CONNECTION_CLOSED' });
}

/** The statements under way, oldest first, and whether they have waited too long. */
function createWatch({ feed, longest }: GuardedOptions, onOverdue: () => void) {
  const started = new Set<{ readonly at: number }>();
  let answeredAt = 0;
  let suspected = false;
  let looking = false;

  function isOverdue(): boolean {
    const [oldest] = started;
    const now = performance.now();
    if (oldest === undefined || now - oldest.at < lookEvery) return false;
    return now - oldest.at > longest || (feed.silence() > silenceLimit && now - answeredAt > silenceLimit);
  }

  function look(): void {
    const overdue = isOverdue();
    if (overdue && suspected) onOverdue();
    suspected = overdue;
    looking = false;
    if (started.size > 0) lookLater();
  }

  function lookLater(): void {
    if (looking) return;
    looking = true;
    setTimeout(look, lookEvery).unref();
  }

  return {
    start(at: number) {
      const entry = { at };
      started.add(entry);
      lookLater();
      return entry;
    },
    end: (entry: { readonly at: number }) => void started.delete(entry),
    answered() {
      answeredAt = performance.now();
    },
  };
}

/** When the last attempt failed for want of a connection, and whether another one makes sense yet. */
function createOutlook(feed: SignOfLife) {
  let failedAt: number | undefined;
  let backAt = 0;
  // Before the caches hear of it: what they load then should not be refused for an earlier failure.
  feed.onGap(() => {
    failedAt = undefined;
    backAt = performance.now();
  });
  return {
    isHopeless(now: number): boolean {
      if (failedAt === undefined) return false;
      if (now - failedAt < (feed.silence() > silenceLimit ? pauses.silent : pauses.reachable)) return true;
      // This one tries; the others go by what it finds.
      failedAt = now;
      return false;
    },
    answered(): void {
      failedAt = undefined;
    },
    /** @param startedAt when the attempt that failed began. */
    failed(startedAt: number): void {
      if (startedAt >= backAt) failedAt = performance.now();
    },
  };
}

function createGuard(
  outlook: ReturnType<typeof createOutlook>,
  watch: ReturnType<typeof createWatch>,
  onFailure: (error: unknown, startedAt: number) => void,
): Guard {
  return {
    async run(query) {
      const now = performance.now();
      if (outlook.isHopeless(now)) throw noPoint();
      const entry = watch.start(now);
      try {
        const value = await query;
        outlook.answered();
        watch.answered();
        return value;
      } catch (error) {
        onFailure(error, now);
        throw error;
      } finally {
        watch.end(entry);
      }
    },
  };
}

/**
 * A client of postgres.js that does not hang. By itself the library waits for an answer for ever, and keeps what it
 * cannot send in a queue: a silent database would hold every request, and a dead connection until TCP gives up on it.
 * Here, when PostgreSQL is silent, all connections are given up and what waits on them fails; while nobody can be
 * reached, statements fail at once, but for a few that try again. A client is exchanged when one of its connections
 * ended, since the library may greet the first statement on the next one with the last one's error.
 */
export function openGuarded(options: GuardedOptions): Sql {
  const { open, feed, logger } = options;
  const outlook = createOutlook(feed);
  const watch = createWatch(options, () => {
    logger.warn('the database does not answer; its connections are given up');
    outlook.failed(performance.now());
    exchange(0);
  });

  /** @param grace seconds that the statements under way get on the old client. */
  function exchange(grace: number): void {
    const old = current.client;
    current = start();
    const onFailure = (error: unknown) => logger.debug({ err: error }, 'a client that was given up did not close');
    old.end({ timeout: grace }).catch(onFailure);
  }

  function start(): { readonly client: Sql; readonly guard: Guard } {
    const client = open();
    const onFailure = (error: unknown, startedAt: number) => {
      const kind = unavailability(error);
      if (kind === 'unreachable') outlook.failed(startedAt);
      if (kind === 'broken' && client === current.client) exchange(drainTime);
    };
    return { client, guard: createGuard(outlook, watch, onFailure) };
  }

  let current = start();
  /** Notes with which guard a query is to be run. */
  function guarded(make: (client: Sql) => object): object {
    const query = make(current.client);
    guards.set(query, current.guard);
    return query;
  }
  const unsafe = (...args: Parameters<Sql['unsafe']>) => guarded((client) => client.unsafe(...args));
  return new Proxy(current.client, {
    apply: (_first, _self, args: Parameters<Sql>) => guarded((client) => Reflect.apply(client, undefined, args)),
    get: (_first, name) => (name === 'unsafe' ? unsafe : Reflect.get(current.client, name)),
  });
}
