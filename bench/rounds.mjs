/**
 * @typedef {object} Record one measurement of one round.
 * @property {number} round from 1.
 * @property {string} workload
 * @property {string} server
 * @property {import('./load/measure.mjs').Measurement} [measurement]
 * @property {string} [failure] why there is no measurement; neither means that the server has no such endpoint.
 */

/** The form of the tokens that a server is asked about: one that refuses JWTs gets opaque ones. */
function tokenFor(
  /** @type {import('./workloads.mjs').Workload} */ workload,
  /** @type {import('./servers.mjs').ServerKind} */ kind,
) {
  return workload.instead !== undefined && kind.refusesJwts ? 'opaque' : workload.token;
}

/** @param {Record} record */
function describe({ measurement, failure }) {
  if (failure !== undefined) return `FAILED: ${failure}`;
  if (measurement === undefined) return 'not offered';
  const { requests, elapsed, errors, firstError } = measurement;
  const rate = `${Math.round(requests / elapsed).toLocaleString('en')} requests/s`;
  return errors === 0 ? rate : `${rate}, ${errors} WRONG ANSWERS, the first: ${firstError}`;
}

/** V8 takes its time to optimise what it has not run before: the warm-up of the first round is this many times longer. */
const firstWarmUp = 3;

/** @template Entry @param {readonly Entry[]} entries @param {number} by @returns {readonly Entry[]} */
const turn = (entries, by) => [...entries.slice(by % entries.length), ...entries.slice(0, by % entries.length)];

/**
 * Measures every workload on every server, round after round. Within a round the servers take turns on each workload,
 * so that a disturbance of the machine does not hit one of them alone; another one begins each time.
 * @param {import('./stage/stage.mjs').Stage} stage
 * @param {import('./options.mjs').Options} options
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 * @returns {Promise<Record[]>}
 */
export async function playRounds({ servers, load, clients, postgres }, options, signal, say) {
  const { rounds, connections, seconds, warmUp } = options;
  const { postmaster } = postgres;
  /** @type {Record[]} */
  const records = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const workload of options.workloads) {
      for (const { kind, port, pid } of turn(servers, round - 1)) {
        signal.throwIfAborted();
        const token = tokenFor(workload, kind);
        const report = await load.carryOut({
          ...{ workload: workload.name, own: kind.own === true, clients, port, pid, postmaster, connections, seconds },
          warmUp: round === 1 ? warmUp * firstWarmUp : warmUp,
          ...(token === undefined ? {} : { token }),
        });
        const record = { round, workload: workload.name, server: kind.name, ...report };
        records.push(record);
        say(`${round}/${rounds} ${workload.name.padEnd(20)} ${kind.name.padEnd(12)} ${describe(record)}`);
      }
    }
  }
  return records;
}
