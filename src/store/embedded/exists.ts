import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from './layout.ts';

/** Whether a data directory holds an embedded database already. Looks only. */
export function hasEmbeddedDatabase(dataDir: string): boolean {
  return existsSync(join(layoutOf(dataDir).cluster, 'PG_VERSION'));
}
