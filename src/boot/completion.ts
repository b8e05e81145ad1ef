import { createSealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { hasDemoRows, seedDemo } from '../demo/index.ts';
import { ensureManagementResource, lacksManagementResource } from '../resources/index.ts';
import { openStore, type Sql } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Ground } from './ground.ts';

/** Makes what {@link isComplete} misses. @returns what it made, as lines for the log. */
export type Completion = (config: Config, ground: Ground, logger: Logger) => Promise<readonly string[]>;

/** Whether a database holds all that the management services have to make in it: the platform's resource, the demo. */
export async function isComplete(sql: Sql, { issuer, tokens, seedDemo: demo }: Config): Promise<boolean> {
  if (await lacksManagementResource(sql, issuer, tokens.managementSigningAlg)) return false;
  return !demo || (await hasDemoRows(sql));
}

/** Makes it in this process, which from then on holds the management client's query compiler in memory. */
export const completeHere: Completion = async (config, ground, logger) => {
  const store = await openStore(ground.target, { ...config.database, poolSize: 1, managementPoolSize: 1 }, logger);
  const { sql, management } = store;
  const { issuer, dataDir } = config;
  const sealer = createSealer(ground.masterKey, config.masterKeys.previous);
  try {
    await ensureManagementResource(store, issuer, config.tokens.managementSigningAlg);
    if (!config.seedDemo) return [];
    return (await seedDemo({ sql, management, sealer, issuer, dataDir })) ? ['demo data seeded'] : [];
  } finally {
    await store.close();
  }
};
