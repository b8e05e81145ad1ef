import { parseArgs } from 'node:util';
import { serverKinds } from './servers.mjs';
import { workloads } from './workloads.mjs';

const names = (/** @type {ReadonlyArray<{ name: string, title: string }>} */ entries) =>
  entries.map(({ name, title }) => `      ${name.padEnd(20)}${title}`).join('\n');

/** What `--help` prints. */
export const help = `Measures Countersign beside bare oidc-provider, oidc-provider over a naive table, and a raw floor.

  npm run bench                                   the whole comparison, about 15 minutes
  npm run bench -- --quick                        does everything work? one round of one second
  npm run bench -- --only client-credentials      one workload
  npm run bench -- --servers countersign,bare     two servers
  npm run bench -- --profile --only introspect-jwt
                                                  where this server spends its time

Options
  --rounds N         how often everything is measured; the figures are medians (default 5)
  --seconds N        length of each measurement, after a warm-up (default 3)
  --connections N    kept-alive connections, each with one request under way (default 32)
  --only A,B         workloads:
${names(workloads)}
  --servers A,B      servers:
${names(serverKinds)}
  --quick            --rounds 1 --seconds 1, a smoke test; its figures mean little
  --check            exit code 1 when a target is missed, for a machine that is quiet enough
  --profile          run under --cpu-prof, this server alone unless --servers says otherwise, and print where the time
                     went; the profiles are kept in bench/results/ for the developer tools of a browser
  --help

Which cores: the first that this process may use is the server's, the second the load generator's, the rest are
PostgreSQL's (with two cores it shares the second). Choose them with taskset: taskset -c 2,4,6 npm run bench
The results are printed and written to bench/results/. Answers are checked; wrong ones fail the run with exit code 1.
`;

/** A mistake in the options, to be shown without a stack. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} warmUp seconds.
 * @property {number} connections
 * @property {readonly import('./workloads.mjs').Workload[]} workloads
 * @property {readonly import('./servers.mjs').ServerKind[]} servers
 * @property {boolean} check
 * @property {boolean} profile
 * @property {boolean} help
 */

/** @type {(text: string | undefined, fallback: number, name: string) => number} */
function count(text, fallback, name) {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name}: must be a number above 0`);
  return value;
}

/** @type {(text: string | undefined, fallback: number, name: string) => number} */
function whole(text, fallback, name) {
  const value = count(text, fallback, name);
  if (!Number.isInteger(value)) throw new UsageError(`--${name}: must be a whole number`);
  return value;
}

/**
 * @template {{ name: string }} Entry
 * @param {string | undefined} list
 * @param {readonly Entry[]} table
 * @param {string} option
 * @returns {readonly Entry[]} in the table's order.
 */
function choose(list, table, option) {
  if (list === undefined) return table;
  const wanted = list.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !table.some((entry) => entry.name === name));
  if (unknown.length > 0) {
    const known = table.map((entry) => entry.name).join(', ');
    throw new UsageError(`--${option}: "${unknown.join(', ')}" is not one of ${known}`);
  }
  return table.filter((entry) => wanted.includes(entry.name));
}

const string = /** @type {const} */ ({ type: 'string' });
const flag = /** @type {const} */ ({ type: 'boolean', default: false });

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: string,
        seconds: string,
        connections: string,
        only: string,
        servers: string,
        quick: flag,
        check: flag,
        profile: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/**
 * Reads the command line.
 * @param {string[]} args
 * @returns {Options}
 * @throws UsageError
 */
export function readOptions(args) {
  const given = parse(args);
  const short = given.quick || given.profile;
  const seconds = count(given.seconds, given.quick ? 1 : given.profile ? 10 : 3, 'seconds');
  return {
    rounds: whole(given.rounds, short ? 1 : 5, 'rounds'),
    seconds,
    warmUp: Math.min(1, seconds / 2),
    connections: whole(given.connections, 32, 'connections'),
    workloads: choose(given.only, workloads, 'only'),
    servers: choose(given.servers ?? (given.profile ? 'countersign' : undefined), serverKinds, 'servers'),
    check: given.check,
    profile: given.profile,
    help: given.help,
  };
}
