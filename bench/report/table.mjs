import { serverKinds } from '../servers.mjs';
import { workloads } from '../workloads.mjs';

/** A load generator this busy may itself be what limits the figures. */
const tooBusy = 0.95;

/** @typedef {import('./statistics.mjs').Result} Result */

const columns = [34, 12, 9, 9, 8, 11, 8, 16];
const head = ['', 'req/s', 'p50 ms', 'p99 ms', 'CPU', '+Postgres', 'busy', 'Countersign is'];

/** @param {readonly string[]} cells */
const line = (cells) =>
  cells
    .map((cell, index) => (index === 0 ? cell.padEnd(columns[index] ?? 0) : cell.padStart(columns[index] ?? 0)))
    .join('')
    .trimEnd();

const fixed = (/** @type {number} */ value, digits = 0) =>
  Number.isNaN(value)
    ? '-'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const percent = (/** @type {number} */ share) => (Number.isNaN(share) ? '-' : `${Math.round(share * 100)} %`);

/** @param {string} server @param {readonly Result[]} results of one workload. */
function comparison(server, results) {
  const ratio = results.find((result) => result.server === 'countersign')?.ratios[server];
  return ratio === undefined || Number.isNaN(ratio) ? '' : `${fixed(ratio, 2)} times`;
}

/** @param {Result} result @param {readonly Result[]} results of the same workload. */
function row(result, results) {
  const { server, figures, errors, firstError } = result;
  const kind = serverKinds.find(({ name }) => name === server);
  const { instead } = workloads.find(({ name }) => name === result.workload) ?? {};
  const title = `${kind?.title ?? server}${instead !== undefined && kind?.refusesJwts ? ' *' : ''}`;
  if (figures === undefined) {
    return line([title, firstError === undefined ? 'not offered' : `  FAILED: ${firstError}`]);
  }
  const { rate, p50, p99, serverCpu, postgresCpu, serverBusy, loadBusy } = figures;
  const cells = [
    title,
    fixed(rate) + (loadBusy > tooBusy ? '^' : ''),
    fixed(p50, 1),
    fixed(p99, 1),
    fixed(serverCpu),
    fixed(postgresCpu),
    percent(serverBusy),
    comparison(server, results),
  ];
  return line(cells) + (errors === 0 ? '' : `  FAILED: ${errors} wrong answers, the first: ${firstError}`);
}

/** @param {import('../workloads.mjs').Workload} workload @param {readonly Result[]} results */
function section({ title, instead }, results) {
  const note = instead !== undefined && results.some(({ server }) => isRefusing(server)) ? [`* ${instead}`] : [];
  return [line([title, ...head.slice(1)]), ...results.map((result) => row(result, results)), ...note, ''];
}

const isRefusing = (/** @type {string} */ server) =>
  serverKinds.some(({ name, refusesJwts }) => name === server && refusesJwts === true);

/**
 * The results for people: one section a workload.
 * @param {readonly Result[]} results
 * @returns {string[]} lines.
 */
export function renderResults(results) {
  const sections = workloads.flatMap((workload) => {
    const own = results.filter((result) => result.workload === workload.name);
    return own.length === 0 ? [] : section(workload, own);
  });
  const limited = results.some(({ figures }) => figures !== undefined && figures.loadBusy > tooBusy);
  return [
    ...sections,
    'CPU and +Postgres: milliseconds of processor time per 1,000 requests. busy: share of its core that the server used.',
    ...(limited ? ['^ the load generator had no time left: the server may be faster than this'] : []),
    '',
  ];
}

/**
 * @param {ReadonlyArray<{ server: string, resident?: number, peak?: number }>} memory bytes.
 * @returns {string[]} lines.
 */
export function renderMemory(memory) {
  const megabytes = (/** @type {number | undefined} */ bytes) => (bytes === undefined ? '-' : fixed(bytes / 1e6));
  const rows = memory.map(({ server, resident, peak }) => {
    const title = serverKinds.find(({ name }) => name === server)?.title ?? server;
    return line([title, megabytes(resident), megabytes(peak)]);
  });
  return [line(['resident memory, MB', 'at the end', 'peak']), ...rows, ''];
}
