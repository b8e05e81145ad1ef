import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/house.ts';
import { endProcesses, launch, newDirectory, type ServerProcess, startServer } from '../support/process.ts';
import { askWithForm, basic, grant, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';

afterAll(endProcesses);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase('empty');
});
afterEach(async () => {
  await endProcesses();
  await database.drop();
});

/** The nodes of one installation share the database and the master key. */
const shared = () => ({ DATABASE_URL: database.url, MASTER_KEY: 'A'.repeat(43) });

const count = async (table: string) => (await database.sql`select 1 from ${database.sql(table)}`).length;

const readDemo = async (dataDir: string) =>
  JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as Readonly<Record<string, string>>;

const ask = (node: ServerProcess, id = '', secret = '') =>
  askWithForm(`http://127.0.0.1:${node.port}/oauth/token`, grant, basic(id, secret));

/** What the server says to people when it is up, a moment after it is ready. */
async function greeting(node: ServerProcess): Promise<string> {
  await within(5_000, async () => node.stdout().includes('Stop with Ctrl-C.'));
  return node.stdout();
}

describe('a start on a database that is named', () => {
  it('makes schema and keys, seeds no demo, and says how soon it answered', async () => {
    const node = await startServer(shared());
    process.stdout.write(`the server answered ${Math.round(node.startedIn)} ms after its launch\n`);
    expect(await count('signing_keys')).toBe(3);
    expect(await count('resources')).toBe(1);
    expect([await count('organizations'), await count('oauth_clients'), await count('users')]).toEqual([0, 0, 0]);
    expect(await readdir(node.dataDir)).toEqual([]);
    expect(await greeting(node)).toContain(`Issuer     ${node.issuer}`);
    expect(await greeting(node)).not.toContain('Demo');
  });

  it('seeds the demo when it is told to, and both clients get tokens', async () => {
    const node = await startServer({ ...shared(), SEED_DEMO: 'true' });
    const file = join(node.dataDir, 'demo.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const demo = await readDemo(node.dataDir);
    expect(Object.keys(demo)).toEqual([
      'issuer',
      'organization_sid',
      'account_sid',
      'account_auth_token',
      'user_email',
      'user_password',
      'api_key',
      'api_key_sid',
      'api_key_secret',
      'client_id',
      'client_secret',
      'org_client_id',
      'org_client_secret',
      'app_client_id',
      'app_redirect_uri',
      'mcp_resource',
    ]);
    expect(Object.values(demo).every((value) => typeof value === 'string' && value !== '')).toBe(true);
    expect(demo['issuer']).toBe(node.issuer);
    expect(demo['api_key']).toBe(`${demo['api_key_sid']}.${demo['api_key_secret']}`);
    tokenOf(await ask(node, demo['client_id'], demo['client_secret']));
    tokenOf(await ask(node, demo['org_client_id'], demo['org_client_secret']));
    expect(await greeting(node)).toContain(`-u '${demo['client_id']}:${demo['client_secret']}'`);
  });

  it('finds its demo again after a restart, and makes no second one', async () => {
    const env = { ...shared(), SEED_DEMO: 'true', COUNTERSIGN_DATA_DIR: await newDirectory() };
    const first = await startServer(env);
    const demo = await readDemo(first.dataDir);
    first.signal('SIGTERM');
    await first.exited;
    const second = await startServer({ ...env, ISSUER: first.issuer });
    expect(await readDemo(second.dataDir)).toEqual(demo);
    tokenOf(await ask(second, demo['client_id'], demo['client_secret']));
    expect(await count('organizations')).toBe(1);
  });

  it('writes nothing on a second node, whose demo another one made', async () => {
    await startServer({ ...shared(), SEED_DEMO: 'true' });
    const second = await startServer({ ...shared(), SEED_DEMO: 'true' });
    expect(await readdir(second.dataDir)).toEqual([]);
    expect(await count('organizations')).toBe(1);
  });
});

describe('five nodes that start at once on an empty database', () => {
  it('end with one schema, one key set, one demo, and all give tokens', async () => {
    const env = { ...shared(), SEED_DEMO: 'true', ISSUER: 'http://localhost:4000' };
    const nodes = await Promise.all(Array.from({ length: 5 }, () => startServer(env)));
    expect([await count('signing_keys'), await count('resources')]).toEqual([3, 2]);
    expect([await count('organizations'), await count('oauth_clients'), await count('api_keys')]).toEqual([1, 3, 1]);
    const files = await Promise.all(nodes.map((node) => readdir(node.dataDir)));
    expect(files.toSorted()).toEqual([[], [], [], [], ['demo.json']]);
    const demo = await readDemo(nodes[files.findIndex((names) => names.length > 0)]?.dataDir ?? '');
    const answers = await Promise.all(nodes.map((node) => ask(node, demo['client_id'], demo['client_secret'])));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('a server that is not ready yet', () => {
  it('says so at /readyz, is alive at /healthz, and gives no tokens', async () => {
    // Who holds the lock of the migrations holds up the start.
    const lock = await database.sql.reserve();
    await lock`select pg_advisory_lock(72707369)`;
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    await launch('main.js', [], { ...shared(), PORT: String(port), COUNTERSIGN_DATA_DIR: await newDirectory() });
    const status = (path: string) =>
      fetch(address + path).then(
        (answer) => answer.status,
        () => 0,
      );
    await within(10_000, async () => (await status('/healthz')) === 200);
    const readiness = await fetch(`${address}/readyz`);
    expect([readiness.status, await readiness.json()]).toEqual([503, { status: 'not ready', reason: 'starting' }]);
    expect(await status('/.well-known/openid-configuration')).toBe(404);
    await lock`select pg_advisory_unlock(72707369)`;
    lock.release();
    await within(10_000, async () => (await status('/readyz')) === 200);
    expect(await status('/.well-known/openid-configuration')).toBe(200);
  });
});
