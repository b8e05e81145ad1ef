import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import type { DatabaseTarget } from '../target.ts';
import { hasCode } from './causes.ts';

/** The two halves of the advisory lock's key: the letters CSGN, and the first lock of this kind. */
const lockClass = 0x4353474e;
const lockObject = 1;

const applicationName = 'countersign server ';

/** Nothing listens on the socket. */
const downCodes = ['ENOENT', 'ECONNREFUSED'];
/** PostgreSQL is on its way up or down, or went down under the query. */
const changingCodes = ['57P01', '57P02', '57P03', 'CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE', 'EAGAIN'];

/** How an attempt to claim the database ended. `held`: another server has it, as the process of this id if known. */
export type Attempt =
  | { readonly state: 'claimed' | 'changing' | 'down' }
  | { readonly state: 'held'; readonly pid: number | undefined }
  | { readonly state: 'failed'; readonly cause: unknown };

/**
 * The right to a database, held by one server at a time: an advisory lock of a session of its own, which PostgreSQL
 * ends with the process that held it, however that process ended.
 */
export interface Claim {
  attempt(): Promise<Attempt>;
  /** Gives the right up once `last` is done. A connection that ends meanwhile is not made again. */
  release(last?: () => Promise<void>): Promise<void>;
}

export type SocketTarget = Exclude<DatabaseTarget, { readonly url: string }>;

/** A claim that is not yet made. When its connection is lost later, it is made again in the background. */
export function openClaim(socket: string, target: SocketTarget, onEvent: (message: string) => void): Claim {
  let claimed = false;
  let released = false;

  const sql = postgres({
    ...target,
    // A comma in the path of `host` would make postgres.js try a list of hosts, without end.
    host: 'localhost',
    path: socket,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    backoff: () => 0,
    fetch_types: false,
    prepare: false,
    connection: { application_name: `${applicationName}${process.pid}` },
    onclose: () => {
      if (claimed && !released) void regain();
      claimed = false;
    },
  });

  async function attempt(): Promise<Attempt> {
    try {
      const [row] = await sql`select pg_try_advisory_lock(${lockClass}::int, ${lockObject}::int) as claimed`;
      claimed = row?.['claimed'] === true;
      return claimed ? { state: 'claimed' } : { state: 'held', pid: await holder(sql) };
    } catch (cause) {
      if (hasCode(cause, ...downCodes)) return { state: 'down' };
      return hasCode(cause, ...changingCodes) ? { state: 'changing' } : { state: 'failed', cause };
    }
  }

  async function regain(): Promise<void> {
    onEvent('lost the connection that keeps other servers out; trying again every second');
    let last: Attempt['state'] | undefined;
    while (last !== 'claimed') {
      await delay(1000, undefined, { ref: false });
      if (released) return;
      const { state } = await attempt();
      if (state === 'held' && last !== 'held') onEvent('another server has claimed the database: stop one of the two');
      last = state;
    }
    onEvent('other servers are kept out again');
  }

  async function release(last?: () => Promise<void>): Promise<void> {
    released = true;
    try {
      await last?.();
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  return { attempt, release };
}

async function holder(sql: postgres.Sql): Promise<number | undefined> {
  const [row] = await sql`
    select substr(application_name, ${applicationName.length + 1}::int)::int as pid
    from pg_stat_activity join pg_locks using (pid)
    where locktype = 'advisory' and classid = ${lockClass} and objid = ${lockObject} and objsubid = 2 and granted
      and application_name ~ ${`^${applicationName}[0-9]+$`}
  `;
  return row?.['pid'];
}
