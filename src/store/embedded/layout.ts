import { join, resolve } from 'node:path';
import { StartupError } from '../../base/index.ts';

/** Every path that belongs to one embedded PostgreSQL. All are absolute. */
export interface Layout {
  readonly dataDir: string;
  /** PostgreSQL's own data directory. */
  readonly cluster: string;
  /** The superuser's password, inside the cluster so that one rename puts both in place. */
  readonly passwordFile: string;
  /** The directory of the Unix socket. */
  readonly runDir: string;
  readonly socket: string;
  readonly log: string;
}

/** Names the socket file; nothing listens on TCP. */
export const port = 5432;

/** The size of `sun_path` less its final zero, in bytes. */
const socketPathLimit = process.platform === 'darwin' ? 103 : 107;

/** `pg_ctl` and `initdb` put paths into shell commands between double quotes, where these keep a meaning. */
const unquotable = /["$`\\\n]/;

/**
 * The paths below a Countersign data directory.
 * @throws StartupError when PostgreSQL's tools cannot handle the path, or the socket's would be longer than the
 * platform allows.
 */
export function layoutOf(directory: string): Layout {
  const dataDir = resolve(directory);
  if (unquotable.test(dataDir)) {
    const fault = `PostgreSQL's tools cannot work in ${dataDir}: set COUNTERSIGN_DATA_DIR to a path without " $ \` \\.`;
    throw new StartupError([fault]);
  }
  const cluster = join(dataDir, 'postgres');
  const runDir = join(dataDir, 'run');
  const socket = join(runDir, `.s.PGSQL.${port}`);
  const length = Buffer.byteLength(socket);
  if (length > socketPathLimit) {
    throw new StartupError([
      `The path of PostgreSQL's Unix socket, ${socket}, has ${length} bytes and the limit here is ${socketPathLimit}: ` +
        `set COUNTERSIGN_DATA_DIR to a directory whose path is at least ${length - socketPathLimit} bytes shorter.`,
    ]);
  }
  return {
    dataDir,
    cluster,
    passwordFile: join(cluster, 'countersign.password'),
    runDir,
    socket,
    log: join(dataDir, 'postgres.log'),
  };
}
