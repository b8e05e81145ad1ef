import { serverKinds } from '../servers.mjs';

/**
 * The middle value; of two middle ones their mean. NaN of none.
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/**
 * @typedef {object} Figures of one server on one workload: medians over the rounds.
 * @property {number} rate requests per second.
 * @property {number} p50 milliseconds.
 * @property {number} p99 milliseconds.
 * @property {number} serverCpu milliseconds of processor time per 1,000 requests.
 * @property {number} postgresCpu the same of PostgreSQL.
 * @property {number} serverBusy share of one core.
 * @property {number} loadBusy the same of the load generator.
 *
 * @typedef {object} Result
 * @property {string} workload
 * @property {string} server
 * @property {Figures} [figures] none: the server has no such endpoint, or nothing could be measured.
 * @property {number} errors over all rounds.
 * @property {string} [firstError]
 * @property {Readonly<Record<string, number>>} ratios by other server: this server's rate divided by that one's.
 * @property {Readonly<Record<string, number>>} within by other workload of the same server: the same.
 *
 * @typedef {import('../rounds.mjs').Record} Measured
 */

/** @param {import('../load/measure.mjs').Measurement} measurement @returns {Figures} */
function figuresOf({ requests, elapsed, p50, p99, serverCpu, postgresCpu, loadCpu }) {
  return {
    rate: requests / elapsed,
    p50,
    p99,
    serverCpu: (serverCpu * 1e6) / requests,
    postgresCpu: (postgresCpu * 1e6) / requests,
    serverBusy: serverCpu / elapsed,
    loadBusy: loadCpu / elapsed,
  };
}

/** @param {readonly Figures[]} rounds @returns {Figures} */
function medians(rounds) {
  const of = (/** @type {keyof Figures} */ name) => median(rounds.map((figures) => figures[name]));
  return {
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    serverCpu: of('serverCpu'),
    postgresCpu: of('postgresCpu'),
    serverBusy: of('serverBusy'),
    loadBusy: of('loadBusy'),
  };
}

/** Ratios are taken within each round: what slows a whole round down for everybody drops out. */
function ratioOf(/** @type {readonly Measured[]} */ mine, /** @type {readonly Measured[]} */ theirs) {
  const rates = new Map(theirs.map(({ round, measurement }) => [round, measurement && figuresOf(measurement).rate]));
  return median(
    mine.flatMap(({ round, measurement }) => {
      const other = rates.get(round);
      return measurement === undefined || other === undefined ? [] : [figuresOf(measurement).rate / other];
    }),
  );
}

/** @param {Measured} record */
const faultOf = ({ failure, measurement }) => failure ?? measurement?.firstError;

/** @param {ReadonlyArray<{ errors: number }>} measured */
const sumOfErrors = (measured) => measured.reduce((sum, { errors }) => sum + errors, 0);

/**
 * Sums the rounds up: one result for each workload and server.
 * @param {readonly Measured[]} records
 * @returns {Result[]}
 */
export function sumUp(records) {
  const workloads = [...new Set(records.map(({ workload }) => workload))];
  const servers = serverKinds.map(({ name }) => name).filter((name) => records.some(({ server }) => server === name));
  const of = (/** @type {string} */ workload, /** @type {string} */ server) =>
    records.filter((record) => record.workload === workload && record.server === server);
  return workloads.flatMap((workload) =>
    servers.map((server) => {
      const mine = of(workload, server);
      const measured = mine.flatMap(({ measurement }) => (measurement === undefined ? [] : [measurement]));
      const faults = mine.flatMap((record) => faultOf(record) ?? []);
      return {
        workload,
        server,
        ...(measured.length === 0 ? {} : { figures: medians(measured.map(figuresOf)) }),
        errors: mine.filter(({ failure }) => failure !== undefined).length + sumOfErrors(measured),
        ...(faults[0] === undefined ? {} : { firstError: faults[0] }),
        ratios: Object.fromEntries(
          servers.filter((other) => other !== server).map((other) => [other, ratioOf(mine, of(workload, other))]),
        ),
        within: Object.fromEntries(
          workloads.filter((other) => other !== workload).map((other) => [other, ratioOf(mine, of(other, server))]),
        ),
      };
    }),
  );
}
