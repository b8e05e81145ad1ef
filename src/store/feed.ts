import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { connect, type Sql } from './sql.ts';
import type { DatabaseTarget } from './target.ts';

/** What kind of thing changed; the triggers of the migrations write these words. */
export type ChangeKind = 'client' | 'resource' | 'organization' | 'account' | 'user' | 'api_key' | 'key' | 'revocation';

/**
 * News of committed changes on any node, by LISTEN on a connection of its own. The same connection is asked for a sign
 * of life every half second: PostgreSQL delivers notifications in order on it, so an answered question also proves that
 * all earlier news have arrived.
 */
export interface ChangeFeed {
  /** Calls back with the key of each changed thing of a kind. */
  subscribe(kind: ChangeKind, onChange: (key: string) => void): void;
  /** Calls back when news may have been missed: at first connection and after each interruption. Caches must empty. */
  onGap(flush: () => void): void;
  /** Milliseconds since news were last known to be complete. */
  silence(): number;
  close(): Promise<void>;
}

const channel = 'countersign';
const beatMs = 500;
/**
 * Milliseconds after which a question, or an attempt to connect again, is taken to be lost with its connection, and a
 * new one is tried: TCP would give up on it after a quarter of an hour only.
 */
const patience = { answer: 1_000, connection: 1_500 };

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** @throws NoAnswer when there is none within `limit` milliseconds. */
async function answered(limit: number, question: PromiseLike<unknown>): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const overdue = async () => {
    await delay(limit, undefined, { signal, ref: false });
    // An answer that came while this process was busy is read before this second pause ends.
    await delay(50, undefined, { signal, ref: false });
    throw new NoAnswer('the database did not answer');
  };
  try {
    await Promise.race([question, overdue()]);
  } finally {
    waiting.abort();
  }
}

/** The one connection that listens, made anew where it ended. */
interface Listener {
  /** Listens again where the connection has ended meanwhile. @returns whether it had, so that news may be missing. */
  ask(connectionLimit?: number): Promise<boolean>;
  /** Gives the connection up; the next question goes over another. */
  drop(): void;
  end(): Promise<void>;
}

type Connection = (extra: Parameters<typeof connect>[3]) => Sql;

function listener(open: Connection, onNews: (payload: string) => void, onFailure: (error: unknown) => void): Listener {
  function start() {
    const state = { listening: false };
    const sql = open({
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      onclose: () => {
        state.listening = false;
      },
      // Missing from the package's types: called for every notification on the connection.
      ...({ onnotify: (_channel: string, payload: string) => onNews(payload) } as object),
    });
    return { state, sql };
  }

  let current = start();
  return {
    async ask(connectionLimit = patience.connection) {
      const { state, sql } = current;
      if (state.listening) {
        await answered(patience.answer, sql`select 1`);
        return false;
      }
      await answered(connectionLimit, sql.unsafe(`listen "${channel}"`));
      state.listening = true;
      return true;
    },
    drop() {
      const { sql } = current;
      current = start();
      sql.end({ timeout: 0 }).catch(onFailure);
    },
    end: () => current.sql.end({ timeout: 1 }),
  };
}

/** Calls back with the key of each changed thing, by kind. */
function createDispatch() {
  const subscribers = new Map<ChangeKind, Array<(key: string) => void>>();
  return {
    subscribe(kind: ChangeKind, onChange: (key: string) => void): void {
      subscribers.set(kind, [...(subscribers.get(kind) ?? []), onChange]);
    },
    dispatch(payload: string): void {
      const space = payload.indexOf(' ');
      const key = payload.slice(space + 1);
      for (const onChange of subscribers.get(payload.slice(0, space) as ChangeKind) ?? []) onChange(key);
    },
  };
}

/** Opens the feed and waits for its first connection. */
export async function openFeed(
  target: DatabaseTarget,
  settings: Config['database'],
  logger: Logger,
): Promise<ChangeFeed> {
  const { subscribe, dispatch } = createDispatch();
  const flushes: Array<() => void> = [];
  const onFailure = (error: unknown) => logger.debug({ err: error }, 'a connection that was given up did not close');
  const connection = listener((extra) => connect(target, 'feed', settings, extra), dispatch, onFailure);
  let completeAt = Date.now();
  let interrupted = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function beat(connectionLimit?: number): Promise<void> {
    const asked = Date.now();
    const mayLack = await connection.ask(connectionLimit);
    completeAt = asked;
    // After LISTEN, not before: a change in between would be neither heard nor flushed.
    if (mayLack) for (const flush of flushes) flush();
  }

  function onInterruption(error: unknown): void {
    if (stopped) return;
    connection.drop();
    if (!interrupted) logger.warn({ err: error }, 'the change feed is interrupted; caches live by their time limit');
    interrupted = true;
  }

  async function pulse(): Promise<void> {
    let pause: number = beatMs;
    try {
      await beat();
      if (interrupted) logger.info('the change feed is back');
      interrupted = false;
    } catch (error) {
      onInterruption(error);
      // Enough time has passed already.
      if (error instanceof NoAnswer) pause = 0;
    }
    if (!stopped) timer = setTimeout(pulse, pause).unref();
  }

  await beat(settings.connectTimeout * 1000);
  timer = setTimeout(pulse, beatMs).unref();

  return {
    subscribe,
    onGap: (flush) => {
      flushes.push(flush);
    },
    silence: () => Date.now() - completeAt,
    async close() {
      stopped = true;
      clearTimeout(timer);
      await connection.end();
    },
  };
}
