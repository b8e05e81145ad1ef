import type { Config } from '../config/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { connect, type Sql } from './sql.ts';
import type { DatabaseTarget } from './target.ts';

/** What kind of thing changed; the triggers of the migrations write these words. */
export type ChangeKind = 'client' | 'resource' | 'organization' | 'key';

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

interface FeedConnection {
  readonly sql: Sql;
  connected: boolean;
}

function open(target: DatabaseTarget, settings: Config['database'], onNews: (payload: string) => void): FeedConnection {
  const connection: { sql: Sql; connected: boolean } = {
    connected: false,
    sql: connect(target, 'feed', settings, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      onclose: () => {
        connection.connected = false;
      },
      // Missing from the package's types: called for every notification on the connection.
      ...({ onnotify: (_channel: string, payload: string) => onNews(payload) } as object),
    }),
  };
  return connection;
}

/** Opens the feed and waits for its first connection. */
export async function openFeed(
  target: DatabaseTarget,
  settings: Config['database'],
  logger: Logger,
): Promise<ChangeFeed> {
  const subscribers = new Map<ChangeKind, Array<(key: string) => void>>();
  const flushes: Array<() => void> = [];
  const connection = open(target, settings, (payload) => {
    const space = payload.indexOf(' ');
    const key = payload.slice(space + 1);
    for (const onChange of subscribers.get(payload.slice(0, space) as ChangeKind) ?? []) onChange(key);
  });
  let completeAt = Date.now();

  async function beat(): Promise<void> {
    const asked = Date.now();
    if (connection.connected) await connection.sql`select 1`;
    else await listen();
    completeAt = asked;
  }

  async function listen(): Promise<void> {
    await connection.sql.unsafe(`listen "${channel}"`);
    connection.connected = true;
    // After LISTEN, not before: a change in between would be neither heard nor flushed.
    for (const flush of flushes) flush();
  }

  let interrupted = false;
  let stopped = false;
  async function pulse(): Promise<void> {
    try {
      await beat();
      if (interrupted) logger.info('the change feed is back');
      interrupted = false;
    } catch (error) {
      if (!interrupted && !stopped)
        logger.warn({ err: error }, 'the change feed is interrupted; caches live by their time limit');
      interrupted = true;
    }
    if (!stopped) timer = setTimeout(pulse, beatMs).unref();
  }

  await listen();
  completeAt = Date.now();
  let timer = setTimeout(pulse, beatMs).unref();

  return {
    subscribe(kind, onChange) {
      subscribers.set(kind, [...(subscribers.get(kind) ?? []), onChange]);
    },
    onGap: (flush) => {
      flushes.push(flush);
    },
    silence: () => Date.now() - completeAt,
    async close() {
      stopped = true;
      clearTimeout(timer);
      await connection.sql.end({ timeout: 1 });
    },
  };
}
