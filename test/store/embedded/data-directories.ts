import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { type EmbeddedPostgres, startEmbedded } from '../../../src/store/embedded/index.ts';

const directories: string[] = [];

/** An empty data directory that {@link removeDirectories} will remove, with the PostgreSQL that may still run in it. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cs-pg-'));
  directories.push(directory);
  return directory;
}

export async function removeDirectories(): Promise<void> {
  for (const directory of directories.splice(0)) {
    await endPostgres(directory, 'SIGINT');
    await rm(directory, { recursive: true, force: true });
  }
}

/** The process id of the PostgreSQL of a data directory, by its own record; undefined when it stopped in good order. */
export async function postgresPid(dataDir: string): Promise<number | undefined> {
  const content = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  return content === '' ? undefined : Number.parseInt(content, 10);
}

/** Sends a signal to the PostgreSQL of a data directory, if it runs, and waits for its end. */
export async function endPostgres(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const pid = await postgresPid(dataDir);
  if (pid === undefined || !isPostgres(pid)) return;
  process.kill(pid, signal);
  while (isPostgres(pid)) await delay(10);
}

/** A stale record may name any process, and a dead PostgreSQL keeps its number until init takes note of it. */
function isPostgres(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('postgres') && !stdout.startsWith('Z');
}

/** Runs statements over one connection to the database of a running server. */
export async function query(
  { target }: Pick<EmbeddedPostgres, 'target'>,
  statement: string,
): Promise<Record<string, unknown>[]> {
  if ('url' in target) throw new Error('an embedded PostgreSQL is reached by its socket');
  const sql = postgres({ ...target, max: 1, fetch_types: false });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

/** Starts, with the events that were told. */
export async function startTelling(dataDir: string): Promise<{ server: EmbeddedPostgres; events: string[] }> {
  const events: string[] = [];
  const server = await startEmbedded({ dataDir, onEvent: (message) => events.push(message) });
  return { server, events };
}

/** The sentences of the StartupError that a start ends with. */
export async function faultsOf(start: Promise<unknown>): Promise<string> {
  const error: unknown = await start.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof Error && error.name === 'StartupError') return error.message;
  throw new Error('the start should have ended with a StartupError', { cause: error });
}
