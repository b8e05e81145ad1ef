import { readdirSync, readFileSync } from 'node:fs';

// Processor time and memory as Linux tells them in /proc. Elsewhere there is none, and the figures are absent.

/** Linux counts a process's time in these, on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended meanwhile, or this is not Linux.
    return undefined;
  }
}

/**
 * @param {number | string} pid
 * @returns {{ parent: number, own: number, reaped: number } | undefined} seconds of processor time: its own, and that of
 *   its children that have ended.
 */
function readProcess(pid) {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field, the name in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = (/** @type {number} */ index) => Number(fields[index]);
  return {
    parent: number(1),
    own: (number(11) + number(12)) / ticksPerSecond,
    reaped: (number(13) + number(14)) / ticksPerSecond,
  };
}

/**
 * Seconds of processor time of one process, all its threads.
 * @param {number} pid
 */
export function processSeconds(pid) {
  return readProcess(pid)?.own ?? Number.NaN;
}

/**
 * The processes of a PostgreSQL server: the postmaster and its children. Its back ends come and go.
 * @param {number} postmaster
 */
export function postgresProcesses(postmaster) {
  const pids = read('/proc/self/stat') === undefined ? [] : readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [postmaster, ...pids.filter((pid) => readProcess(pid)?.parent === postmaster).map(Number)];
}

/**
 * Seconds of processor time of a whole PostgreSQL server: those who have ended count too, in their parent's sum.
 * @param {number} postmaster
 */
export function postgresSeconds(postmaster) {
  const children = postgresProcesses(postmaster).slice(1);
  const root = readProcess(postmaster);
  if (root === undefined) return Number.NaN;
  return children.reduce((sum, pid) => sum + (readProcess(pid)?.own ?? 0), root.own + root.reaped);
}

/**
 * @param {number} pid
 * @returns {{ resident: number, peak: number } | undefined} bytes.
 */
export function processMemory(pid) {
  const status = read(`/proc/${pid}/status`);
  const field = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status ?? '')?.[1]);
  return status === undefined ? undefined : { resident: field('VmRSS') * 1024, peak: field('VmHWM') * 1024 };
}

/** The cores that this process may run on, in rising order. Empty where there is no telling. @returns {number[]} */
export function allowedCores() {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status') ?? '')?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || range === '') return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
