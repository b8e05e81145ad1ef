import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import postgres from 'postgres';
import { StartupError } from '../../src/base/index.ts';
import { startEmbedded } from '../../src/store/index.ts';
import { endPostgres } from '../store/embedded/data-directories.ts';
import { databaseUrl, type TestDatabase } from '../support/database.ts';

/** A PostgreSQL server of one suite's own, which may be taken away and brought back. */
export interface OwnPostgres {
  readonly database: TestDatabase;
  /** Ends it in good order: every connection is told. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL: nobody is told, nothing is written any more. */
  crash(): Promise<void>;
  /** Brings it back with what is on the disk. */
  start(): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

/** The backends of a killed server take a moment to notice, and a new one does not start beside them. */
async function startAgain(dataDir: string, attempts = 50): Promise<Awaited<ReturnType<typeof startEmbedded>>> {
  try {
    return await startEmbedded({ dataDir });
  } catch (error) {
    if (!(error instanceof StartupError) || attempts === 0) throw error;
    await wait(100);
    return startAgain(dataDir, attempts - 1);
  }
}

/** Starts one in a temporary directory. Its database is empty: the first server to come migrates it. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cs-own-'));
  let running = await startEmbedded({ dataDir });
  const { target } = running;
  const sql = postgres({ ...target, max: 2, onnotice: () => undefined, backoff: () => 0 });
  const stop = () => running.stop();
  return {
    database: { target, url: databaseUrl(target), sql, drop: async () => undefined },
    stop,
    async crash() {
      await endPostgres(dataDir, 'SIGKILL');
      await running.stop();
    },
    async start() {
      running = await startAgain(dataDir);
    },
    async remove() {
      await sql.end({ timeout: 1 });
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
