import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './cores.mjs';

/**
 * @typedef {object} LoadProcess
 * @property {(order: import('../load/worker.mjs').SentOrder) => Promise<import('../load/worker.mjs').Report>} carryOut
 */

/**
 * Starts the load generator in a process of its own.
 * @param {string | undefined} core
 * @param {(stop: () => Promise<void>) => void} opened
 * @returns {LoadProcess}
 */
export function startLoadProcess(core, opened) {
  const [file, args] = pinnedNode(core, [fileURLToPath(new URL('../load/worker.mjs', import.meta.url))]);
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  opened(async () => {
    child.kill();
    await ended;
  });
  return {
    carryOut: (order) =>
      new Promise((resolve, reject) => {
        ended.then((how) => reject(new Error(`the load generator ended: ${how}`)));
        child.once('message', (report) => resolve(/** @type {import('../load/worker.mjs').Report} */ (report)));
        child.send(order);
      }),
  };
}
