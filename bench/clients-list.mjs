// `npm run bench:list`: the first page of the unfiltered list of clients, with a thousand and with a million of them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { databaseUrl, startPostgres } from './stage/postgres.mjs';
import { freePort } from './stage/server-process.mjs';
import { Opened } from './stage/stage.mjs';

const [few, many] = [1_000, 1_000_000];
const batch = 50_000;
const [warmUp, measured] = [100, 400];
/** The larger list may take this many times as long. */
const most = 2;

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

/** @typedef {import('postgres').Sql} Sql */

/**
 * Starts PostgreSQL and this server with its demo, whose organization gets the clients.
 * @param {Opened} opened
 */
async function open(opened) {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  opened.add(() => rm(dataDir, { recursive: true, force: true }));
  const database = await startPostgres(dataDir, ['bench_list'], opened.add);
  const port = await freePort();
  const { readConfig } = await import('../dist/config/index.js');
  const { serve } = await import('../dist/boot/index.js');
  const target = database.on('bench_list');
  const server = await serve(
    readConfig({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl(target),
      COUNTERSIGN_DATA_DIR: dataDir,
      SEED_DEMO: 'true',
      LOG_LEVEL: 'warn',
    }),
  );
  opened.add(() => server.stop());
  const sql = postgres({ ...target, max: 1, onnotice: () => undefined });
  opened.add(() => sql.end());
  /** @type {Record<string, string>} */
  const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'));
  return { sql, demo, address: `http://127.0.0.1:${port}` };
}

/** Fills an organization up to a number of clients. @param {Sql} sql @param {string} organization @param {number} total */
async function fill(sql, organization, total) {
  const [row] = await sql`select count(*)::int as count from oauth_clients`;
  for (let from = row?.['count']; from < total; from += batch) {
    const to = Math.min(total, from + batch);
    await sql`
      insert into oauth_clients (client_id, name, organization_sid, client_type, token_endpoint_auth_method,
        allowed_grant_types, allowed_scopes, allowed_resources, redirect_uris)
      select 'OQ' || md5(n::text), 'Client ' || n, ${organization}, 'confidential', 'client_secret_basic',
        '{client_credentials}', '{clients:read}', '{}', '{https://app.example/callback}'
      from generate_series(${from + 1}::int, ${to}::int) n`;
  }
  await sql`vacuum analyze oauth_clients`;
}

/** @param {string} url @param {string} key @param {number} expected how many clients there are. */
async function ask(url, key, expected) {
  const start = performance.now();
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const body = await answer.json();
  const took = performance.now() - start;
  if (answer.status !== 200 || body.data.length !== 20 || body.meta.total_results !== expected) {
    throw new Error(`a wrong answer: ${answer.status} ${JSON.stringify(body).slice(0, 500)}`);
  }
  return took;
}

/** The median of the first page in milliseconds. @param {string} url @param {string} key @param {number} expected */
async function measure(url, key, expected) {
  for (let round = 0; round < warmUp; round += 1) await ask(url, key, expected);
  const times = [];
  for (let round = 0; round < measured; round += 1) times.push(await ask(url, key, expected));
  times.sort((left, right) => left - right);
  return times[measured / 2] ?? 0;
}

/** Who asks: an operator, who reaches all organizations, and a tenant, who reaches its own. */
const askers = [
  { name: 'operator', operator: true },
  { name: 'tenant', operator: false },
];

/** @param {Opened} opened @returns {Promise<boolean>} whether the larger list is fast enough. */
async function run(opened) {
  const { sql, demo, address } = await open(opened);
  const organization = demo['organization_sid'] ?? '';
  /** @type {Map<string, number[]>} */
  const medians = new Map(askers.map(({ name }) => [name, []]));
  for (const total of [few, many]) {
    const start = performance.now();
    await fill(sql, organization, total);
    say(`${total.toLocaleString('en')} clients there after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    for (const { name, operator } of askers) {
      await sql`update organizations set operator = ${operator} where sid = ${organization}`;
      const median = await measure(`${address}/oauth_clients`, demo['api_key'] ?? '', total);
      medians.get(name)?.push(median);
      say(`  first page for the ${name}: ${median.toFixed(2)} ms (median of ${measured})`);
    }
  }
  const ratios = [...medians].map(([name, [small = 0, large = 0]]) => ({ name, ratio: large / small }));
  for (const { name, ratio } of ratios) say(`${name}: ${ratio.toFixed(2)} times as long, at most ${most} wanted`);
  return ratios.every(({ ratio }) => ratio <= most);
}

const opened = new Opened();
try {
  if (!(await run(opened))) process.exitCode = 1;
} finally {
  const failures = await opened.close();
  for (const failure of failures) process.stderr.write(`${failure}\n`);
}
