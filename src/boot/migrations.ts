import { StartupError } from '../base/index.ts';
import { loadConfig } from '../config/index.ts';
import { type MigrationReport, migrate, pendingMigrations, withSetupConnection } from '../store/index.ts';
import { findDatabase } from './database.ts';

/** What a look at, or an update of, the configured database found. */
export interface SchemaState extends MigrationReport {
  readonly pending: readonly string[];
}

/**
 * Brings the configured database's schema up to date, or with `check` only looks. Starts the embedded database when
 * there is no DATABASE_URL, and stops it again.
 * @throws StartupError with what is wrong.
 */
export async function updateSchema(check: boolean, onEvent: (message: string) => void): Promise<SchemaState> {
  const { config, faults } = loadConfig();
  const faulty = faults.filter((fault) => fault.startsWith('DATABASE') || fault.startsWith('COUNTERSIGN_DATA_DIR'));
  if (faulty.length > 0) throw new StartupError(faulty);
  const database = await findDatabase(config, onEvent);
  try {
    return await withSetupConnection(database.target, config.database, async (sql) => {
      if (check) return { applied: [], alreadyThere: 0, pending: await pendingMigrations(sql) };
      return { ...(await migrate(sql)), pending: [] };
    });
  } finally {
    await database.embedded?.stop();
  }
}
