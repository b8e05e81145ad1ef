import { type DatabaseTarget, openStore, type Store } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings } from '../support/database.ts';

/** Opens a database as one node would, with connections enough for attempts at once. */
export function openNode(target: DatabaseTarget): Promise<Store> {
  return openStore(target, { ...adminSettings, poolSize: 8 }, silentLogger);
}

export const silentLogger = createLogger({ level: 'silent', format: 'json' });
