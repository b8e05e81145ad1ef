import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealer } from '../../src/base/index.ts';
import { ensureSigningKeys } from '../../src/keys/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/house.ts';
import { endProcesses, runRefused, type Variables } from '../support/process.ts';

afterAll(endProcesses);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase('migrated');
});
afterEach(() => database.drop());

/** The faults with which a server refuses to start: exit code 1, nothing on standard output, one line each. */
async function refusals(env: Variables): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runRefused({ PORT: String(await freePort()), ...env });
  const [head, ...lines] = stderr.trimEnd().split('\n');
  expect([code, stdout, head]).toEqual([1, '', 'Countersign cannot start:']);
  expect(lines.filter((line) => !line.startsWith('  - '))).toEqual([]);
  return lines.map((line) => line.slice(4));
}

const addDemo = () => database.sql`insert into organizations (sid, name, demo) values ('OR1', 'Demo', true)`;
const production = () => ({ NODE_ENV: 'production', DATABASE_URL: database.url });

describe('production refuses to start', () => {
  it('on demo data, on a public http issuer, and without a master key: all said at once', async () => {
    await addDemo();
    expect(await refusals({ ...production(), ISSUER: 'http://id.example.com' })).toEqual([
      expect.stringMatching(/^ISSUER: http is refused in production for id\.example\.com/),
      expect.stringMatching(/^MASTER_KEY: is required in production/),
      expect.stringMatching(/^the database holds demo data/),
    ]);
  });

  it('on demo data, when everything else is sound', async () => {
    await addDemo();
    const faults = await refusals({ ...production(), ISSUER: 'https://id.example.com', MASTER_KEY: 'A'.repeat(43) });
    expect(faults).toEqual([expect.stringMatching(/^the database holds demo data/)]);
  });

  it('and has changed nothing in the database', async () => {
    const empty = await createDatabase('empty');
    await refusals({ NODE_ENV: 'production', DATABASE_URL: empty.url });
    expect(await empty.sql`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
    await empty.drop();
  });
});

describe('a start is refused', () => {
  it('with every fault of the environment, and that of an unreachable database beside them', async () => {
    const faults = await refusals({
      NODE_ENV: 'production',
      ISSUER: 'http://id.example.com',
      CACHE_TTL: '0',
      DATABASE_URL: 'postgres://app:a-secret-word@127.0.0.1:1/name',
    });
    expect(faults).toEqual([
      expect.stringMatching(/^CACHE_TTL: /),
      expect.stringMatching(/^ISSUER: /),
      expect.stringMatching(/^MASTER_KEY: /),
      'the database at 127.0.0.1:1/name cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    ]);
  });

  it('without looking for a database when the variable that names it is faulty', async () => {
    expect(await refusals({ DATABASE_URL: 'mysql://app:a-secret-word@host/name' })).toEqual([
      'DATABASE_URL: must be a URL like postgresql://user:password@host:5432/name, special characters percent-encoded',
    ]);
  });

  it('when the database cannot be reached, without the password', async () => {
    expect(await refusals({ DATABASE_URL: 'postgres://app:a-secret-word@127.0.0.1:1/name' })).toEqual([
      'the database at 127.0.0.1:1/name cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    ]);
  });

  it('when MASTER_KEY is not the one that sealed the keys, naming both and the way out', async () => {
    const [sealing, given] = [createSealer(randomBytes(32)), randomBytes(32)];
    await ensureSigningKeys(database.sql, sealing, Date.now);
    const [fault, ...more] = await refusals({
      DATABASE_URL: database.url,
      MASTER_KEY: given.toString('base64url'),
    });
    expect(fault).toMatch(/^MASTER_KEY does not fit this database: .* or list it in MASTER_KEYS_PREVIOUS$/);
    expect(fault).toContain(`needs master key ${sealing.keyId}, this server has ${createSealer(given).keyId}`);
    expect(fault).not.toContain(given.toString('base64url'));
    expect(more).toEqual([]);
  });

  it.each(['PORT', 'ADMIN_PORT'])('when %s is taken, before anything in the database is changed', async (variable) => {
    const empty = await createDatabase('empty');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await refusals({ DATABASE_URL: empty.url, [variable]: String(port) })).toEqual([
      `${variable}: listening on 127.0.0.1:${port} is taken by another program; stop it, or choose another`,
    ]);
    expect(await empty.sql`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
    other.close();
    await empty.drop();
  });

  it('when the schema is behind and MIGRATE_ON_START is false', async () => {
    const empty = await createDatabase('empty');
    const faults = await refusals({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'false' });
    expect(faults).toEqual([expect.stringMatching(/^the database lacks .*_foundation.*; run: countersign migrate$/)]);
    await empty.drop();
  });
});
