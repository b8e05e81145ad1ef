import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import type { DemoFile, House } from '../../support/house.ts';
import { endProcesses, type ServerProcess, startServer } from '../../support/process.ts';
import { openRegistry } from '../../support/registry.ts';
import { basic } from '../../support/tokens.ts';
import { insertRows } from '../rows.ts';
import { type Latencies, measure, type Post, send } from './pace.ts';

/**
 * The long form of the retention test, run by `npm run test:retention`: does a token request notice that a million rows
 * are being swept beside a million live ones? Prints what it measured as JSON, one object a line.
 */
const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const rows = number('ROWS', 1_000_000);
const repetitions = number('REPETITIONS', 3);
/** Of each measurement. */
const seconds = number('MEASURE_SECONDS', 20);
/** Seconds from the filling to the sweep. */
const settling = number('SETTLING', 120);
/** Requests a second of each kind: far from saturation, where queues would hide what the sweep costs. */
const rate = number('RATE', 60);

const resource = 'https://opaque.example.com';
let database: TestDatabase;
let server: ServerProcess;
let posts: { readonly issue: Post; readonly introspect: Post };

const report = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

beforeAll(async () => {
  database = await createDatabase();
  const variables = { NODE_ENV: 'test', SEED_DEMO: 'true', LOG_LEVEL: 'warn', SWEEP_INTERVAL: '1' };
  server = await startServer({ ...variables, DATABASE_URL: database.url });
  const demo = JSON.parse(await readFile(join(server.dataDir, 'demo.json'), 'utf8')) as DemoFile;
  const registry = await openRegistry({ database, demo } as House);
  await registry.makeResource({ identifier: resource, tokenFormat: 'opaque', accessTokenTtl: 86_400 });
  const { clientId, clientSecret } = await registry.makeClient();
  await registry.close();
  const headers = basic(clientId, clientSecret);
  const form = { grant_type: 'client_credentials', resource };
  const issue = { url: `${server.issuer}/oauth/token`, headers, form };
  posts = { issue, introspect: { url: `${server.issuer}/oauth/introspect`, headers, form: { token: '' } } };
}, 60_000);

afterAll(async () => {
  await endProcesses();
  await database.drop();
});

interface Measured {
  readonly issue: Latencies;
  readonly introspect: Latencies;
}

async function measureBoth(): Promise<Measured> {
  const { access_token: token } = JSON.parse((await send(posts.issue)).text) as { access_token: string };
  const asking = { ...posts.introspect, form: { token } };
  const [issue, introspect] = await Promise.all([measure(posts.issue, rate, seconds), measure(asking, rate, seconds)]);
  return { issue, introspect };
}

/** Megabytes. */
async function sizes(): Promise<{ readonly table: number; readonly indexes: number }> {
  const [row] = await database.sql<Array<{ table: number; indexes: number }>>`
    select pg_table_size('artifacts') / 1e6::float8 as table, pg_indexes_size('artifacts') / 1e6::float8 as indexes`;
  return { table: Math.round(row?.table ?? 0), indexes: Math.round(row?.indexes ?? 0) };
}

async function countOld(): Promise<number> {
  const [row] = await database.sql<Array<{ found: number }>>`
    select count(*)::int as found from artifacts where expires_at < now() - interval '1 hour'`;
  return row?.found ?? 0;
}

async function sweptToTheEnd(): Promise<void> {
  while ((await countOld()) > 0) await wait(500);
}

/** Milliseconds until the oldest of the rows that are about to have been expired for an hour has been so. */
async function untilSweepable(): Promise<number> {
  const [row] = await database.sql<Array<{ ms: number }>>`
    select extract(epoch from max(expires_at) - now() + interval '1 hour')::float8 * 1000 as ms
    from artifacts where expires_at < now()`;
  return row?.ms ?? 0;
}

/** Fills the table, and lets what the filling itself causes (checkpoints, vacuum) come to rest before the sweep begins. */
async function fill(name: string): Promise<void> {
  await insertRows(database.sql, 'artifacts', `live ${name}`, rows, '20 hours');
  await insertRows(database.sql, 'artifacts', `old ${name}`, rows, `-${3600 - settling} seconds`);
  await database.sql.unsafe('vacuum analyze artifacts');
  await database.sql.unsafe('checkpoint');
  await wait(Math.max(0, await untilSweepable()));
}

async function repetition(name: string): Promise<{ readonly empty: Measured; readonly loaded: Measured }> {
  await database.sql.unsafe('truncate artifacts');
  await database.sql.unsafe('checkpoint');
  const empty = await measureBoth();
  await fill(name);
  const full = await sizes();
  const began = performance.now();
  const before = await countOld();
  const loaded = await measureBoth();
  const left = await countOld();
  const swept = Math.round((before - left) / ((performance.now() - began) / 1000));
  await sweptToTheEnd();
  report({ name, empty, loaded, sizes: { full, swept: await sizes() }, before, left, sweptPerSecond: swept });
  return { empty, loaded };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

it('a token request hardly notices that a million rows are swept beside a million live ones', async () => {
  await measureBoth();
  const runs: Array<Awaited<ReturnType<typeof repetition>>> = [];
  for (let nth = 1; nth <= repetitions; nth += 1) runs.push(await repetition(`run ${nth}`));
  const typical = (when: 'empty' | 'loaded', kind: keyof Measured) =>
    median(runs.flatMap((run) => run[when][kind].p99s));
  const ratio = (kind: keyof Measured) => typical('loaded', kind) / typical('empty', kind);
  report({ ratioOfP99: { issue: ratio('issue'), introspect: ratio('introspect') } });
  expect(runs.flatMap((run) => [run.empty, run.loaded]).every((one) => one.issue.failures === 0)).toBe(true);
  expect(Math.max(ratio('issue'), ratio('introspect'))).toBeLessThan(1.5);
}, 3_600_000);

it('the table stays as large as it is, however much goes through it', async () => {
  await database.sql.unsafe('vacuum artifacts');
  const settled = await sizes();
  for (const name of ['first', 'second']) {
    await insertRows(database.sql, 'artifacts', name, rows, '-2 hours');
    await sweptToTheEnd();
    await database.sql.unsafe('vacuum artifacts');
  }
  const later = await sizes();
  report({ settled, later });
  expect(later.table + later.indexes).toBeLessThan((settled.table + settled.indexes) * 1.1);
}, 3_600_000);
