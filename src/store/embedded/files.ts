import { lchown, lstat, open, stat } from 'node:fs/promises';
import { hasCode } from './causes.ts';
import type { Account } from './command.ts';

/** The value, or undefined when it was of a file that does not exist. */
export async function unlessMissing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    throw cause;
  }
}

/** Whether a file, directory or link of this name exists. */
export async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) !== undefined;
}

/** The owner of a file or directory; undefined when there is none. */
export async function ownerOf(path: string): Promise<Account | undefined> {
  const found = await unlessMissing(stat(path));
  return found && { uid: found.uid, gid: found.gid };
}

/**
 * Hands a file or directory to the account PostgreSQL runs as; nothing to do when that is ourselves. It is root who
 * does this, perhaps in a directory that is that account's own, so a link there must not lead to anything else.
 */
export async function give(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await lchown(path, account.uid, account.gid);
}

/** Has a file's content, or a directory's names, written to the disk. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
