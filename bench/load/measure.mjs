import { performance } from 'node:perf_hooks';
import { introspect, issue } from '../workloads.mjs';
import { openJourneys, travel } from './journeys.mjs';
import { Lane, readJson } from './lane.mjs';
import { postgresSeconds, processSeconds } from './processes.mjs';
import { encodeRequest, once, rotate } from './requests.mjs';
import { Tally } from './tally.mjs';

/**
 * @typedef {object} Order what to measure.
 * @property {import('../workloads.mjs').Workload} workload
 * @property {import('../workloads.mjs').TokenFormat} [token] format of the tokens; the workload's, or its stand-in.
 * @property {readonly import('./requests.mjs').BenchClient[]} clients
 * @property {number} port of the server.
 * @property {boolean} own whether it is the server of this repository.
 * @property {number} pid of the server.
 * @property {number} postmaster pid of PostgreSQL.
 * @property {number} connections
 * @property {number} warmUp seconds.
 * @property {number} seconds
 *
 * @typedef {object} Measurement
 * @property {number} requests
 * @property {number} errors
 * @property {string | undefined} firstError
 * @property {number} elapsed seconds.
 * @property {number} p50 milliseconds.
 * @property {number} p99 milliseconds.
 * @property {number} serverCpu seconds.
 * @property {number} postgresCpu seconds.
 * @property {number} loadCpu seconds of the load generator.
 *
 * @typedef {object} Sum of the measured stretches.
 * @property {Tally} tally
 * @property {{ elapsed: number, serverCpu: number, postgresCpu: number, loadCpu: number }} total
 *
 * @typedef {(reply: import('./lane.mjs').Reply | Error, milliseconds: number, index: number) => void} OnReply
 */

/**
 * Keeps every lane busy until the requests or the time run out, and ends when the last reply is there.
 * @param {readonly Lane[]} lanes
 * @param {() => Buffer | undefined} next
 * @param {number} seconds
 * @param {OnReply} onReply
 * @returns {Promise<void>}
 */
function drive(lanes, next, seconds, onReply) {
  const end = performance.now() + seconds * 1000;
  let busy = lanes.length;
  let sent = 0;
  return new Promise((resolve) => {
    const idle = () => {
      busy -= 1;
      if (busy === 0) resolve();
    };
    const go = (/** @type {Lane} */ lane) => {
      const started = performance.now();
      const request = started < end ? next() : undefined;
      if (request === undefined) {
        idle();
        return;
      }
      const index = sent++;
      lane.send(request, (reply) => {
        onReply(reply, performance.now() - started, index);
        // A broken connection stays broken: its lane would count the same error as fast as it can.
        if (reply instanceof Error) idle();
        else go(lane);
      });
    };
    for (const lane of lanes) go(lane);
  });
}

/** @type {readonly string[]} */
const noTokens = [];

/** @type {(order: Order, what: Parameters<typeof encodeRequest>[1], tokens?: readonly string[]) => Buffer[]} */
const encodeAll = ({ port, clients }, what, tokens = noTokens) =>
  clients.map((client, index) => encodeRequest(`localhost:${port}`, what, client, tokens[index]));

/**
 * A fresh token for each client.
 * @type {(lanes: readonly Lane[], order: Order) => Promise<string[]>}
 * @throws Error when the server does not issue them.
 */
async function issueTokens(lanes, order) {
  if (order.token === undefined) return [];
  /** @type {string[]} */
  const tokens = [];
  await drive(lanes, once(encodeAll(order, issue(order.token))), Number.POSITIVE_INFINITY, (reply, _time, index) => {
    const token = reply instanceof Error ? undefined : readJson(reply.body)?.['access_token'];
    if (typeof token === 'string') tokens[index] = token;
  });
  const missing = order.clients.length - tokens.filter(Boolean).length;
  if (missing > 0) throw new Error(`${missing} of ${order.clients.length} ${order.token} tokens were not issued`);
  return tokens;
}

/** The processor time so far of everybody who takes part. */
const spent = (/** @type {Order} */ { pid, postmaster }) => {
  const { user, system } = process.cpuUsage();
  return { server: processSeconds(pid), postgres: postgresSeconds(postmaster), load: (user + system) / 1e6 };
};

/**
 * One measured stretch, added to what has been measured before it.
 * @param {readonly Lane[]} lanes
 * @param {Order} order
 * @param {() => Buffer | undefined} next
 * @param {Sum} sum
 * @param {number} seconds
 */
async function stretch(lanes, order, next, sum, seconds) {
  await measured(order, sum, () =>
    drive(lanes, next, seconds, (reply, milliseconds) => sum.tally.add(reply, milliseconds)),
  );
}

/** Adds the time that work takes, and the processor time of everybody meanwhile. @param {Order} order @param {Sum} sum @param {() => Promise<void>} work */
async function measured(order, { total }, work) {
  const before = spent(order);
  const started = performance.now();
  await work();
  total.elapsed += (performance.now() - started) / 1000;
  const after = spent(order);
  total.serverCpu += after.server - before.server;
  total.postgresCpu += after.postgres - before.postgres;
  total.loadCpu += after.load - before.load;
}

const newSum = (/** @type {Order} */ { workload }) => ({
  tally: new Tally(workload.sound),
  total: { elapsed: 0, serverCpu: 0, postgresCpu: 0, loadCpu: 0 },
});

/** Requests that may be repeated: one stretch after a warm-up. @type {(lanes: readonly Lane[], order: Order) => Promise<Sum>} */
async function measureRepeatable(lanes, order) {
  const next = rotate(encodeAll(order, order.workload, await issueTokens(lanes, order)));
  const sum = newSum(order);
  await drive(lanes, next, order.warmUp, () => undefined);
  await stretch(lanes, order, next, sum, order.seconds);
  return sum;
}

/**
 * Requests that use up their token: as many stretches as fill the time, each over one token of every client, issued
 * outside the measured time. So few live at a time because oidc-provider's memory adapter forgets past a thousand.
 * @type {(lanes: readonly Lane[], order: Order) => Promise<Sum>}
 */
async function measureSpending(lanes, order) {
  /** @type {string | undefined} */
  let spentToken;
  const spend = async (/** @type {Sum} */ sum, /** @type {number} */ seconds) => {
    const tokens = await issueTokens(lanes, order);
    spentToken = tokens[0];
    await stretch(lanes, order, once(encodeAll(order, order.workload, tokens)), sum, seconds);
  };
  const spendFor = async (/** @type {number} */ seconds) => {
    const sum = newSum(order);
    while (sum.total.elapsed < seconds && sum.tally.errors === 0) await spend(sum, seconds - sum.total.elapsed);
    return sum;
  };
  await spendFor(order.warmUp);
  const sum = await spendFor(order.seconds);
  await requireInactive(lanes, order, spentToken);
  return sum;
}

/**
 * Requests that follow from the answers before them: one stretch after a warm-up.
 * @type {(lanes: readonly Lane[], order: Order) => Promise<Sum | undefined>}
 */
async function measureJourneys(lanes, order) {
  const journeys = await openJourneys(lanes, order);
  if (journeys === undefined) return undefined;
  const sum = newSum(order);
  await travel(lanes, journeys, order.warmUp, () => undefined);
  await measured(order, sum, () =>
    travel(lanes, journeys, order.seconds, (reply, milliseconds) => sum.tally.add(reply, milliseconds)),
  );
  return sum;
}

/** @type {(lanes: readonly Lane[], request: Buffer) => Promise<import('./lane.mjs').Reply>} */
async function ask([lane], request) {
  const reply = await new Promise((resolve) => lane?.send(request, resolve));
  if (reply instanceof Error) throw reply;
  return reply;
}

/**
 * A revocation that answers 200 and does nothing would be the fastest of all.
 * @param {readonly Lane[]} lanes
 * @param {Order} order
 * @param {string | undefined} token revoked before.
 * @throws Error when the server still calls it active.
 */
async function requireInactive(lanes, order, token) {
  const [request] = encodeAll(order, introspect, [token ?? '']);
  const { status, body } = await ask(lanes, request ?? Buffer.alloc(0));
  if (status !== 404 && readJson(body)?.['active'] !== false) {
    throw new Error(`a revoked token is not inactive: ${status} ${body.toString('utf8', 0, 300)}`);
  }
}

/** @type {(lanes: readonly Lane[], order: Order) => Promise<boolean>} */
async function isOffered(lanes, order) {
  const [request] = encodeAll(order, order.workload, ['none']);
  const { status } = await ask(lanes, request ?? Buffer.alloc(0));
  return status !== 404;
}

/** @param {Order} order */
function methodFor({ workload }) {
  if (workload.journey !== undefined) return measureJourneys;
  return workload.spends ? measureSpending : measureRepeatable;
}

/**
 * Measures one workload on one server.
 * @param {Order} order
 * @returns {Promise<Measurement | undefined>} nothing when the server has no such endpoint.
 * @throws Error when the server cannot be reached, or issues no tokens.
 */
export async function measure(order) {
  /** @type {Lane[]} */
  const lanes = [];
  try {
    while (lanes.length < order.connections) lanes.push(await Lane.open(order.port));
    if (order.workload.journey === undefined && !(await isOffered(lanes, order))) return undefined;
    const sum = await methodFor(order)(lanes, order);
    if (sum === undefined) return undefined;
    const { tally, total } = sum;
    const { requests, errors, firstError } = tally;
    return { requests, errors, firstError, p50: tally.percentile(0.5), p99: tally.percentile(0.99), ...total };
  } finally {
    for (const lane of lanes) lane.close();
  }
}
