import { type Clock, createSealer, type Sealer, StartupError, systemClock } from '../base/index.ts';
import { type Config, loadConfig } from '../config/index.ts';
import { ensureSigningKeys, loadKeyRing, resolveMasterKey } from '../keys/index.ts';
import {
  type DatabaseTarget,
  joinEmbedded,
  openStore,
  pendingMigrations,
  type Store,
  withSetupConnection,
} from '../store/index.ts';
import { createLogger } from '../telemetry/index.ts';
import { findDatabase } from './database.ts';
import { Opened } from './opened.ts';

/** What somebody at the command line works with: the database and the key to what is sealed in it. */
export interface Desk {
  readonly config: Config;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** The database of the configuration; the embedded one is joined where a server runs it, else started for a while. */
async function findBeside(config: Config, opened: Opened, onEvent: (message: string) => void): Promise<DatabaseTarget> {
  const running = config.database.url === undefined ? await joinEmbedded(config.dataDir) : undefined;
  if (running !== undefined) return running;
  const { target, embedded } = await findDatabase(config, onEvent);
  if (embedded !== undefined) opened.add(() => embedded.stop());
  return target;
}

async function requireSchema(target: DatabaseTarget, config: Config): Promise<void> {
  const pending = await withSetupConnection(target, config.database, pendingMigrations);
  if (pending.length === 0) return;
  throw new StartupError([`the database lacks ${pending.join(', ')}; run: countersign migrate`]);
}

/**
 * Does a piece of work on the configured database, beside any servers that run on it.
 * @param onEvent progress in words for people.
 * @throws StartupError with what is wrong with configuration or database.
 */
export async function withDesk<Value>(
  work: (desk: Desk) => Promise<Value>,
  onEvent: (message: string) => void,
): Promise<Value> {
  const { config, faults } = loadConfig();
  if (faults.length > 0) throw new StartupError([...faults]);
  const opened = new Opened();
  try {
    const target = await findBeside(config, opened, onEvent);
    await requireSchema(target, config);
    const pools = { ...config.database, poolSize: 1, managementPoolSize: 1 };
    const store = await openStore(target, pools, createLogger({ level: 'error', format: 'json' }));
    opened.add(() => store.close());
    const sealer = createSealer(await resolveMasterKey(config), config.masterKeys.previous);
    // What were sealed under another master key here, no server could open.
    await ensureSigningKeys(store.sql, sealer, systemClock);
    await loadKeyRing(store.sql, sealer, systemClock);
    return await work({ config, store, sealer, clock: systemClock });
  } finally {
    await opened.close();
  }
}
