import { StartupError } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { hasDemoRows } from '../demo/index.ts';
import {
  type DatabaseTarget,
  type EmbeddedPostgres,
  hasEmbeddedDatabase,
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

const demoFault =
  'the database holds demo data, whose credentials lie in a file; use another one (DATABASE_URL or COUNTERSIGN_DATA_DIR)';

/** What in a database forbids a production start. An empty database has no fault. */
export async function databaseFaults(config: Config, target: DatabaseTarget): Promise<readonly string[]> {
  if (config.mode !== 'production') return [];
  return (await withSetupConnection(target, config.database, hasDemoRows)) ? [demoFault] : [];
}

/** A database may be looked into for further faults when it is there and the variables that name it are sound. */
function mayLook({ config, faults }: Reading): boolean {
  if (config.mode !== 'production') return false;
  if (faults.some((fault) => /^(DATABASE_URL|COUNTERSIGN_DATA_DIR):/.test(fault))) return false;
  return config.database.url !== undefined || hasEmbeddedDatabase(config.dataDir);
}

async function lookForFaults(config: Config): Promise<readonly string[]> {
  const database = await findDatabase(config, () => undefined);
  try {
    return await databaseFaults(config, database.target);
  } finally {
    await database.embedded?.stop();
  }
}

/**
 * Refuses a faulty configuration, with what the database adds to it: an operator should mend everything in one go.
 * @throws StartupError with all faults.
 */
export async function refuseFaults(reading: Reading): Promise<void> {
  if (reading.faults.length === 0) return;
  const faults = [...reading.faults];
  if (mayLook(reading)) {
    try {
      faults.push(...(await lookForFaults(reading.config)));
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      faults.push(...error.faults);
    }
  }
  throw new StartupError(faults);
}
