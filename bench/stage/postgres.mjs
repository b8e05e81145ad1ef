import { readFileSync } from 'node:fs';
import postgres from 'postgres';

/**
 * @typedef {{ readonly host: string, readonly port: number, readonly user: string, readonly password: string,
 *   readonly database: string }} Target
 * @typedef {object} Postgres
 * @property {Target} target of its first database.
 * @property {number} postmaster process id.
 * @property {string} version
 * @property {(database: string) => Target} on another database.
 * @property {() => Promise<void>} stop
 */

/** The process id of the server behind a connection: its back ends are the postmaster's children. @param {number} backend */
function parentOf(backend) {
  try {
    const stat = readFileSync(`/proc/${backend}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // No /proc on this system: no figures of processor time either.
    return 0;
  }
}

/**
 * Starts the PostgreSQL that this repository embeds, in a directory of the run's own, with an empty database for each
 * of the names.
 * @param {string} dataDir
 * @param {readonly string[]} databases
 * @param {(stop: () => Promise<void>) => void} opened
 * @returns {Promise<Postgres>}
 */
export async function startPostgres(dataDir, databases, opened) {
  const { startEmbedded } = await import('../../dist/store/index.js');
  const embedded = await startEmbedded({ dataDir });
  opened(() => embedded.stop());
  const sql = postgres({ ...embedded.target, max: 1, onnotice: () => undefined });
  try {
    for (const name of databases) await sql`create database ${sql(name)}`;
    const [row] = await sql`select pg_backend_pid() as pid, current_setting('server_version') as version`;
    return {
      target: embedded.target,
      postmaster: parentOf(row?.['pid']),
      version: row?.['version'],
      on: (database) => ({ ...embedded.target, database }),
      stop: () => embedded.stop(),
    };
  } finally {
    await sql.end();
  }
}

/** A connection URL, as an operator would write it for a Unix socket. @param {Target} target */
export function databaseUrl({ host, port, user, password, database }) {
  return `postgresql://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${database}`;
}
