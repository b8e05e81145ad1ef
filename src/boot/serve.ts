import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdminApp, createApp, createWaitingRoom, type Surroundings } from '../app.ts';
import { type Clock, createSealer, systemClock } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { type Listener, listen, type Readiness } from '../http/index.ts';
import { openStore, startSweep } from '../store/index.ts';
import { createLogger, createMetrics, type Logger, type Metrics } from '../telemetry/index.ts';
import type { Completion } from './completion.ts';
import type { Ground } from './ground.ts';
import { Opened } from './opened.ts';
import { findGround, furnish } from './prepare.ts';

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

/** What one process serves with. */
export interface Attendance {
  readonly config: Config;
  readonly ground: Ground;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly opened: Opened;
}

/** A process that is to answer: what surrounds it, and what it does at any moment. */
function begin({ config, logger, metrics, clock }: Attendance) {
  const phase: Phase = { reason: 'starting' };
  const readiness: Readiness = () =>
    phase.reason === undefined ? { ready: true } : { ready: false, reason: phase.reason };
  return { phase, around: { config, logger, metrics, clock, readiness } satisfies Surroundings };
}

/** Opens what answers: the clients of a database that is ready, the public server on them, the sweep. */
async function openApp(around: Surroundings, { ground, opened }: Attendance): Promise<RequestListener> {
  const { config, logger } = around;
  const store = await openStore(ground.target, config.database, logger);
  opened.add(() => store.close());
  const app = await createApp(around, store, createSealer(ground.masterKey, config.masterKeys.previous));
  opened.add(async () => app.close());
  const sweep = startSweep(ground.target, config.database, config.sweepInterval, logger);
  opened.add(() => sweep.stop());
  return app.handler;
}

function running({ config, logger, opened }: Attendance, listener: Listener, phase: Phase): Server {
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

/** Takes the address before it prepares the database: a server that cannot have it should not change anything. */
async function attend(attendance: Attendance, prepare: () => Promise<void>): Promise<Server> {
  const { phase, around } = begin(attendance);
  let handler = createWaitingRoom(around);
  const listener = await openListeners(around, (req, res) => handler(req, res), attendance.opened);
  await prepare();
  handler = await openApp(around, attendance);
  return running(attendance, listener, phase);
}

/**
 * Serves as one process of several, on a database that has been prepared. It shares the address with the others, so it
 * takes it last: a request that it were handed before it can answer, another one would have answered.
 */
export async function attendWithOthers(attendance: Attendance): Promise<Server> {
  const { phase, around } = begin(attendance);
  const handler = await openApp(around, attendance);
  const listener = await openListeners(around, handler, attendance.opened);
  return running(attendance, listener, phase);
}

/**
 * Starts a server in this process: database, schema, keys, demo, listeners.
 * @param complete how to make what takes the management services: in this process by default.
 * @throws StartupError with every fault that was found; whatever had been opened is closed again.
 */
export async function serve(reading: Reading, clock: Clock = systemClock, complete?: Completion): Promise<Server> {
  const { config } = reading;
  const logger = createLogger(config.log);
  const opened = new Opened();
  try {
    const ground = await findGround(reading, logger, opened);
    const attendance = { config, ground, logger, metrics: createMetrics(), clock, opened };
    return await attend(attendance, () => furnish(attendance, complete));
  } catch (error) {
    await opened.close();
    throw error;
  }
}
