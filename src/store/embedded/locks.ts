import { randomUUID } from 'node:crypto';
import { readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './causes.ts';
import { run } from './command.ts';
import { unlessMissing } from './files.ts';
import type { Layout } from './layout.ts';

/** The process id of the PostgreSQL that runs on the cluster, also while it starts or stops; undefined when none does. */
export async function runningPid({ cluster }: Layout): Promise<number | undefined> {
  const content = await unlessMissing(readFile(pidFile(cluster), 'utf8'));
  if (content === undefined) return undefined;
  const pid = pidIn(content);
  return (await isPostgres(pid, cluster)) ? pid : undefined;
}

/**
 * Removes PostgreSQL's lock files when the process they name is alive but is not PostgreSQL. After a crash of the
 * machine, and nearly always after that of a container, the number belongs to someone else; PostgreSQL cannot tell and
 * would refuse to start. Files that name no living process are left to PostgreSQL, which knows more tests.
 * To be called only when nothing answers on the socket.
 */
export async function removeForeignLocks({ cluster, socket }: Layout): Promise<void> {
  for (const file of [pidFile(cluster), `${socket}.lock`]) {
    const content = await unlessMissing(readFile(file, 'utf8'));
    if (content === undefined) continue;
    const pid = pidIn(content);
    if (isAlive(pid) && !(await isPostgres(pid, cluster))) await removeUnlessChanged(file, content);
  }
}

const pidFile = (cluster: string) => join(cluster, 'postmaster.pid');

/** A stand-alone backend writes its number as a negative one; 0 stands for a file without any. */
function pidIn(content: string): number {
  return Math.abs(Number.parseInt(content, 10)) || 0;
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return hasCode(cause, 'EPERM');
  }
}

/** PostgreSQL works in its cluster's directory, which Linux tells; elsewhere the command's name has to do. */
async function isPostgres(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') {
    return (await run('ps', ['-o', 'comm=', '-p', String(pid)])).output.includes('postgres');
  }
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
  } catch (cause) {
    return !hasCode(cause, 'ENOENT');
  }
}

/** Another server may have removed the file and started PostgreSQL since we read it: then its new file goes back. */
async function removeUnlessChanged(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await unlessMissing(rename(file, aside));
  const moved = await unlessMissing(readFile(aside, 'utf8'));
  if (moved === content) await rm(aside);
  else if (moved !== undefined) await rename(aside, file);
}
