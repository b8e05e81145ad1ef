import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { writeLastUse } from './api-keys/store.ts';

/** Milliseconds for which one note of a use stands for all of them. */
const noteEvery = 60_000;

/** Keys whose last note is remembered. One that is forgotten is noted once more. */
const mostRemembered = 10_000;

/** Notes that an API key was used, without making anybody wait. */
export type NoteUse = (sid: string) => void;

/** Writes the use of a key down at most once a minute, each node for itself. */
export function createUseNotes(sql: Sql, logger: Logger, clock: Clock): NoteUse {
  const noted = new LRUCache<string, number>({ max: mostRemembered });
  return (sid) => {
    const now = clock();
    const last = noted.get(sid);
    if (last !== undefined && now - last < noteEvery) return;
    noted.set(sid, now);
    writeLastUse(sql, sid, new Date(now)).catch((error) => {
      logger.warn({ err: error, api_key: sid }, 'the last use of an API key was not noted');
    });
  };
}
