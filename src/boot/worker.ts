import cluster from 'node:cluster';
import { StartupError, systemClock } from '../base/index.ts';
import type { Config, Reading } from '../config/index.ts';
import { createLogger, createMetrics } from '../telemetry/index.ts';
import { type Ground, type PackedGround, unpackGround } from './ground.ts';
import { Opened } from './opened.ts';
import { attendWithOthers, type Server } from './serve.ts';

/** What the primary tells a worker. */
export type Order = { readonly kind: 'attend'; readonly ground: PackedGround } | { readonly kind: 'stop' };

/** What a worker tells the primary. */
export type Report =
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly faults: readonly string[] };

function tell(report: Report): void {
  process.send?.(report);
}

/** What the primary orders, listened to from the first moment on: it gives no order twice. */
interface Orders {
  readonly ground: Promise<Ground>;
  /** Resolves at the primary's word, or when the primary is gone. */
  readonly stop: Promise<void>;
}

function listenToOrders(config: Config): Orders {
  // Where the primary dies, Node would end a worker in the middle of its answers.
  Object.assign(cluster.worker ?? {}, { exitedAfterDisconnect: true });
  return {
    ground: new Promise((resolve) => {
      process.on('message', (given: Order) => {
        if (given.kind === 'attend') resolve(unpackGround(given.ground, config));
      });
    }),
    stop: new Promise((resolve) => {
      process.on('message', (given: Order) => {
        if (given.kind === 'stop') resolve();
      });
      process.on('disconnect', () => resolve());
    }),
  };
}

async function firstOrder({ ground, stop }: Orders): Promise<Ground> {
  const order = await Promise.race([ground, stop]);
  if (order === undefined) throw new StartupError(['the worker was stopped before it started']);
  return order;
}

/** Stops when it is told to. Signals are the primary's business. */
async function obey({ stop }: Orders, server: Server): Promise<void> {
  await stop;
  try {
    await server.stop();
  } catch (error) {
    server.logger.error({ err: error }, 'a worker did not stop cleanly');
    process.exitCode = 1;
  }
  process.exit();
}

/** Runs a worker of a server of several processes. */
export async function runWorker({ config }: Reading): Promise<void> {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  process.on('SIGTERM', ignore);
  const logger = createLogger(config.log);
  const opened = new Opened();
  const orders = listenToOrders(config);
  // Before the first word: from then on the primary asks this process too what it counts, and waits for the answer.
  const metrics = createMetrics();
  try {
    tell({ kind: 'hello' });
    const ground = await firstOrder(orders);
    const own = { ...config, admin: undefined };
    const server = await attendWithOthers({ config: own, ground, logger, metrics, clock: systemClock, opened });
    tell({ kind: 'ready' });
    await obey(orders, server);
  } catch (error) {
    await opened.close();
    const faults = error instanceof StartupError ? error.faults : [(error as Error).stack ?? String(error)];
    tell({ kind: 'failed', faults });
    process.exitCode = 1;
    process.disconnect?.();
  }
}
