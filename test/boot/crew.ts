import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/house.ts';
import { newDirectory, type Outcome, type Variables } from '../support/process.ts';
import type { Answer } from '../support/tokens.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A server of several processes, in a process group of its own as a terminal would give it. */
export interface Crew {
  readonly issuer: string;
  readonly admin: string;
  readonly dataDir: string;
  readonly primary: number;
  /** The process ids of the workers that there are now. */
  workers(): Promise<readonly number[]>;
  readonly exited: Promise<Outcome>;
  readonly stdout: () => string;
}

const groups = new Set<ChildProcess>();

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}

/** Whether any process of a group runs. @param primary the one that leads it. */
export const isGroupAlive = (primary: number) => isAlive(-primary);

/** Sends a signal to a whole process group, as Ctrl-C does. */
export const signalGroup = (primary: number, signal: NodeJS.Signals) => process.kill(-primary, signal);

/** The processes that a process has started and that run. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  try {
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
    return stdout.trim().split('\n').map(Number);
  } catch (error) {
    // Exit code 1: it has none.
    if ((error as { code?: unknown }).code === 1) return [];
    throw error;
  }
}

/** Starts a server without waiting for it. */
export async function launchCrew(env: Variables): Promise<Crew> {
  const [port, adminPort, dataDir] = [await freePort(), await freePort(), await newDirectory()];
  const issuer = `http://127.0.0.1:${port}`;
  const own = { PORT: String(port), ADMIN_PORT: String(adminPort), ISSUER: issuer, COUNTERSIGN_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [main], {
    cwd: dataDir,
    detached: true,
    env: { PATH: process.env['PATH'], WORKERS: '2', SEED_DEMO: 'true', LOG_FORMAT: 'json', ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  groups.add(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text.stderr += chunk;
  });
  const exited = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      groups.delete(child);
      resolve({ code, ...text });
    });
  });
  const primary = child.pid as number;
  const address = env['ADMIN_PORT'] ?? String(adminPort);
  return {
    issuer,
    admin: `http://127.0.0.1:${address}`,
    dataDir,
    primary,
    workers: () => childrenOf(primary),
    exited,
    stdout: () => text.stdout,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await ask(url)).status === 200;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

/** Starts a server and waits until its primary has said that all workers are ready. */
export async function startCrew(env: Variables): Promise<Crew> {
  const crew = await launchCrew(env);
  const started = performance.now();
  while (!crew.stdout().includes('"listening"')) {
    if (performance.now() - started > 20_000) throw new Error(`the server did not come up:\n${crew.stdout()}`);
    await wait(20);
  }
  if (!(await answers(`${crew.issuer}/readyz`))) throw new Error('the server is not ready though it says so');
  return crew;
}

/** Ends every group that a test has left running. */
export async function endCrews(): Promise<void> {
  const ends = [...groups].map(async (child) => {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    try {
      signalGroup(child.pid as number, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await closed;
  });
  await Promise.all(ends);
}

/**
 * Sends a request on a connection of its own: the primary gives connections to its workers in turn, so several such
 * requests reach them all.
 */
export function ask(
  url: string,
  fields?: Variables,
  headers: Variables = {},
): Promise<Pick<Answer, 'status' | 'body'>> {
  const body = fields === undefined ? undefined : new URLSearchParams(fields).toString();
  const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const options = { method: body === undefined ? 'GET' : 'POST', agent: false, headers: { ...form, ...headers } };
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /^application\/([a-z-]+\+)?json/.test(String(response.headers['content-type']));
        resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : { text } });
      });
    });
    // A connection that comes while the listener closes may be taken by nobody.
    sent.setTimeout(10_000, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}
