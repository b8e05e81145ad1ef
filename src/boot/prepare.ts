import { type Clock, createSealer, StartupError } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { seedDemo } from '../demo/index.ts';
import { ensureSigningKeys, resolveMasterKey } from '../keys/index.ts';
import { ensureManagementResource } from '../resources/index.ts';
import { type DatabaseTarget, openStore, prepareSchema } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { databaseFaults, findDatabase, refuseFaults } from './database.ts';
import type { Opened } from './opened.ts';

/** What a server needs besides its configuration: where the database is, and the key to what is sealed in it. */
export interface Ground {
  readonly target: DatabaseTarget;
  readonly masterKey: Buffer;
}

/**
 * Finds the database and looks whether this configuration may run on it; changes nothing in it.
 * @throws StartupError with every fault.
 */
export async function findGround(reading: Reading, logger: Logger, opened: Opened): Promise<Ground> {
  const { config } = reading;
  await refuseFaults(reading);
  const { target, embedded } = await findDatabase(config, (message) => logger.info(message));
  if (embedded !== undefined) opened.add(() => embedded.stop());
  const faults = await databaseFaults(config, target);
  if (faults.length > 0) throw new StartupError(faults);
  return { target, masterKey: await resolveMasterKey(config) };
}

/** Brings the database to what this release needs: schema, signing keys, the platform's own resource, the demo. */
export async function furnish(config: Config, ground: Ground, clock: Clock, logger: Logger): Promise<void> {
  const { applied } = await prepareSchema(ground.target, config.database);
  for (const name of applied) logger.info({ migration: name }, 'migration applied');
  const sealer = createSealer(ground.masterKey, config.masterKeys.previous);
  const store = await openStore(ground.target, { ...config.database, poolSize: 1, managementPoolSize: 1 }, logger);
  try {
    if (await ensureSigningKeys(store.sql, sealer, clock)) logger.info('signing keys made');
    await ensureManagementResource(store, config.issuer, config.tokens.managementSigningAlg);
    if (!config.seedDemo) return;
    const { sql, management } = store;
    const seeded = { sql, management, sealer, issuer: config.issuer, dataDir: config.dataDir };
    if (await seedDemo(seeded)) logger.info('demo data seeded');
  } finally {
    await store.close();
  }
}
