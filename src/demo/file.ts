import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Demo } from './types.ts';

const pathIn = (dataDir: string) => join(dataDir, 'demo.json');

/** Writes the demo's credentials for the one who runs this server, mode 0600. @returns the path. */
export async function writeDemoFile(dataDir: string, demo: Demo): Promise<string> {
  const path = pathIn(dataDir);
  const draft = `${path}.${process.pid}`;
  await mkdir(dataDir, { recursive: true });
  await writeFile(draft, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
  return path;
}

/** The credentials that an earlier start wrote, if they are still there. */
export async function readDemoFile(
  dataDir: string,
): Promise<{ readonly path: string; readonly demo: Demo } | undefined> {
  const path = pathIn(dataDir);
  try {
    return { path, demo: JSON.parse(await readFile(path, 'utf8')) as Demo };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
