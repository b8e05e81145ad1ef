import { access, chmod, constants, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupError } from '../../base/index.ts';
import { reasonOf } from './causes.ts';
import { type Account, run } from './command.ts';
import { give, ownerOf } from './files.ts';
import type { Layout } from './layout.ts';

/**
 * Makes the data directory and the socket directory where they are missing, and proves that PostgreSQL can reach them.
 * For an ordinary user they are 0700; under root the data directory stays root's and PostgreSQL's user may only pass
 * through it (0711), since everything inside that is secret is closed itself.
 * @throws StartupError when the directory cannot be used, naming the directory in the way.
 */
export async function prepareDirectories(layout: Layout, account: Account | undefined): Promise<void> {
  const made = await mkdir(layout.dataDir, { recursive: true, mode: 0o700 }).catch(refuse(layout));
  if (account !== undefined && made !== undefined) await openPassage(layout.dataDir, made);
  if (account === undefined) await requireOwn(layout);
  else await requirePassage(layout, account);
  await mkdir(layout.runDir, { recursive: true, mode: 0o700 });
  await give(layout.runDir, account);
}

/** Makes the log file where it is missing, for PostgreSQL's user alone, and answers its size in bytes. */
export async function openLog(layout: Layout, account: Account | undefined): Promise<number> {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  const file = await open(layout.log, O_APPEND | O_CREAT | O_WRONLY | (account ? O_NOFOLLOW : 0), 0o600);
  try {
    if (account !== undefined) await file.chown(account.uid, account.gid);
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

function refuse({ dataDir }: Layout): (cause: unknown) => never {
  return (cause) => {
    const fault = `The data directory ${dataDir} cannot be used (${reasonOf(cause)}): set COUNTERSIGN_DATA_DIR to one that can.`;
    throw new StartupError([fault], { cause });
  };
}

/** From a directory up to one it lies in, both included. */
async function openPassage(directory: string, upTo: string): Promise<void> {
  await chmod(directory, 0o711);
  if (directory.length > upTo.length) await openPassage(dirname(directory), upTo);
}

async function requireOwn(layout: Layout): Promise<void> {
  await access(layout.dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch(refuse(layout));
  const owner = await ownerOf(layout.cluster);
  if (owner === undefined || owner.uid === process.getuid?.()) return;
  throw new StartupError([
    `The database in ${layout.cluster} belongs to the user with the id ${owner.uid}: start Countersign as that user ` +
      'or as root, or set COUNTERSIGN_DATA_DIR to a directory of your own.',
  ]);
}

async function requirePassage({ dataDir }: Layout, account: Account): Promise<void> {
  if (await canEnter(dataDir, account)) return;
  const { uid, mode } = await stat(dataDir);
  if (uid === 0) await chmod(dataDir, (mode & 0o7777) | 0o011);
  if (await canEnter(dataDir, account)) return;
  throw new StartupError([
    `PostgreSQL does not run as root, and the user it runs as (id ${account.uid}) cannot enter ` +
      `${await firstClosed(dataDir, account)}: set COUNTERSIGN_DATA_DIR to a directory outside of it, for example ` +
      '/var/lib/countersign.',
  ]);
}

/** Tried, not computed from the mode: access lists and mount options have a say as well. */
async function canEnter(directory: string, account: Account): Promise<boolean> {
  const { exitCode } = await run('/bin/sh', ['-c', 'cd -- "$0"', directory], { account });
  return exitCode === 0;
}

async function firstClosed(directory: string, account: Account): Promise<string> {
  const parent = dirname(directory);
  if (parent === directory || (await canEnter(parent, account))) return directory;
  return firstClosed(parent, account);
}
