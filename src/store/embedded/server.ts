import { open, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../../base/index.ts';
import type { Site } from './cluster.ts';
import { lastLines, run } from './command.ts';
import { openLog } from './directories.ts';
import { port } from './layout.ts';
import { removeForeignLocks, runningPid } from './locks.ts';

/** Seconds: recovery after a crash may have much to replay. */
const startTimeout = 300;
/** Milliseconds: stopping may have much to write. */
const stopTimeout = 60_000;
const stopPause = 20;

/** Bytes; a log that has grown past this is set aside (one older log is kept) when PostgreSQL is started. */
const logLimit = 10_000_000;

/**
 * Starts PostgreSQL in a session of its own and waits until it takes connections. Answers false when one is running
 * already, which may be starting or stopping, or when another server was faster.
 * @throws StartupError with the end of its log when it cannot be started.
 */
export async function startServer(site: Site, onEvent: (message: string) => void): Promise<boolean> {
  const { layout, account, binaries } = site;
  if ((await runningPid(layout)) !== undefined) return false;
  await removeForeignLocks(layout);
  onEvent(`starting PostgreSQL ${binaries.majorVersion}`);
  const logged = await freshLog(site);
  const waiting = ['-w', '-t', String(startTimeout)];
  // The setting is a list: but for the inner quotes a comma in the path would end an entry.
  const options = `-k ${quoteForShell(`"${layout.runDir}"`)} -p ${port}`;
  const args = ['start', ...waiting, '-D', layout.cluster, '-l', layout.log, '-o', options];
  const { exitCode, output } = await run(binaries.pgCtl, args, { account });
  if (exitCode === 0) return true;
  if ((await runningPid(layout)) !== undefined) return false;
  throw new StartupError([
    `PostgreSQL could not be started in ${layout.cluster}; from ${layout.log}:\n  ` +
      lastLines(`${output}\n${await readFrom(layout.log, logged)}`),
  ]);
}

/**
 * Ends every connection and PostgreSQL itself, everything written to the disk. Nothing to do when it is down.
 * The wait is ours because that of pg_ctl would go on for a PostgreSQL that the next server has started meanwhile.
 */
export async function stopServer({ layout, account, binaries }: Site): Promise<void> {
  const pid = await runningPid(layout);
  if (pid === undefined) return;
  const { output } = await run(binaries.pgCtl, ['stop', '-m', 'fast', '-W', '-D', layout.cluster], { account });
  const deadline = Date.now() + stopTimeout;
  while ((await runningPid(layout)) === pid) {
    if (Date.now() > deadline) {
      throw new Error(`PostgreSQL in ${layout.cluster} (process ${pid}) does not stop:\n  ${lastLines(output)}`);
    }
    await delay(stopPause);
  }
}

/** The size in bytes of the log that the start will append to. */
async function freshLog({ layout, account }: Site): Promise<number> {
  const size = await openLog(layout, account);
  if (size <= logLimit) return size;
  await rename(layout.log, `${layout.log}.1`);
  return openLog(layout, account);
}

async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read({ position, buffer: Buffer.alloc(65_536) });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** `pg_ctl` hands its options to a shell. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
