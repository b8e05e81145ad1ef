import { chmod, constants, copyFile, mkdir, open, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { exists } from './files.ts';
import { makeAside } from './workshop.ts';

/** A line of `pg-symlinks.json`: `target` is the link, `source` the library it names. Both start with `native/`. */
interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** Only for compiling against PostgreSQL. */
const unneeded = /\.a$|(^|\/)(pkgconfig|pgxs|include)(\/|$)/;

/**
 * Makes the links between library versions that an npm package cannot hold and its install script would have made.
 * Answers false when some are missing and may not be made there.
 */
export async function linkLibraries(native: string): Promise<boolean> {
  const links: LibraryLink[] = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  const made = await Promise.all(links.map((link) => linkLibrary(native, link)));
  return made.every((there) => there);
}

async function linkLibrary(native: string, { source, target }: LibraryLink): Promise<boolean> {
  const path = join(native, relative('native', target));
  if (await exists(path)) return true;
  try {
    await symlink(relative(dirname(target), source), path);
    return true;
  } catch {
    // Read-only, or made by a server starting beside us.
    return exists(path);
  }
}

/**
 * Copies the binaries to `place`, readable and executable for every user, with their library links. A server doing the
 * same beside us does no harm: the copy that is there first stays.
 */
export async function copyBinaries(native: string, place: string): Promise<void> {
  await makeAside(place, undefined, async (copy) => {
    await copyFiles(native, copy);
    await linkLibraries(copy);
  });
}

async function copyFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const named = entries.map((entry) => ({ entry, path: relative(from, join(entry.parentPath, entry.name)) }));
  const needed = named.filter(({ path }) => !unneeded.test(path));
  const directories = needed.filter(({ entry }) => entry.isDirectory());
  await makeDirectory(to);
  for (const { path } of directories) await makeDirectory(join(to, path));
  const files = needed.filter(({ entry }) => entry.isFile());
  await Promise.all(files.map(({ path }) => copyOne(join(from, path), join(to, path))));
}

/** The mode is set apart from the making because our umask may be strict. */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function copyOne(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r');
  try {
    await file.chmod(0o755);
    await file.sync();
  } finally {
    await file.close();
  }
}
