import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdminApp, createApp, createWaitingRoom, type Surroundings } from '../app.ts';
import { type Clock, createSealer, type Sealer, StartupError, systemClock } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { seedDemo } from '../demo/index.ts';
import { type Listener, listen, type Readiness } from '../http/index.ts';
import { ensureSigningKeys, resolveMasterKey } from '../keys/index.ts';
import { ensureManagementResource } from '../resources/index.ts';
import { openStore, prepareSchema, type Store } from '../store/index.ts';
import { createLogger, createMetrics, type Logger } from '../telemetry/index.ts';
import { type Database, databaseFaults, findDatabase, refuseFaults } from './database.ts';

/** A server that answers. */
export interface Server {
  readonly config: Config;
  readonly logger: Logger;
  readonly port: number;
  /** Says no at /readyz, finishes what is in flight, then closes the clients and last the embedded database. */
  stop(): Promise<void>;
}

/** What has been opened so far, to be closed in reverse order, on a failed start too. */
class Opened {
  readonly #closers: Array<() => Promise<void>> = [];

  add(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  /** Closes all, whatever fails on the way; the first failure is thrown at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0)) await close().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

interface Phase {
  reason: string | undefined;
}

async function openListeners(around: Surroundings, handler: RequestListener, opened: Opened): Promise<Listener> {
  const { config } = around;
  const { requestTimeout } = config.http;
  const { timeout } = config.shutdown;
  if (config.admin !== undefined) {
    const admin = await listen(createAdminApp(around), { ...config.admin, requestTimeout, variable: 'ADMIN_PORT' });
    opened.add(() => admin.close(timeout));
  }
  return listen(handler, { ...config.listen, requestTimeout, variable: 'PORT' });
}

async function furnish(
  config: Config,
  database: Database,
  sealer: Sealer,
  logger: Logger,
  opened: Opened,
): Promise<Store> {
  const { applied } = await prepareSchema(database.target, config.database);
  for (const name of applied) logger.info({ migration: name }, 'migration applied');
  const store = await openStore(database.target, config.database, logger);
  opened.add(() => store.close());
  if (await ensureSigningKeys(store.sql, sealer, systemClock)) logger.info('signing keys made');
  await ensureManagementResource(store.management, config.issuer, config.tokens.managementSigningAlg);
  if (config.seedDemo) {
    const made = await seedDemo({
      management: store.management,
      sealer,
      issuer: config.issuer,
      dataDir: config.dataDir,
    });
    if (made) logger.info('demo data seeded');
  }
  return store;
}

async function open(reading: Reading, clock: Clock, logger: Logger, opened: Opened): Promise<Server> {
  const { config } = reading;
  await refuseFaults(reading);
  const phase: Phase = { reason: 'starting' };
  const readiness: Readiness = () =>
    phase.reason === undefined ? { ready: true } : { ready: false, reason: phase.reason };
  const around = { config, logger, metrics: createMetrics(), clock, readiness };

  const database = await findDatabase(config, (message) => logger.info(message));
  if (database.embedded !== undefined) opened.add(() => database.embedded?.stop() ?? Promise.resolve());
  const faults = await databaseFaults(config, database.target);
  if (faults.length > 0) throw new StartupError(faults);

  // The address is taken first: a server that cannot have it should not have changed the database.
  let handler = createWaitingRoom(around);
  const listener = await openListeners(around, (req, res) => handler(req, res), opened);
  opened.add(() => listener.close(config.shutdown.timeout));

  const sealer = createSealer(await resolveMasterKey(config), config.masterKeys.previous);
  handler = await createApp(around, await furnish(config, database, sealer, logger, opened), sealer);
  phase.reason = undefined;

  return {
    config,
    logger,
    port: listener.port,
    async stop() {
      phase.reason = 'draining';
      await wait(config.shutdown.delay * 1000);
      await listener.close(config.shutdown.timeout);
      await opened.close();
    },
  };
}

/**
 * Starts a server: database, schema, keys, demo, listeners.
 * @throws StartupError with every fault that was found; whatever had been opened is closed again.
 */
export async function serve(reading: Reading, clock: Clock = systemClock): Promise<Server> {
  const logger = createLogger(reading.config.log);
  const opened = new Opened();
  try {
    return await open(reading, clock, logger, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}
