import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../base/index.ts';
import type { LookupCache, Sql } from '../../store/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Client } from '../types.ts';
import { deleteIdle, noteUse } from './store.ts';

/** Milliseconds within which a client's use is noted once. */
const noteEvery = 3_600_000;
/** Clients whose last note is remembered; whoever falls out is noted once more. */
const mostRemembered = 10_000;

/**
 * Notes when clients that registered themselves were last used, beside the requests that use them: no answer waits for
 * it, and at most once an hour for each client.
 */
export function noteUses(
  clients: LookupCache<Client>,
  { sql, clock, logger }: { readonly sql: Sql; readonly clock: Clock; readonly logger: Logger },
): LookupCache<Client> {
  const noted = new Map<string, number>();

  function note({ clientId }: Client): void {
    const now = clock();
    if (now - (noted.get(clientId) ?? 0) < noteEvery) return;
    if (noted.size >= mostRemembered) noted.clear();
    noted.set(clientId, now);
    noteUse(sql, clientId, new Date(now)).catch((error: unknown) => {
      noted.delete(clientId);
      logger.debug({ err: error }, 'the use of a client was not noted');
    });
  }

  return {
    ...clients,
    async get(clientId) {
      const client = await clients.get(clientId);
      if (client !== undefined && client.origin !== 'managed') note(client);
      return client;
    },
  };
}

const batchSize = 100;
/** Milliseconds between two batches: most of the time is left to the requests. */
const breath = 50;

/**
 * Deletes the clients that registered themselves and were not used for a time, in batches.
 * @param idleTtl seconds. @returns how many.
 */
export async function deleteIdleClients(
  sql: Sql,
  idleTtl: number,
  now: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const unusedSince = new Date(now - idleTtl * 1000);
  let total = 0;
  for (;;) {
    const count = await deleteIdle(sql, unusedSince, batchSize);
    total += count;
    if (count < batchSize || signal.aborted) return total;
    await delay(breath);
  }
}

export interface ExpiryParts {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds. */
  readonly idleTtl: number;
}

/** Milliseconds between two rounds of one process. */
const roundEvery = 3_600_000;

/** Has unused clients deleted from time to time, for as long as the server runs. @returns what ends it. */
export function startClientExpiry({ sql, clock, logger, idleTtl }: ExpiryParts): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function round(): Promise<void> {
    try {
      const count = await deleteIdleClients(sql, idleTtl, clock(), signal);
      if (count > 0) logger.info({ count }, 'unused clients deleted');
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'unused clients were not deleted');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // Nodes drift apart by a random part of it.
      const pause = roundEvery * (0.75 + Math.random() / 2);
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await round();
    }
  }

  void run();
  return () => stopping.abort();
}
