import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DemoFile } from '../support/house.ts';
import { endProcesses, type ServerProcess, startServer } from '../support/process.ts';
import { type Load, type Sample, startLoad } from './load.ts';
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts';
import { openRelay, type Relay } from './relay.ts';
import { type Cast, makeCast, visitsTo } from './visits.ts';

/** Milliseconds: longer than the 2 s for which caches and revocations trust a silent feed. */
const absence = 3_500;
/** Milliseconds from the database's return within which everything works again. */
const recovery = 2_000;
/** Milliseconds within which a request is answered that needs the database while it is silent. */
const longestWait = 3_000;

let own: OwnPostgres;
let relay: Relay;
let direct: ServerProcess;
let relayed: ServerProcess;
const ended: string[] = [];

async function startWatched(name: string, url: string, dataDir: Readonly<Record<string, string>> = {}) {
  const variables = { NODE_ENV: 'test', DATABASE_URL: url, SEED_DEMO: 'true', LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
  const server = await startServer({ ...variables, ...dataDir });
  void server.exited.then(() => ended.push(name));
  return server;
}

beforeAll(async () => {
  own = await startOwnPostgres();
  direct = await startWatched('direct', own.database.url);
  relay = await openRelay(own.database.target);
  relayed = await startWatched('relayed', relay.url, { COUNTERSIGN_DATA_DIR: direct.dataDir });
});

afterAll(async () => {
  await endProcesses();
  await relay.close();
  await own.remove();
});

/** How a database goes away and comes back, and the server that has it. */
interface Absence {
  readonly how: string;
  readonly server: () => ServerProcess;
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

const absences: readonly Absence[] = [
  {
    how: 'stopped',
    server: () => direct,
    leave: () => own.stop(),
    comeBack: () => own.start(),
  },
  {
    how: 'killed',
    server: () => direct,
    leave: () => own.crash(),
    comeBack: () => own.start(),
  },
  {
    how: 'gone from behind its proxy',
    server: () => relayed,
    leave: async () => relay.refuse(),
    comeBack: async () => relay.resume(),
  },
  {
    how: 'silent for a while',
    server: () => relayed,
    leave: async () => relay.silence(),
    comeBack: async () => relay.resume(),
  },
  {
    how: 'silent until another takes over its address',
    server: () => relayed,
    leave: async () => relay.silence(),
    comeBack: async () => relay.replace(),
  },
];

const describeSample = ({ name, status, body, answeredAt, sentAt }: Sample) =>
  `${name}: ${status} ${JSON.stringify(body)} after ${Math.round(answeredAt - sentAt)} ms`;
const isGood = ({ status }: Sample) => status === 200 || status === 201;
const countsOf = (samples: readonly Sample[], names: readonly string[]) =>
  names.map((name) => samples.filter((sample) => sample.name === name).length);

describe.each(absences)('while the database is $how', ({ server, leave, comeBack }) => {
  let cast: Cast;
  let visits: ReturnType<typeof visitsTo>;
  let load: Load;
  let strangerMeanwhile: Awaited<ReturnType<typeof visits.askAsStranger>>;
  let away = { from: 0, to: 0 };
  let back = 0;

  /** Those sent and answered in the meantime: what was still under way when the database came back may succeed. */
  const duringAbsence = (group: object) =>
    load.between(away.from, away.to).filter(({ name, answeredAt }) => name in group && answeredAt < away.to);

  beforeAll(async () => {
    const { issuer } = server();
    const demo = JSON.parse(await readFile(join(server().dataDir, 'demo.json'), 'utf8')) as DemoFile;
    cast = await makeCast(own.database, server(), demo);
    visits = visitsTo(issuer, cast);
    load = startLoad({ ...visits.fromMemory, ...visits.fromDatabase });
    await wait(1_000);
    await leave();
    const from = performance.now();
    strangerMeanwhile = await visits.askAsStranger();
    await wait(absence - (performance.now() - from));
    away = { from, to: performance.now() };
    await comeBack();
    back = performance.now();
    await wait(recovery + 700);
    await load.stop();
  }, 60_000);

  it('goes on with what it holds in memory, without delay', () => {
    const asked = load.samples.filter(({ name }) => name in visits.fromMemory);
    const late = asked.filter(({ sentAt, answeredAt }) => answeredAt - sentAt > 1_500);
    expect([...asked.filter((sample) => !isGood(sample)), ...late].map(describeSample)).toEqual([]);
    const counts = countsOf(duringAbsence(visits.fromMemory), Object.keys(visits.fromMemory));
    expect(Math.min(...counts)).toBeGreaterThan(5);
  });

  it('answers what it cannot know with 503 and a short Retry-After, within a bound', () => {
    const asked = duringAbsence(visits.fromDatabase);
    const wrong = asked.filter(
      ({ status, retryAfter, body }) =>
        status !== 503 || retryAfter !== '1' || body['error'] !== 'temporarily_unavailable',
    );
    const late = load.samples.filter(({ sentAt, answeredAt }) => answeredAt - sentAt > longestWait);
    expect([...wrong, ...late].map(describeSample)).toEqual([]);
    expect(Math.min(...countsOf(asked, Object.keys(visits.fromDatabase)))).toBeGreaterThan(3);
    expect(strangerMeanwhile).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
  });

  it('recovers within two seconds of its return', async () => {
    const failures = load.between(back + recovery, Number.POSITIVE_INFINITY).filter((sample) => !isGood(sample));
    expect(failures.map(describeSample)).toEqual([]);
    const counts = countsOf(load.between(back + recovery, Number.POSITIVE_INFINITY), Object.keys(visits.fromDatabase));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(await visits.askAsStranger()).toMatchObject({ status: 200 });
  });

  it('has lost nothing that it acknowledged', async () => {
    const { opaqueTokens, revoked } = visits.acknowledged;
    const opaque = await Promise.all(opaqueTokens.map((token) => visits.isActive(token, cast.opaque)));
    const taken = await Promise.all(revoked.map((token) => visits.isActive(token, cast.machine)));
    expect([opaque.length > 10, taken.length > 10]).toEqual([true, true]);
    expect(opaque.filter((active) => active !== true)).toEqual([]);
    expect(taken.filter((active) => active !== false)).toEqual([]);
    expect(visits.refusals).toEqual([]);
  });

  it('is the same process as before', async () => {
    expect((await fetch(`${server().issuer}/healthz`)).status).toBe(200);
    expect(ended).toEqual([]);
  });
});
