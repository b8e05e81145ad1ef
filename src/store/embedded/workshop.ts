import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './causes.ts';
import type { Account } from './command.ts';
import { give, sync, unlessMissing } from './files.ts';

const prefix = 'new-postgres-';
/** Nothing takes this long to make (milliseconds): what is older was left behind by a crash. */
const leftoverAge = 3_600_000;

/**
 * Makes a directory beside its place and renames it there, so that it appears whole or not at all (across a power cut
 * too, if `make` syncs what it makes). Answers false, leaving the place alone, when something was there first.
 * @param account owns the directory in which `make` works.
 */
export async function makeAside(
  place: string,
  account: Account | undefined,
  make: (path: string) => Promise<void>,
): Promise<boolean> {
  await removeLeftovers(dirname(place));
  const workshop = await mkdtemp(join(dirname(place), prefix));
  try {
    await give(workshop, account);
    const made = join(workshop, 'made');
    await make(made);
    return await renameUnlessThere(made, place);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name);
    const found = await unlessMissing(stat(path));
    if (found && Date.now() - found.mtimeMs > leftoverAge) await rm(path, { recursive: true, force: true });
  }
}

async function renameUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
  } catch (cause) {
    if (hasCode(cause, 'ENOTEMPTY', 'EEXIST')) return false;
    throw cause;
  }
  await sync(dirname(to));
  return true;
}
