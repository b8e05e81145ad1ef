import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Problem } from '../../src/base/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createGate } from '../../src/limits/gate.ts';
import {
  createLimits,
  createRequestLimits,
  type Gate,
  type RequestLimits,
  type Subject,
} from '../../src/limits/index.ts';
import { createMemory } from '../../src/limits/memory.ts';
import { parseTarget, type Store } from '../../src/store/index.ts';
import { createLogger, createMetrics, type Metrics } from '../../src/telemetry/index.ts';
import { openRelay, type Relay } from '../data/relay.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { within } from '../support/within.ts';
import { openNode, silentLogger } from './stores.ts';

const { config } = readConfig({
  RATE_LIMIT_CLIENT_FAILURES: '5',
  RATE_LIMIT_PUSHED_REQUESTS: '5',
  RATE_LIMIT_REGISTRATIONS: '0',
  RATE_LIMIT_EXEMPT: '10.0.0.0/8,2001:db8::/32',
});

/** A node, and what it says of its limits. */
interface Node {
  readonly limits: RequestLimits;
  readonly metrics: Metrics;
  readonly said: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

function nodeOn({ sql }: Pick<Store, 'sql'>): Node {
  const said: Array<Node['said'][number]> = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      said.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const metrics = createMetrics();
  const logger = createLogger({ level: 'warn', format: 'json' }, log);
  return { limits: createRequestLimits({ config: config.limits, sql, logger, metrics }), metrics, said };
}

/** What a gate refuses with, if it does. */
function refusalOf(gate: Gate, subject: Subject): Problem | undefined {
  try {
    gate.check(() => subject);
    return undefined;
  } catch (error) {
    return error as Problem;
  }
}

const isRefused = (gate: Gate, subject: Subject) => refusalOf(gate, subject)?.status === 429;
const fail = (gate: Gate, subject: Subject, times: number) => {
  for (let index = 0; index < times; index += 1) gate.note(subject);
};

describe('the gates of the limits', () => {
  let database: TestDatabase;
  let stores: readonly [Store, Store];
  let one: Node;
  let other: Node;
  beforeAll(async () => {
    database = await createDatabase();
    stores = [await openNode(database.target), await openNode(database.target)];
  });
  beforeEach(() => {
    [one, other] = [nodeOn(stores[0]), nodeOn(stores[1])];
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await database.drop();
  });

  const counted = async (key: string) => {
    const [row] = await database.sql`select points from limits where key = ${key}`;
    return row?.['points'] as number | undefined;
  };

  it('refuse a client at an address after as many failures as there are points, and nobody else', () => {
    const gate = one.limits.clientFailures;
    const subject = { address: '192.0.2.1', who: 'a' };
    fail(gate, subject, 4);
    expect(isRefused(gate, subject)).toBe(false);
    fail(gate, subject, 1);
    expect(isRefused(gate, subject)).toBe(true);
    expect(isRefused(gate, { ...subject, address: '::ffff:192.0.2.1' })).toBe(true);
    expect(isRefused(gate, { ...subject, address: '192.0.2.2' })).toBe(false);
    expect(isRefused(gate, { ...subject, who: 'b' })).toBe(false);
  });

  it('say how long to wait, but have nobody wait long', () => {
    const subject = { address: '192.0.2.3', who: 'a' };
    fail(one.limits.clientFailures, subject, 5);
    const refusal = refusalOf(one.limits.clientFailures, subject);
    expect(refusal).toMatchObject({ code: 'too_many_requests', status: 429, oauth: 'temporarily_unavailable' });
    expect(refusal?.headers).toEqual({
      'retry-after': '30',
      'ratelimit-policy': '"client-failures";q=5;w=60',
      ratelimit: expect.stringMatching(/^"client-failures";r=0;t=(60|5\d)$/),
    });
  });

  it('are warned of once for each key, and counted each time', async () => {
    const gate = one.limits.clientFailures;
    const subject = { address: '192.0.2.4', who: 'a' };
    fail(gate, subject, 5);
    for (let index = 0; index < 10; index += 1) refusalOf(gate, subject);
    expect(one.said).toEqual([expect.objectContaining({ level: 40, limit: 'client-failures', key: '192.0.2.4 a' })]);
    expect((await one.metrics.render()).body).toContain('countersign_rate_limited_total{limit="client-failures"} 10\n');
  });

  it('count for all nodes, of which each notices with its own next failure at the latest', async () => {
    const subject = { address: '192.0.2.5', who: 'a' };
    fail(one.limits.clientFailures, subject, 5);
    await within(5_000, async () => (await counted('client-failures:192.0.2.5 a')) === 5);
    expect(isRefused(other.limits.clientFailures, subject)).toBe(false);
    fail(other.limits.clientFailures, subject, 1);
    await within(5_000, async () => isRefused(other.limits.clientFailures, subject));
  });

  it('lose no failure of many at once', async () => {
    fail(one.limits.clientFailures, { address: '192.0.2.6', who: 'a' }, 1_000);
    await within(5_000, async () => (await counted('client-failures:192.0.2.6 a')) === 1_000);
  });

  it('take requests one by one, say what is left, and ask the database no more once nothing is', async () => {
    const gate = one.limits.pushedRequests;
    const subject = { address: '192.0.2.7' };
    const left = [];
    for (let index = 0; index < 5; index += 1) left.push((await gate.take(subject))['ratelimit']);
    expect(left.map((field) => /r=(\d)/.exec(String(field))?.[1])).toEqual(['4', '3', '2', '1', '0']);
    for (let index = 0; index < 3; index += 1) await expect(gate.take(subject)).rejects.toMatchObject({ status: 429 });
    expect(await counted('pushed-requests:192.0.2.7')).toBe(5);
    await expect(other.limits.pushedRequests.take(subject)).rejects.toMatchObject({ status: 429 });
  });

  it('let no more through than there are points, however many come at once on two nodes', async () => {
    const takes = Array.from({ length: 40 }, (_, index) =>
      [one, other][index % 2]?.limits.pushedRequests.take({ address: '192.0.2.8' }),
    );
    const outcomes = await Promise.allSettled(takes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it.each(['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::7'])(
    'are open for an address that is listed: %s',
    async (address) => {
      fail(one.limits.clientFailures, { address, who: 'a' }, 20);
      expect(isRefused(one.limits.clientFailures, { address, who: 'a' })).toBe(false);
      for (let index = 0; index < 8; index += 1) expect(await one.limits.pushedRequests.take({ address })).toEqual({});
    },
  );

  it('are open where the limit is 0', async () => {
    for (let index = 0; index < 100; index += 1) {
      expect(await one.limits.registrations.take({ address: '192.0.2.9' })).toEqual({});
    }
    expect(await counted('registrations:192.0.2.9')).toBeUndefined();
  });

  it('open again when counting starts anew, and the next warning is a new one', async () => {
    const limit = { points: 2, duration: 1 };
    const { brief } = createLimits({ brief: limit }, stores[0].sql, silentLogger) as { brief: never };
    const gate = createGate({
      name: 'brief',
      limit,
      limiter: brief,
      keyOf: ({ address }) => address,
      memory: createMemory(silentLogger),
      isExempt: () => false,
      logger: silentLogger,
      metrics: one.metrics,
    });
    const subject = { address: '192.0.2.10' };
    for (let round = 0; round < 2; round += 1) {
      fail(gate, subject, 2);
      expect(isRefused(gate, subject)).toBe(true);
      await within(5_000, async () => !isRefused(gate, subject));
    }
  });

  it('keep keys that are longer than the table takes', async () => {
    const subject = { address: '192.0.2.11', who: `client https://app.example/${'x'.repeat(400)}` };
    expect(await one.limits.managementRequests.take(subject)).toMatchObject({ 'ratelimit-policy': expect.any(String) });
  });
});

describe('the gates of the limits while the database is away', () => {
  let database: TestDatabase;
  let relay: Relay;
  let store: Store;
  beforeEach(async () => {
    database = await createDatabase();
    relay = await openRelay(database.target);
    store = await openNode(parseTarget(relay.url));
  });
  afterEach(async () => {
    relay.resume();
    await store.close();
    await relay.close();
    await database.drop();
  });

  it('count in memory', async () => {
    const { limits } = nodeOn(store);
    await limits.pushedRequests.take({ address: '192.0.2.1' });
    relay.refuse();
    const subject = { address: '192.0.2.2', who: 'a' };
    fail(limits.clientFailures, subject, 5);
    expect(isRefused(limits.clientFailures, subject)).toBe(true);
    for (let index = 0; index < 5; index += 1) await limits.pushedRequests.take({ address: '192.0.2.3' });
    await expect(limits.pushedRequests.take({ address: '192.0.2.3' })).rejects.toMatchObject({ status: 429 });
  });
});
