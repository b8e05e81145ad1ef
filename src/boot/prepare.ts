import { type Clock, createSealer, StartupError } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { ensureSigningKeys, resolveMasterKey } from '../keys/index.ts';
import { openStore, prepareSchema } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { type Completion, completeHere, isComplete } from './completion.ts';
import { databaseFaults, findDatabase, refuseFaults } from './database.ts';
import type { Ground } from './ground.ts';
import type { Opened } from './opened.ts';

/** What {@link furnish} works with. */
export interface Furnishing {
  readonly config: Config;
  readonly ground: Ground;
  readonly clock: Clock;
  readonly logger: Logger;
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

/** Makes the first keys, for which the token path's client is enough. @returns whether the rest is there too. */
async function layKeys(config: Config, ground: Ground, clock: Clock, logger: Logger): Promise<boolean> {
  const sealer = createSealer(ground.masterKey, config.masterKeys.previous);
  const store = await openStore(ground.target, { ...config.database, poolSize: 1, managementPoolSize: 1 }, logger);
  try {
    if (await ensureSigningKeys(store.sql, sealer, clock)) logger.info('signing keys made');
    return await isComplete(store.sql, config);
  } finally {
    await store.close();
  }
}

/**
 * Brings the database to what this release needs: schema, signing keys, the platform's own resource, the demo.
 * @param complete how to make what takes the management services. The usual start finds that there already.
 */
export async function furnish(
  { config, ground, clock, logger }: Furnishing,
  complete: Completion = completeHere,
): Promise<void> {
  const { applied } = await prepareSchema(ground.target, config.database);
  for (const name of applied) logger.info({ migration: name }, 'migration applied');
  if (await layKeys(config, ground, clock, logger)) return;
  for (const made of await complete(config, ground, logger)) logger.info(made);
}
