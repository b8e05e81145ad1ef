import type { ConnectionOptions } from 'node:tls';
import { parse } from 'pg-connection-string';

/** Where a PostgreSQL server is reached; `host` may be the directory of a Unix socket. */
export interface DatabaseTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** TLS as the URL's `sslmode` asks, with libpq's meaning; none for a plain connection. */
  readonly ssl?: ConnectionOptions;
}

/**
 * Takes a connection URL apart, so that both clients read it alike: each would misread something on its own (a socket
 * directory, a parameter that is meant for another tool, the meaning of sslmode).
 */
export function parseTarget(url: string): DatabaseTarget {
  const { host, port, user, password, database, ssl } = parse(url, { useLibpqCompat: true });
  return {
    host: host || 'localhost',
    port: Number(port || 5432),
    user: user || 'postgres',
    password: password ?? '',
    database: database || user || 'postgres',
    ...(typeof ssl === 'object' ? { ssl: ssl as ConnectionOptions } : ssl === true ? { ssl: {} } : {}),
  };
}
