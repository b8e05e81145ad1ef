import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLimits, type Limiter, type Verdict } from '../../src/limits/index.ts';
import type { Store } from '../../src/store/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openNode, silentLogger } from './stores.ts';

const points = 10;
const table = {
  plain: { points, duration: 60 },
  other: { points, duration: 60 },
  short: { points: 2, duration: 1 },
  blocking: { points: 2, duration: 1, blockDuration: 60 },
};

let database: TestDatabase;
let nodes: readonly Store[];
let limits: ReadonlyArray<Readonly<Record<keyof typeof table, Limiter>>>;
beforeAll(async () => {
  database = await createDatabase();
  nodes = await Promise.all([openNode(database.target), openNode(database.target)]);
  limits = nodes.map(({ sql }) => createLimits(table, sql, silentLogger));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const at = (node: number, name: keyof typeof table) => limits[node]?.[name] as Limiter;
const allowed = (verdicts: readonly Verdict[]) => verdicts.filter((verdict) => verdict.allowed).length;

async function exhaust(limiter: Limiter, key: string, times = points): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let index = 0; index < times; index += 1) verdicts.push(await limiter.consume(key));
  return verdicts;
}

async function pointsOf(key: string): Promise<number | undefined> {
  const [row] = await database.sql`select points from limits where key = ${key}`;
  return row?.['points'] as number | undefined;
}

describe('a limit', () => {
  it('allows as many attempts as it has points, and says how many are left and when to come back', async () => {
    const verdicts = await exhaust(at(0, 'plain'), 'counting', points + 1);
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
    expect(allowed(verdicts)).toBe(points);
    expect(verdicts[points]?.retryAfter).toBeGreaterThan(55);
    expect(verdicts[points]?.retryAfter).toBeLessThanOrEqual(60);
    expect(verdicts[0]?.retryAfter).toBe(0);
  });

  it('is one on all nodes, and one for each key and name', async () => {
    await exhaust(at(0, 'plain'), 'shared');
    expect(await at(1, 'plain').consume('shared')).toMatchObject({ allowed: false });
    expect(await at(1, 'plain').consume('somebody else')).toMatchObject({ allowed: true });
    expect(await at(1, 'other').consume('shared')).toMatchObject({ allowed: true });
  });

  it('lets no more through than it has points, however many come at once on two nodes', async () => {
    for (const round of [1, 2, 3]) {
      const attempts = Array.from({ length: 60 }, (_, index) => at(index % 2, 'plain').consume(`volley ${round}`));
      expect(allowed(await Promise.all(attempts))).toBe(points);
    }
  });

  it('counts no attempt that it refuses: who was early in a crowd may come again', async () => {
    const crowd = await Promise.all(Array.from({ length: 40 }, () => at(0, 'plain').consume('crowd')));
    const inside = crowd.filter((verdict) => verdict.allowed);
    await Promise.all(inside.map((verdict) => at(0, 'plain').reward('crowd', verdict)));
    expect(await pointsOf('plain:crowd')).toBe(0);
    expect(await at(1, 'plain').consume('crowd')).toMatchObject({ allowed: true, remaining: points - 1 });
  });

  it('is looked at without being touched', async () => {
    expect(await at(0, 'plain').peek('seen')).toMatchObject({ allowed: true, remaining: points });
    expect(await pointsOf('plain:seen')).toBeUndefined();
    await exhaust(at(0, 'plain'), 'seen', points - 1);
    expect(await at(1, 'plain').peek('seen')).toMatchObject({ allowed: true, remaining: 1 });
    await at(0, 'plain').consume('seen');
    expect(await at(1, 'plain').peek('seen')).toMatchObject({ allowed: false });
    expect(await pointsOf('plain:seen')).toBe(points);
  });

  it('is forgotten by a reset', async () => {
    await exhaust(at(0, 'plain'), 'forgotten');
    await at(1, 'plain').reset('forgotten');
    expect(await at(0, 'plain').consume('forgotten')).toMatchObject({ allowed: true, remaining: points - 1 });
  });

  it('counts anew when its time is over, which more attempts do not put off', async () => {
    await exhaust(at(0, 'short'), 'time', 2);
    await wait(600);
    expect(await at(0, 'short').consume('time')).toMatchObject({ allowed: false, retryAfter: 1 });
    await wait(500);
    expect(await at(0, 'short').consume('time')).toMatchObject({ allowed: true, remaining: 1 });
  });

  it('gives nothing back once the time of the attempt is over', async () => {
    const old = await at(0, 'short').consume('late');
    await wait(1_100);
    await at(0, 'short').reward('late', old);
    expect(await pointsOf('short:late')).toBe(1);
    await exhaust(at(1, 'short'), 'late', 2);
    await at(0, 'short').reward('late', old);
    expect(await at(0, 'short').consume('late')).toMatchObject({ allowed: false });
  });

  it('with a block refuses for longer than it counts, from the first attempt too many on', async () => {
    const verdicts = await exhaust(at(0, 'blocking'), 'blocked', 3);
    expect(verdicts[2]).toMatchObject({ allowed: false, retryAfter: 60 });
    await wait(1_100);
    const later = await at(1, 'blocking').consume('blocked');
    expect(later.allowed).toBe(false);
    expect(later.retryAfter).toBeGreaterThan(50);
  });

  it('writes nothing for attempts past it', async () => {
    await exhaust(at(0, 'plain'), 'flood');
    const version = async () =>
      (await database.sql`select xmin::text as v from limits where key = 'plain:flood'`)[0]?.['v'];
    const before = await version();
    await exhaust(at(1, 'plain'), 'flood', 20);
    expect(await version()).toBe(before);
  });

  it('that asks the database something wrong fails, instead of counting on in memory', async () => {
    await expect(at(0, 'plain').consume('x'.repeat(300))).rejects.toMatchObject({ code: '22001' });
  });
});
