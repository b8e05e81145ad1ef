import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFeed } from '../../src/store/feed.ts';
import { available } from '../../src/store/index.ts';
import { connect } from '../../src/store/sql.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { openRelay, type Relay } from './relay.ts';

let database: TestDatabase;
let relay: Relay;
beforeEach(async () => {
  database = await createDatabase('empty');
  relay = await openRelay(database.target);
});
afterEach(async () => {
  await relay.cut();
  await database.drop();
});

/** Milliseconds that some work takes. */
async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

describe('while the database is away', () => {
  it('statements fail as unavailable instead of hanging, and work again as soon as it is back', async () => {
    const sql = connect(relay.target, 'tokens', adminSettings, { max: 2 });
    await available(sql`select 1`);
    await relay.cut();
    // Until the client has noticed: a statement that goes out in that very moment is a matter of its own.
    await wait(50);
    const waits: number[] = [];
    const end = performance.now() + 3_000;
    while (performance.now() < end) {
      const failing = () =>
        expect(available(sql`select 1`)).rejects.toMatchObject({ code: 'unavailable', status: 503 });
      waits.push(await timed(failing));
      await wait(20);
    }
    expect(Math.max(...waits)).toBeLessThan(800);
    await relay.mend();
    expect(await timed(() => sql`select 1`)).toBeLessThan(800);
    await sql.end();
  });

  it('the feed goes on knocking, so that it hears soon after the return', async () => {
    const logger = createLogger({ level: 'silent', format: 'json' });
    const feed = await openFeed(relay.target, adminSettings, logger);
    let gaps = 0;
    feed.onGap(() => {
      gaps += 1;
    });
    await relay.cut();
    await wait(4_000);
    expect(feed.silence()).toBeGreaterThan(3_500);
    await relay.mend();
    const waited = await timed(async () => {
      while (gaps === 0) await wait(10);
    });
    expect(waited).toBeLessThan(1_500);
    await feed.close();
  });

  it('a wrong statement is still a wrong statement, and one that takes too long is unavailable', async () => {
    const sql = connect(relay.target, 'tokens', { connectTimeout: 5, statementTimeoutMs: 100 }, { max: 1 });
    await expect(available(sql`select * from nowhere`)).rejects.toMatchObject({ code: '42P01' });
    await expect(available(sql`select pg_sleep(5)`)).rejects.toMatchObject({ code: 'unavailable' });
    await sql.end();
  });
});
