import cluster from 'node:cluster';
import { StartupError, systemClock } from '../base/index.ts';
import { loadConfig } from '../config/index.ts';
import { completeApart } from './completion-process.ts';
import { type Server, serve } from './serve.ts';
import { readySummary } from './summary.ts';
import { runWorker } from './worker.ts';
import { serveWithWorkers } from './workers.ts';

/** Says what went wrong, one fault a line on standard error, and sets exit code 1. */
export function reportFaults(what: string, error: unknown): void {
  const faults = error instanceof StartupError ? error.faults : [(error as Error).stack ?? String(error)];
  process.stderr.write(`${what}:\n${faults.map((fault) => `  - ${fault}\n`).join('')}`);
  process.exitCode = 1;
}

/** The first signal drains; a second one, of whoever cannot wait, ends the process at once. */
function stopOnSignal(server: Server): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    server.logger.info({ signal }, 'stopping: no new requests, finishing those in flight');
    server.stop().then(
      () => server.logger.info('stopped'),
      (error) => {
        server.logger.error({ err: error }, 'stopping failed');
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/** Runs the server until a signal ends it. Exit code 0 after a clean stop, 1 when it cannot start. */
export async function runServer(): Promise<void> {
  if (cluster.isWorker) return runWorker(loadConfig());
  try {
    const reading = loadConfig();
    const server = await (reading.config.workers === 1
      ? serve(reading, systemClock, completeApart)
      : serveWithWorkers(reading));
    stopOnSignal(server);
    const { config, logger, port } = server;
    logger.info({ issuer: config.issuer, host: config.listen.host, port }, 'listening');
    if (config.mode !== 'production') process.stdout.write(await readySummary(config));
  } catch (error) {
    reportFaults('Countersign cannot start', error);
  }
}
