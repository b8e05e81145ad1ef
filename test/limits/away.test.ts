import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLimits, type Limiter, type Verdict } from '../../src/limits/index.ts';
import { parseTarget, type Store } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { openRelay, type Relay } from '../data/relay.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { within } from '../support/within.ts';
import { openNode } from './stores.ts';

const points = 5;

let database: TestDatabase;
let relay: Relay;
let store: Store;
let limiter: Limiter;
let said: string[];
beforeEach(async () => {
  database = await createDatabase();
  relay = await openRelay(database.target);
  store = await openNode(parseTarget(relay.url));
  said = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      said.push(String((JSON.parse(String(chunk)) as { msg: string }).msg));
      done();
    },
  });
  const logger = createLogger({ level: 'info', format: 'json' }, log);
  limiter = createLimits({ wrong: { points, duration: 60 } }, store.sql, logger).wrong;
  await limiter.consume('before');
});
afterEach(async () => {
  relay.resume();
  await store.close();
  await relay.close();
  await database.drop();
});

async function times(count: number, key: string): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let index = 0; index < count; index += 1) verdicts.push(await limiter.consume(key));
  return verdicts;
}

const away = 'attempts are counted by each process for itself until the database is back';
const back = 'attempts are counted in the database again';

describe('while the database is away, a limit', () => {
  it('goes on in memory, says so once, and is shared again afterwards', async () => {
    relay.refuse();
    const verdicts = await times(points + 2, 'guest');
    expect(verdicts.map((verdict) => verdict.allowed)).toEqual([true, true, true, true, true, false, false]);
    expect(verdicts.at(-1)?.retryAfter).toBeGreaterThan(50);
    expect(said).toEqual([away]);
    relay.resume();
    await within(5_000, async () => {
      await limiter.peek('guest');
      return said.length === 2;
    });
    expect(said).toEqual([away, back]);
    expect(await limiter.peek('guest')).toMatchObject({ remaining: points });
    expect(await limiter.peek('before')).toMatchObject({ remaining: points - 1 });
  });

  it('lets no more through at once than it has points, and gives back and forgets as always', async () => {
    relay.refuse();
    const crowd = await Promise.all(Array.from({ length: 30 }, () => limiter.consume('crowd')));
    const inside = crowd.filter((verdict) => verdict.allowed);
    expect(inside).toHaveLength(points);
    await limiter.reward('crowd', inside[0] as Verdict);
    expect(await limiter.peek('crowd')).toMatchObject({ allowed: true, remaining: 1 });
    await limiter.reset('crowd');
    expect(await limiter.peek('crowd')).toMatchObject({ remaining: points });
    await limiter.reward('crowd', inside[1] as Verdict);
    expect(await limiter.peek('crowd')).toMatchObject({ remaining: points });
  });

  it('does not wait for a database that is silent', async () => {
    relay.silence();
    const started = performance.now();
    await times(points, 'patient');
    expect(await limiter.consume('patient')).toMatchObject({ allowed: false });
    expect(performance.now() - started).toBeLessThan(4_000);
    relay.replace();
  });
});
