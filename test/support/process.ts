import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './house.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

export type Variables = Readonly<Record<string, string>>;

/** How a process ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of ours, with nothing of this process's environment but PATH. Limits are off for what tests send. */
export interface Program {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<Outcome>;
  signal(signal: NodeJS.Signals): void;
}

/** A server in a process of its own. */
export interface ServerProcess extends Program {
  readonly issuer: string;
  /** Of the admin listener. */
  readonly admin: string;
  readonly port: number;
  readonly dataDir: string;
  /** Milliseconds from the launch to the first answer that it is ready. */
  readonly startedIn: number;
}

const children = new Set<ChildProcess>();
const directories: string[] = [];

/** An empty directory that {@link endProcesses} removes. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-process-'));
  directories.push(directory);
  return directory;
}

/** Runs a file of the build. The working directory is empty, so that no .env is read. @param cwd another one. */
export async function launch(file: string, args: readonly string[], env: Variables, cwd?: string): Promise<Program> {
  if (!existsSync(dist + file)) throw new Error('there is no build to test: run npm run build');
  const child = spawn(process.execPath, [dist + file, ...args], {
    cwd: cwd ?? (await newDirectory()),
    env: { PATH: process.env['PATH'], RATE_LIMIT_EXEMPT: 'loopback', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
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
      children.delete(child);
      resolve({ code, ...text });
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    exited,
    signal: (name) => child.kill(name),
  };
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], env: Variables = {}): Promise<Outcome> {
  return (await launch('cli/main.js', args, env)).exited;
}

/** Runs a server that must not come up, to its end. */
export async function runRefused(env: Variables): Promise<Outcome> {
  const program = await launch('main.js', [], { COUNTERSIGN_DATA_DIR: await newDirectory(), ...env });
  const outcome = await Promise.race([program.exited, wait(15_000, undefined, { ref: false })]);
  if (outcome === undefined) throw new Error(`the server runs on:\n${program.stdout()}${program.stderr()}`);
  return outcome;
}

async function isReady(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/readyz`)).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

/** Starts a server on free ports and waits until it says that it is ready. Its host is 127.0.0.1. */
export async function startServer(env: Variables): Promise<ServerProcess> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const dataDir = await newDirectory();
  const ports = { PORT: String(port), ADMIN_PORT: String(adminPort), ISSUER: `http://127.0.0.1:${port}` };
  const started = performance.now();
  const program = await launch('main.js', [], { ...ports, COUNTERSIGN_DATA_DIR: dataDir, ...env });
  let ended = false;
  void program.exited.then(() => {
    ended = true;
  });
  while (!(await isReady(`http://127.0.0.1:${port}`))) {
    if (ended || performance.now() - started > 20_000) {
      throw new Error(`the server did not come up:\n${program.stdout()}${program.stderr()}`);
    }
    await wait(20);
  }
  return {
    ...program,
    issuer: env['ISSUER'] ?? ports.ISSUER,
    admin: `http://127.0.0.1:${adminPort}`,
    port,
    dataDir: env['COUNTERSIGN_DATA_DIR'] ?? dataDir,
    startedIn: performance.now() - started,
  };
}

/** Ends every process that a test has left running, and removes the directories. */
export async function endProcesses(): Promise<void> {
  const ends = [...children].map(
    (child) =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  );
  await Promise.all(ends);
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
}
