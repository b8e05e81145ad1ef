import type { Config } from '../config/index.ts';
import { hasDemoRows } from '../demo/index.ts';
import {
  type DatabaseTarget,
  type EmbeddedPostgres,
  parseTarget,
  startEmbedded,
  withSetupConnection,
} from '../store/index.ts';

/** The database that the configuration names, or our own. */
export interface Database {
  readonly target: DatabaseTarget;
  readonly embedded: EmbeddedPostgres | undefined;
}

/** Finds the database, starting the embedded one when no DATABASE_URL is set. @throws StartupError */
export async function findDatabase(config: Config, onEvent: (message: string) => void): Promise<Database> {
  if (config.database.url !== undefined) return { target: parseTarget(config.database.url), embedded: undefined };
  const embedded = await startEmbedded({ dataDir: config.dataDir, onEvent });
  return { target: embedded.target, embedded };
}

/** What in the database forbids a production start. Looks only; an empty database has no fault. */
export async function databaseFaults(config: Config, { target }: Database): Promise<readonly string[]> {
  if (config.mode !== 'production') return [];
  const demo = await withSetupConnection(target, config.database, hasDemoRows);
  return demo
    ? [
        'the database holds demo data, whose credentials lie in a file; use another database (DATABASE_URL or COUNTERSIGN_DATA_DIR)',
      ]
    : [];
}
