import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdminApp, createApp, createWaitingRoom, type Surroundings } from '../app.ts';
import { type Clock, createSealer, systemClock } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { type Listener, listen, type Readiness } from '../http/index.ts';
import { openStore } from '../store/index.ts';
import { createLogger, createMetrics, type Logger } from '../telemetry/index.ts';
import { Opened } from './opened.ts';
import { findGround, furnish, type Ground } from './prepare.ts';

/** A server that answers. */
export interface Server {
  readonly config: Config;
  readonly logger: Logger;
  readonly port: number;
  /** Says no at /readyz, finishes what is in flight, then closes the clients and last the embedded database. */
  stop(): Promise<void>;
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
  const listener = await listen(handler, { ...config.listen, requestTimeout, variable: 'PORT' });
  opened.add(() => listener.close(timeout));
  return listener;
}

/** What one process does: takes the address, then answers from a database that `prepare` has made ready. */
export interface Attendance {
  readonly config: Config;
  readonly ground: Ground;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly opened: Opened;
  /** Runs once the address is had: a server that cannot have it should not change the database. */
  readonly prepare: () => Promise<void>;
}

/** Serves from this process. */
export async function attend({ config, ground, logger, clock, opened, prepare }: Attendance): Promise<Server> {
  const phase: Phase = { reason: 'starting' };
  const readiness: Readiness = () =>
    phase.reason === undefined ? { ready: true } : { ready: false, reason: phase.reason };
  const around = { config, logger, metrics: createMetrics(), clock, readiness };

  let handler = createWaitingRoom(around);
  const listener = await openListeners(around, (req, res) => handler(req, res), opened);
  await prepare();
  const store = await openStore(ground.target, config.database, logger);
  opened.add(() => store.close());
  handler = await createApp(around, store, createSealer(ground.masterKey, config.masterKeys.previous));
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
 * Starts a server in this process: database, schema, keys, demo, listeners.
 * @throws StartupError with every fault that was found; whatever had been opened is closed again.
 */
export async function serve(reading: Reading, clock: Clock = systemClock): Promise<Server> {
  const { config } = reading;
  const logger = createLogger(config.log);
  const opened = new Opened();
  try {
    const ground = await findGround(reading, logger, opened);
    const prepare = () => furnish(config, ground, clock, logger);
    return await attend({ config, ground, logger, clock, opened, prepare });
  } catch (error) {
    await opened.close();
    throw error;
  }
}
