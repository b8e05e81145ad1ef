import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { unavailability } from './failures.ts';
import { connect, type Sql } from './sql.ts';
import type { DatabaseTarget } from './target.ts';

/** The tables whose rows end by themselves, and the column that says when. Each has an index on it. */
const sweptTables = {
  artifacts: 'expires_at',
  refresh_tokens: 'expires_at',
  sessions: 'expires_at',
  families: 'expires_at',
  replays: 'expires_at',
  revocations: 'expires_at',
  consent_tokens: 'expires_at',
  idempotent_answers: 'expires_at',
  // Milliseconds since the epoch, as the library that counts has it.
  limits: 'expire',
} as const;

type SweptTable = keyof typeof sweptTables;

/** Expired rows stay findable for an hour: late and repeated requests still get the right error. */
const keepInterval = '1 hour';
/** Small enough that no statement holds locks or the disk for long. */
const batchSize = 250;
/** Milliseconds between two batches: most of the time is left to the requests. */
const breath = 25;

export interface SweepResult {
  readonly [table: string]: number;
}

/**
 * Deletes one batch of rows that no other node is deleting. The order makes PostgreSQL follow the index; left to itself
 * it may read the table from its start, over all that has been deleted there already.
 * @returns how many.
 */
async function sweepBatch(sql: Sql, table: SweptTable): Promise<number> {
  const column = sweptTables[table];
  const before =
    column === 'expire'
      ? sql`(extract(epoch from now() - ${keepInterval}::interval) * 1000)::bigint`
      : sql`now() - ${keepInterval}::interval`;
  const { count } = await sql`
    delete from ${sql(table)} where ctid = any (array(
      select ctid from ${sql(table)} where ${sql(column)} < ${before}
      order by ${sql(column)} limit ${batchSize} for update skip locked))`;
  return count;
}

async function sweepTable(sql: Sql, table: SweptTable, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await sweepBatch(sql, table);
    total += count;
    if (count < batchSize || signal.aborted) return total;
    await delay(breath);
  }
}

/** Sweeps every table once. Any number of nodes may do so at a time. */
export async function sweepOnce(sql: Sql, signal: AbortSignal = new AbortController().signal): Promise<SweepResult> {
  const result: Record<string, number> = {};
  for (const table of Object.keys(sweptTables) as SweptTable[]) {
    if (!signal.aborted) result[table] = await sweepTable(sql, table, signal);
  }
  return result;
}

/** The sweep of a running server. */
export interface Sweep {
  stop(): Promise<void>;
}

/**
 * Sweeps in the background on a connection of its own, so that it never takes one from the requests.
 * @param every seconds between two rounds; nodes drift apart by a random part of it.
 */
export function startSweep(target: DatabaseTarget, settings: Config['database'], every: number, logger: Logger): Sweep {
  const sql = connect(target, 'sweep', settings, {
    max: 1,
    idle_timeout: 20,
    // What a crash brings back is expired all the same, so no request need wait for the disk because of it.
    connection: { application_name: 'countersign sweep', synchronous_commit: 'off' },
  });
  const stopping = new AbortController();
  const { signal } = stopping;

  async function round(): Promise<void> {
    try {
      const result = await sweepOnce(sql, signal);
      const swept = Object.values(result).reduce((sum, count) => sum + count, 0);
      if (swept > 0) logger.debug(result, 'expired rows swept');
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ err: error }, unavailability(error) ? 'the sweep waits for the database' : 'the sweep failed');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const pause = every * 1000 * (0.75 + Math.random() / 2);
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await round();
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      await sql.end({ timeout: 1 });
    },
  };
}
