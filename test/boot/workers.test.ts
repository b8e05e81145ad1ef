import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK } from 'jose';
import { createSealer } from '../../src/base/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses } from '../support/process.ts';
import { basic } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { ask, type Crew, endCrews, startCrew } from './crew.ts';

const masterKey = Buffer.alloc(32, 7);

/** Enough requests, each on a connection of its own, to reach every worker. */
const several = <Value>(work: () => Promise<Value>) => Promise.all(Array.from({ length: 8 }, work));

describe('a server of two workers', () => {
  let database: TestDatabase;
  let crew: Crew;
  let demo: Readonly<Record<string, string>>;
  beforeAll(async () => {
    database = await createDatabase();
    crew = await startCrew({ DATABASE_URL: database.url, MASTER_KEY: masterKey.toString('base64url') });
    demo = JSON.parse(await readFile(join(crew.dataDir, 'demo.json'), 'utf8')) as Record<string, string>;
  });
  afterAll(async () => {
    await endCrews();
    await endProcesses();
    await database.drop();
  });

  const machine = () => basic(demo['client_id'] ?? '', demo['client_secret'] ?? '');

  async function getToken(headers = machine()): Promise<string> {
    const { status, body } = await ask(`${crew.issuer}/oauth/token`, { grant_type: 'client_credentials' }, headers);
    return status === 200 ? String(body['access_token']) : `refused with ${status}`;
  }

  async function isActive(token: string): Promise<boolean> {
    const { status, body } = await ask(`${crew.issuer}/oauth/introspect`, { token }, machine());
    if (status !== 200) throw new Error(`no introspection: ${status}`);
    return body['active'] === true;
  }

  it('answers with both, and sums what they count at the admin listener', async () => {
    expect(await crew.workers()).toHaveLength(2);
    const count = async () => {
      const { status, body } = await ask(`${crew.admin}/metrics`);
      expect(status).toBe(200);
      const lines = String(body['text']).matchAll(
        /^countersign_http_request_duration_seconds_count\{.*route="\/oauth\/token".*\} (\d+)$/gm,
      );
      return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
    };
    const before = await count();
    for (let round = 0; round < 5; round += 1) await several(() => getToken());
    expect(await count()).toBe(before + 40);
    const answered = crew
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes('/oauth/token'))
      .map((line) => (JSON.parse(line) as { pid: number }).pid);
    expect(new Set(answered)).toEqual(new Set(await crew.workers()));
  });

  it('tells every worker of a change: a suspended client is refused by all within a second', async () => {
    const tenant = basic(demo['org_client_id'] ?? '', demo['org_client_secret'] ?? '');
    const tokens = await several(() => getToken(tenant));
    expect(tokens.filter((token) => token.startsWith('refused'))).toEqual([]);
    await database.sql`update oauth_clients set standing = 'suspended' where client_id = ${demo['org_client_id'] ?? ''}`;
    await within(1000, async () =>
      (await several(() => getToken(tenant))).every((token) => token === 'refused with 401'),
    );
  });

  it('tells every worker of a revocation within a second', async () => {
    const token = await getToken();
    expect((await several(() => isActive(token))).every(Boolean)).toBe(true);
    await ask(`${crew.issuer}/oauth/revoke`, { token }, machine());
    await within(1000, async () => !(await several(() => isActive(token))).some(Boolean));
  });

  it('signs with a younger key in every worker, publishes it, and knows what the older one signed', async () => {
    const old = await getToken();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const bare = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(bare);
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    const { sql } = database;
    await sql`
      insert into signing_keys (kid, alg, public_jwk, private_sealed, signs_from)
      values (${kid}, 'ES256', ${sql.json({ ...bare, kid, alg: 'ES256', use: 'sig' } as never)},
        ${createSealer(masterKey).seal('signing key', kid, der)}, now())`;
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;
    await within(1000, async () => (await several(() => getToken())).every((token) => kidOf(token) === kid));
    const sets = await several(async () => (await ask(`${crew.issuer}/oauth/jwks`)).body['keys']);
    for (const keys of sets) {
      const kids = (keys as Array<{ kid: string }>).map((key) => key.kid);
      expect(kids).toEqual(expect.arrayContaining([kid, kidOf(old)]));
    }
    const young = await getToken();
    for (const token of [old, young]) expect((await several(() => isActive(token))).every(Boolean)).toBe(true);
  });

  it('replaces a worker that dies, serves on meanwhile and goes on counting', async () => {
    const [victim = 0, survivor] = await crew.workers();
    process.kill(victim, 'SIGKILL');
    await within(1000, async () => !(await crew.workers()).includes(victim));
    const failures: unknown[] = [];
    const scrapes: number[] = [];
    let back = false;
    const serving = (async () => {
      while (!back) {
        await getToken().then(
          (token) => token.startsWith('refused') && failures.push(token),
          (error) => failures.push(error),
        );
        scrapes.push((await ask(`${crew.admin}/metrics`)).status);
        await wait(20);
      }
    })();
    await within(10_000, async () => crew.stdout().split('"a worker died and is replaced"').length === 2);
    await within(10_000, async () => (await crew.workers()).length === 2);
    await wait(1500);
    back = true;
    await serving;
    expect(failures).toEqual([]);
    expect(new Set(scrapes)).toEqual(new Set([200]));
    expect(await crew.workers()).toContain(survivor);
    expect((await ask(`${crew.admin}/readyz`)).status).toBe(200);
  });

  it('comes back when all workers have died', async () => {
    const dead = await crew.workers();
    for (const worker of dead) process.kill(worker, 'SIGKILL');
    await within(10_000, async () => {
      const alive = (await crew.workers()).filter((worker) => !dead.includes(worker));
      return alive.length === 2;
    });
    await within(10_000, async () => (await ask(`${crew.admin}/readyz`)).status === 200);
    expect(await getToken()).not.toContain('refused');
  });
});
