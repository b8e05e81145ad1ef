import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pinnedNode } from './cores.mjs';

/** Milliseconds. */
const patience = { start: 60_000, stop: 30_000 };

/** A port that was free a moment ago. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/**
 * @typedef {object} Launch
 * @property {import('../servers.mjs').ServerKind} kind
 * @property {number} port
 * @property {readonly string[]} args of Node.
 * @property {Readonly<Record<string, string>>} env on top of PATH.
 * @property {string | undefined} core
 * @property {string} directory to run and log in; not the repository, whose .env would be read.
 *
 * @typedef {object} RunningServer
 * @property {import('../servers.mjs').ServerKind} kind
 * @property {number} port
 * @property {number} pid
 * @property {() => Promise<string>} lastWords the end of its log.
 * @property {() => Promise<void>} stop
 */

/** @param {number} port */
async function answers(port) {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`);
    return status === 200;
  } catch {
    // It does not listen yet.
    return false;
  }
}

/**
 * Starts a server and waits until it answers.
 * @param {Launch} launch
 * @param {(stop: () => Promise<void>) => void} opened told as soon as there is a process to stop.
 * @returns {Promise<RunningServer>}
 */
export async function startServer({ kind, port, args, env, core, directory }, opened) {
  const log = join(directory, `${kind.name}.log`);
  const output = openSync(log, 'w', 0o600);
  const [file, line] = pinnedNode(core, args);
  const child = spawn(file, line, {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    // A group of its own: Ctrl-C is for the harness, which stops everybody in order. The channel ends with the harness.
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    if (!isRunning()) return;
    child.kill('SIGTERM');
    const late = AbortSignal.timeout(patience.stop);
    late.addEventListener('abort', () => child.kill('SIGKILL'));
    await ended;
  };
  opened(stop);
  const lastWords = async () => (await readFile(log, 'utf8')).slice(-2000);

  const deadline = Date.now() + patience.start;
  while (!(await answers(port))) {
    if (!isRunning() || Date.now() > deadline) {
      throw new Error(`${kind.title} did not start:\n${await lastWords()}`);
    }
    await delay(50);
  }
  return { kind, port, pid: child.pid ?? 0, lastWords, stop };
}
