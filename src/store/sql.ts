import postgres, { type Options, type Sql as PostgresSql } from 'postgres';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { DatabaseTarget } from './target.ts';

/** The token path's client: prepared statements over a pool, errors of the connection told apart from those of SQL. */
export type Sql = PostgresSql;

type Settings = Pick<Config['database'], 'connectTimeout' | 'statementTimeoutMs'>;

// What we write never needs the server's chatter; notices would otherwise go to the console.
const ignoreNotice = () => undefined;

/**
 * Seconds before a lost connection is tried again. The client's own pause grows to 20 seconds, during which requests
 * hang instead of failing (each attempt settles one of those that wait) and after which the feed would still be deaf.
 * The random part keeps nodes from knocking as one.
 */
const retryPause = (attempt: number) => Math.min(0.02 * 2 ** attempt, 0.1) * (0.5 + Math.random() / 2);

/** @param role shown in pg_stat_activity, so that an operator sees which connection is whose. */
export function connect(
  target: DatabaseTarget,
  role: string,
  settings: Settings,
  extra: Options<Record<string, never>>,
): Sql {
  const { ssl, ...where } = target;
  return postgres({
    ...where,
    // Given as a host, a socket directory with a comma or a colon in its name would be taken for several hosts.
    ...(where.host.startsWith('/') ? { path: `${where.host}/.s.PGSQL.${where.port}` } : {}),
    ssl: ssl ?? false,
    connect_timeout: settings.connectTimeout,
    backoff: retryPause,
    onnotice: ignoreNotice,
    connection: { application_name: `countersign ${role}`, statement_timeout: settings.statementTimeoutMs },
    ...extra,
  });
}

const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  // PostgreSQL: shutting down, crash of another backend, cannot connect now, too many connections, statement timeout.
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '57014',
]);

/** Whether an error means that the database cannot answer right now, rather than that the statement was wrong. */
export function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (connectionCodes.has(code) || code.startsWith('08'));
}

/** Runs a statement of the token path; an unreachable database becomes a 503 that says to come back. */
export async function available<Value>(query: PromiseLike<Value>): Promise<Value> {
  try {
    return await query;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new Problem('unavailable', 'The database cannot be reached; try again in a moment.', { cause: error });
  }
}
