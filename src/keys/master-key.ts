import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../base/index.ts';
import type { Config } from '../config/index.ts';

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url');
    if (key.length !== 32) throw new StartupError([`${path} does not hold a master key (32 bytes in base64url)`]);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A hard link appears whole or not at all and never replaces: of two processes that start at once, one key stays. */
async function makeKey(directory: string, path: string): Promise<void> {
  const draft = join(directory, `.master-key-${process.pid}`);
  await mkdir(directory, { recursive: true });
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

/** The configured master key, or outside production one that is made once in the data directory (mode 0600). */
export async function resolveMasterKey(config: Pick<Config, 'masterKeys' | 'dataDir'>): Promise<Buffer> {
  if (config.masterKeys.current !== undefined) return config.masterKeys.current;
  const path = join(config.dataDir, 'master.key');
  try {
    const existing = await readKey(path);
    if (existing !== undefined) return existing;
    await makeKey(config.dataDir, path);
    return (await readKey(path)) as Buffer;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      [
        `COUNTERSIGN_DATA_DIR: the master key cannot be kept in ${path} (${(error as Error).message}); set MASTER_KEY or another directory`,
      ],
      { cause: error },
    );
  }
}
