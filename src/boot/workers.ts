import cluster, { type Worker } from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdminApp } from '../app.ts';
import { StartupError, systemClock } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { listen, type Readiness } from '../http/index.ts';
import { createLogger, createWorkerMetrics, type Logger } from '../telemetry/index.ts';
import { completeApart } from './completion-process.ts';
import { type Ground, packGround } from './ground.ts';
import { Opened } from './opened.ts';
import { findGround, furnish } from './prepare.ts';
import type { Server } from './serve.ts';
import type { Order, Report } from './worker.ts';

/** A worker that dies at once is not replaced at once: milliseconds, so that a lasting fault does not spin. */
const respawnDelay = 500;

/** The workers of a primary process. */
interface Crew {
  /** Forks them, and from then on replaces one that dies. @throws StartupError when one cannot start. */
  start(): Promise<void>;
  attending(): number;
  /** Resolves when no worker is on its way between its fork and its first word: until then it hears nothing. */
  greeted(): Promise<void>;
  stop(): Promise<void>;
  /** Ends them without waiting for what they have begun. */
  kill(): void;
}

function orderFor(ground: Ground): Order {
  return { kind: 'attend', ground: packGround(ground) };
}

/** A worker whose channel is closed already is on its way out: its exit is what is waited for, not this order. */
const order = (worker: Worker, what: Order) => worker.send(what, () => undefined);

/** Resolves at a worker's first word, or when there will be none. */
function greeting(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('message', () => resolve());
    worker.once('exit', () => resolve());
  });
}

/** Prepares to fork workers, to replace one that dies, and to stop them all. */
function createCrew(count: number, ground: Ground, logger: Logger): Crew {
  const attending = new Set<number>();
  const greetings = new Set<Promise<void>>();
  let stopping = false;
  let started = false;
  let resolve: () => void = () => undefined;
  let reject: (fault: StartupError) => void = () => undefined;
  const ready = new Promise<void>((onReady, onFault) => {
    resolve = onReady;
    reject = onFault;
  });

  function onReport(worker: Worker, report: Report): void {
    if (report.kind === 'hello') order(worker, stopping ? { kind: 'stop' } : orderFor(ground));
    if (report.kind === 'failed') reject(new StartupError(report.faults));
    if (report.kind !== 'ready') return;
    attending.add(worker.id);
    if (attending.size < count) return;
    started = true;
    resolve();
  }

  async function onExit(worker: Worker, code: number, signal: string | null): Promise<void> {
    attending.delete(worker.id);
    if (!started) reject(new StartupError([`a worker ended at its start (${signal ?? code})`]));
    if (stopping || !started) return;
    logger.error({ worker: worker.process.pid, code, signal }, 'a worker died and is replaced');
    await wait(respawnDelay);
    if (!stopping) hire();
  }

  function hire(): void {
    const worker = cluster.fork();
    const greeted = greeting(worker);
    greetings.add(greeted);
    void greeted.then(() => greetings.delete(greeted));
    worker.on('message', (report: Report) => onReport(worker, report));
    worker.on('exit', (code, signal) => void onExit(worker, code, signal));
  }

  return {
    start() {
      for (let hired = 0; hired < count; hired += 1) hire();
      return ready;
    },
    attending: () => attending.size,
    async greeted() {
      await Promise.all(greetings);
    },
    async stop() {
      stopping = true;
      await Promise.all(present().map(dismiss));
    },
    kill() {
      for (const worker of present()) worker.process.kill('SIGKILL');
    },
  };
}

function present(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/** A worker that has not said a word yet gets its order in answer to its first one. */
async function dismiss(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  order(worker, { kind: 'stop' });
  await gone;
}

/**
 * Starts a server of several processes: this one prepares the database and watches, the workers answer.
 * @throws StartupError with every fault that was found.
 */
export async function serveWithWorkers(reading: Reading): Promise<Server> {
  const { config } = reading;
  const logger = createLogger(config.log);
  const opened = new Opened();
  try {
    const ground = await findGround(reading, logger, opened);
    await tryAddresses(config);
    await furnish({ config, ground, clock: systemClock, logger }, completeApart);
    return await lead(config, ground, logger, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The addresses are tried before the database is changed, as a single process does. */
async function tryAddresses({ listen: address, admin }: Config): Promise<void> {
  const addresses = [
    { ...address, variable: 'PORT' },
    ...(admin === undefined ? [] : [{ ...admin, variable: 'ADMIN_PORT' }]),
  ];
  for (const options of addresses) {
    const probe = await listen((_req, res) => res.destroy(), { ...options, requestTimeout: 1 });
    await probe.close(0);
  }
}

async function lead(config: Config, ground: Ground, logger: Logger, opened: Opened): Promise<Server> {
  let draining = false;
  const crew = createCrew(config.workers, ground, logger);
  // Whoever cannot wait ends the primary while it drains: the order to stop may still lie in a worker's channel.
  process.once('exit', () => {
    if (draining) crew.kill();
  });
  const readiness: Readiness = () => {
    if (draining) return { ready: false, reason: 'draining' };
    return crew.attending() > 0 ? { ready: true } : { ready: false, reason: 'starting' };
  };
  if (config.admin !== undefined) {
    const metrics = createWorkerMetrics(crew.greeted);
    const around = { config, logger, metrics, clock: systemClock, readiness };
    const options = { ...config.admin, requestTimeout: config.http.requestTimeout, variable: 'ADMIN_PORT' };
    const admin = await listen(createAdminApp(around), options);
    opened.add(() => admin.close(config.shutdown.timeout));
  }
  opened.add(() => crew.stop());
  await crew.start();
  return {
    config,
    logger,
    port: config.listen.port,
    async stop() {
      draining = true;
      await crew.stop();
      await opened.close();
    },
  };
}
