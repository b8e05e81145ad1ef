// The load generator's process: gets one order at a time from the harness, which has pinned it to a core of its own.
import { workloads } from '../workloads.mjs';
import { measure } from './measure.mjs';

/**
 * @typedef {Omit<import('./measure.mjs').Order, 'workload'> & { workload: string }} SentOrder functions cannot be sent.
 * @typedef {{ measurement?: import('./measure.mjs').Measurement, failure?: string }} Report neither: there is no such
 *   endpoint.
 */

/** @param {SentOrder} order @returns {Promise<Report>} */
async function carryOut(order) {
  const workload = workloads.find(({ name }) => name === order.workload);
  if (workload === undefined) return { failure: `there is no workload ${order.workload}` };
  try {
    const measurement = await measure({ ...order, workload });
    return measurement === undefined ? {} : { measurement };
  } catch (error) {
    return { failure: /** @type {Error} */ (error).message };
  }
}

process.on('message', (order) => {
  carryOut(/** @type {SentOrder} */ (order)).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
