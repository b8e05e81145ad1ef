import postgres, { type Options, type Sql as PostgresSql } from 'postgres';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { unavailability } from './failures.ts';
import { guardOf } from './guard.ts';
import type { DatabaseTarget } from './target.ts';

/** The token path's client: prepared statements over a pool, errors of the connection told apart from those of SQL. */
export type Sql = PostgresSql;

type Settings = Pick<Config['database'], 'connectTimeout' | 'statementTimeoutMs'>;

// What we write never needs the server's chatter; notices would otherwise go to the console.
const ignoreNotice = () => undefined;

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
    // The library's own pauses grow to 20 seconds, for which requests would wait. Whoever uses a client here paces it.
    backoff: () => 0,
    onnotice: ignoreNotice,
    connection: {
      application_name: `countersign ${role}`,
      statement_timeout: settings.statementTimeoutMs,
      // Rows are found by key here. By default PostgreSQL reads a small table from end to end instead, and keeps that plan.
      random_page_cost: '1.1',
    },
    ...extra,
  });
}

/** Runs a statement of the token path; an unreachable database becomes a 503 that says to come back. */
export async function available<Value>(query: PromiseLike<Value>): Promise<Value> {
  const guard = guardOf(query);
  try {
    return await (guard === undefined ? query : guard.run(query));
  } catch (error) {
    if (unavailability(error) === undefined) throw error;
    throw new Problem('unavailable', 'The database cannot be reached; try again in a moment.', { cause: error });
  }
}
