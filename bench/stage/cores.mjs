import { spawnSync } from 'node:child_process';
import { allowedCores, postgresProcesses } from '../load/processes.mjs';

/**
 * @typedef {object} CorePlan who runs where, as taskset writes it. Undefined: wherever the system puts it.
 * @property {string | undefined} server
 * @property {string | undefined} load
 * @property {string | undefined} postgres
 * @property {string} note for the report.
 */

const unpinned = (/** @type {string} */ why) => ({
  server: undefined,
  load: undefined,
  postgres: undefined,
  note: `nothing is pinned to a core (${why}); the figures vary more than they need to`,
});

/** A core for the server under test, one for the load generator, the rest for PostgreSQL. @returns {CorePlan} */
export function planCores() {
  const [server, load, ...rest] = allowedCores();
  if (spawnSync('taskset', ['--version']).error !== undefined) return unpinned('taskset, of util-linux, is missing');
  if (server === undefined || load === undefined) return unpinned('there is one core only');
  const postgres = rest.length === 0 ? String(load) : rest.join(',');
  const shared = rest.length === 0 ? ', which it shares with the load generator' : '';
  return {
    server: String(server),
    load: String(load),
    postgres,
    note: `servers on core ${server}, load on core ${load}, PostgreSQL on ${postgres}${shared}`,
  };
}

/**
 * A Node command line, pinned.
 * @param {string | undefined} core
 * @param {readonly string[]} args of Node.
 * @returns {[file: string, args: string[]]}
 */
export function pinnedNode(core, args) {
  if (core === undefined) return [process.execPath, [...args]];
  return ['taskset', ['-c', core, process.execPath, ...args]];
}

/**
 * Moves a running PostgreSQL. What it starts from now on inherits the place.
 * @param {number} postmaster
 * @param {string | undefined} cores
 */
export function pinPostgres(postmaster, cores) {
  if (cores === undefined) return;
  for (const pid of postgresProcesses(postmaster)) {
    const { status, stderr } = spawnSync('taskset', ['-p', '-c', cores, String(pid)], { encoding: 'utf8' });
    // A back end may end between the look and the move.
    const gone = pid !== postmaster && !postgresProcesses(postmaster).includes(pid);
    if (status !== 0 && !gone) throw new Error(`PostgreSQL cannot be pinned to core ${cores}: ${stderr}`);
  }
}
