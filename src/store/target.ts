import type { ConnectionOptions } from 'node:tls';
import { type ConnectionOptions as ParsedUrl, parse } from 'pg-connection-string';
import { StartupError } from '../base/index.ts';

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
 * @throws StartupError when it cannot be read: a certificate that is not there, a sslmode that lacks one.
 */
export function parseTarget(url: string): DatabaseTarget {
  const { host, port, user, password, database, ssl } = readUrl(url);
  return {
    host: host || 'localhost',
    port: Number(port || 5432),
    user: user || 'postgres',
    password: password ?? '',
    database: database || user || 'postgres',
    ...(typeof ssl === 'object' ? { ssl: ssl as ConnectionOptions } : ssl === true ? { ssl: {} } : {}),
  };
}

function readUrl(url: string): ParsedUrl {
  try {
    return parse(url, { useLibpqCompat: true });
  } catch (error) {
    throw new StartupError([`DATABASE_URL: ${(error as Error).message}`], { cause: error });
  }
}
