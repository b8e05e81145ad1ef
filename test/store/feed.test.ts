import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { type ChangeFeed, type ChangeKind, openFeed } from '../../src/store/feed.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings, createDatabase, type TestDatabase, testServer } from '../support/database.ts';

const logger = createLogger({ level: 'silent', format: 'json' });
const kinds: readonly ChangeKind[] = ['client', 'resource', 'organization', 'key'];

let database: TestDatabase;
let admin: postgres.Sql;
let feed: ChangeFeed;
let news: string[];
let gaps: number;

beforeAll(async () => {
  database = await createDatabase();
  admin = postgres({ ...testServer(), max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});
beforeEach(async () => {
  news = [];
  gaps = 0;
  feed = await openFeed(database.target, adminSettings, logger);
  for (const kind of kinds) feed.subscribe(kind, (key) => news.push(`${kind} ${key}`));
  feed.onGap(() => {
    gaps += 1;
  });
});
afterEach(() => feed.close());

/** Milliseconds until something holds. */
async function until(holds: () => boolean, limit: number): Promise<number> {
  const started = performance.now();
  while (!holds()) {
    if (performance.now() - started > limit) throw new Error(`it did not come to hold within ${limit} ms`);
    await wait(5);
  }
  return performance.now() - started;
}

function insertKey(sql: postgres.ISql, kid: string) {
  return sql`insert into signing_keys (kid, alg, public_jwk, private_sealed, signs_from)
    values (${kid}, 'ES256', '{}', '', now())`;
}

/** The process of PostgreSQL that serves the feed. */
async function backend(): Promise<number> {
  const [row] = await admin<Array<{ pid: number }>>`
    select pid from pg_stat_activity
    where application_name = 'countersign feed' and datname = ${database.target.database}`;
  if (row === undefined) throw new Error('the feed has no connection');
  return row.pid;
}

describe('the feed of changes', () => {
  it('tells of a committed change at once', async () => {
    await insertKey(database.sql, 'committed');
    expect(await until(() => news.includes('key committed'), 1_000)).toBeLessThan(1_000);
    expect(news).toEqual(['key committed']);
  });

  it('tells nothing before the commit, and nothing of what was rolled back', async () => {
    const rolledBack = database.sql.begin(async (transaction) => {
      await insertKey(transaction, 'rolled back');
      throw new Error('never mind');
    });
    await expect(rolledBack).rejects.toThrow('never mind');
    await database.sql.begin(async (transaction) => {
      await insertKey(transaction, 'later');
      await wait(100);
      expect(news).toEqual([]);
    });
    await until(() => news.length > 0, 1_000);
    expect(news).toEqual(['key later']);
  });

  it('tells every node', async () => {
    const heard: string[] = [];
    const other = await openFeed(database.target, adminSettings, logger);
    other.subscribe('key', (key) => heard.push(key));
    await insertKey(database.sql, 'for all');
    await until(() => news.length > 0 && heard.length > 0, 1_000);
    await other.close();
    expect([news, heard]).toEqual([['key for all'], ['for all']]);
  });

  it('tells whose change it was, for every table that is cached', async () => {
    const { sql } = database;
    await sql`insert into organizations (sid, name) values ('OR1', 'One')`;
    await sql`insert into users (sid, email, name, password_hash) values ('US1', 'a@example.com', 'A', '')`;
    await sql`insert into oauth_clients (client_id, name, organization_sid, user_sid, client_type, token_endpoint_auth_method)
      values ('OQ1', 'C', 'OR1', 'US1', 'confidential', 'client_secret_basic')`;
    await sql`insert into oauth_client_secrets (id, client_id, secret_hash) values (gen_random_uuid(), 'OQ1', '')`;
    const id = '00000000-0000-0000-0000-000000000001';
    await sql`insert into resources (id, identifier, name) values (${id}, 'https://api.example.com', 'API')`;
    await sql`insert into resource_scopes values (${id}, 'read', 'Read')`;
    await sql`insert into resource_introspectors values (${id}, 'OQ1')`;
    await sql`update organizations set standing = 'suspended'`;
    await sql`delete from oauth_client_secrets`;
    await until(() => news.length >= 7, 1_000);
    expect(news).toEqual([
      'client OQ1',
      'client OQ1',
      `resource ${id}`,
      `resource ${id}`,
      `resource ${id}`,
      'organization OR1',
      'client OQ1',
    ]);
  });

  it('is never silent for long while nothing happens', async () => {
    const silences: number[] = [];
    for (let sample = 0; sample < 24; sample += 1) {
      await wait(50);
      silences.push(feed.silence());
    }
    expect(Math.max(...silences)).toBeLessThan(1_000);
    expect(Math.max(...silences)).toBeGreaterThan(300);
    expect(gaps).toBe(0);
  });
});

describe('a feed that was cut', () => {
  it('comes back by itself, says that news may be missing, and hears again', async () => {
    const pid = await backend();
    await admin`select pg_terminate_backend(${pid})`;
    await until(() => gaps === 1, 3_000);
    expect(await backend()).not.toBe(pid);
    await insertKey(database.sql, 'after the cut');
    await until(() => news.includes('key after the cut'), 1_000);
    expect(feed.silence()).toBeLessThan(1_000);
    expect(gaps).toBe(1);
  });

  it('grows silent for as long as the database takes nobody, and is back soon after', async () => {
    const name = admin(database.target.database);
    await insertKey(database.sql, 'before');
    await admin`alter database ${name} allow_connections false`;
    try {
      await admin`select pg_terminate_backend(${await backend()})`;
      await wait(500);
      const early = feed.silence();
      await wait(2_500);
      expect(feed.silence() - early).toBeGreaterThan(2_400);
      expect(gaps).toBe(0);
    } finally {
      await admin`alter database ${name} allow_connections true`;
    }
    await until(() => gaps === 1, 2_000);
    await until(() => feed.silence() < 1_000, 1_000);
    await insertKey(database.sql, 'after the outage');
    await until(() => news.includes('key after the outage'), 1_000);
  });

  it('is silent too while the connection stands but nothing comes through', async () => {
    const pid = await backend();
    process.kill(pid, 'SIGSTOP');
    try {
      await insertKey(database.sql, 'held up');
      await wait(1_500);
      expect(feed.silence()).toBeGreaterThan(1_000);
      expect(news).toEqual([]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until(() => feed.silence() < 1_000, 1_000);
    // Complete news is what a low silence promises: what was held up must have come before.
    expect(news).toEqual(['key held up']);
    expect(gaps).toBe(0);
  });

  it('leaves no connection behind when it is closed', async () => {
    await feed.close();
    await wait(50);
    await expect(backend()).rejects.toThrow('the feed has no connection');
  });
});
