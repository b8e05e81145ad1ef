import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import type { DatabaseTarget } from '../target.ts';
import { hasCode } from './causes.ts';
import { databaseName, roleName } from './cluster.ts';
import { unlessMissing } from './files.ts';
import { layoutOf, port } from './layout.ts';

/**
 * The embedded database of a data directory while a server has it running, for tools that work beside that server.
 * @returns nothing where there is none, or none that runs.
 * @throws StartupError when the path cannot be used.
 */
export async function joinEmbedded(dataDir: string): Promise<DatabaseTarget | undefined> {
  const layout = layoutOf(dataDir);
  const password = await unlessMissing(readFile(layout.passwordFile, 'utf8'));
  if (password === undefined) return undefined;
  const target = {
    host: layout.runDir,
    port,
    user: roleName,
    password: password.trim(),
    database: databaseName,
  };
  const probe = postgres({ ...target, host: 'localhost', path: layout.socket, max: 1, backoff: () => 0 });
  try {
    await probe`select 1`;
    return target;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ECONNREFUSED')) return undefined;
    throw cause;
  } finally {
    await probe.end({ timeout: 1 });
  }
}
