import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, type ServerProcess, startServer } from '../support/process.ts';
import { runFlows } from './flows.ts';
import { sightings } from './needles.ts';
import { dumpDatabase } from './pile.ts';
import type { Secrets } from './scene.ts';

let database: TestDatabase;
let server: ServerProcess;
let secrets: Secrets;

beforeAll(async () => {
  database = await createDatabase();
  const log = { LOG_LEVEL: 'trace', LOG_FORMAT: 'json' };
  server = await startServer({ NODE_ENV: 'test', DATABASE_URL: database.url, SEED_DEMO: 'true', ...log });
  secrets = await runFlows(server, database);
}, 60_000);

afterAll(async () => {
  await endProcesses();
  await database.drop();
});

const allSightings = (pile: Buffer) =>
  [...secrets].flatMap(([name, value]) => sightings(pile, value).map((sighting) => `${name}: ${sighting}`));

describe('after everything has been asked of a server once', () => {
  it('there are secrets of every kind, and rows that came of them', async () => {
    const kinds = ['account_auth_token', 'user_password', 'api_key', 'client_secret', 'master key', 'cookie key'];
    expect([...secrets.keys()]).toEqual(expect.arrayContaining(kinds));
    const ofBrowsers = [
      'consent_token',
      'csrf',
      'xsrf',
      'note',
      'cookie cs_interaction',
      'cookie cs_session',
      'cookie cs_device',
    ];
    const names = [...secrets.keys()];
    expect(ofBrowsers.filter((kind) => !names.some((name) => name.startsWith(`${kind} `)))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['mistyped password', 'id_token by OpenID Connect']));
    const overRest = [
      'registration_access_token of a registered client',
      'client_secret of a registered client',
      'client_secret of a client made over REST',
      'client_secret of a rotated client',
      'auth_token of an account',
      'auth_token of an account that was rotated',
      'secret of an API key',
      'line of a private key',
    ];
    expect(names).toEqual(expect.arrayContaining(overRest));
    expect(secrets.size).toBeGreaterThan(80);
    expect([...secrets].filter(([, value]) => value.length < 20)).toEqual([]);
    const { tables } = await dumpDatabase(database.sql);
    const empty: string[] = [];
    for (const table of tables) {
      const [row] = await database.sql.unsafe(`select from ${table} limit 1`);
      if (row === undefined) empty.push(table);
    }
    expect(empty).toEqual([]);
  });

  it('its whole database holds none of them, however spelled', async () => {
    const { pile } = await dumpDatabase(database.sql);
    expect(allSightings(pile)).toEqual([]);
  });

  it('its log at the finest level holds none of them either', async () => {
    // The greeting in between is for the person at the terminal, who is shown how to use the demo.
    const lines = server.stdout().split('\n');
    const log = lines.filter((line) => line.startsWith('{'));
    expect(log.length).toBeGreaterThan(40);
    expect(allSightings(Buffer.from(log.join('\n') + server.stderr()))).toEqual([]);
  });
});

describe('this search finds a secret', () => {
  const secret = randomBytes(32);
  const text = secret.toString('base64url');
  const around = (encoding: 'base64' | 'base64url' | 'hex', before: number) =>
    Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(text), Buffer.from('yz')]).toString(encoding);
  const planted: ReadonlyArray<readonly [how: string, type: string, value: string | Buffer]> = [
    ['as it is, in a text', 'text', `{"token":"${text}"}`],
    ['as it is, in JSON', 'jsonb', JSON.stringify({ deep: [{ token: text }] })],
    ['as bytes', 'bytea', Buffer.from(`..${text}..`)],
    ['as the bytes that it stands for', 'bytea', Buffer.concat([Buffer.from('..'), secret, Buffer.from('..')])],
    ['as the bytes that it stands for, in hexadecimal', 'text', secret.toString('hex')],
    ['as the bytes that it stands for, in base64', 'text', secret.toString('base64')],
    ['in hexadecimal', 'text', around('hex', 3)],
    ['in hexadecimal, in capitals', 'text', around('hex', 3).toUpperCase()],
    ...[0, 1, 2].flatMap((before) => [
      [`inside of base64, ${before} bytes in`, 'text', around('base64', before)] as const,
      [`inside of base64url, ${before} bytes in`, 'text', around('base64url', before)] as const,
    ]),
  ];

  it.each(planted)('that lies in a table %s', async (_how, type, value) => {
    const elsewhere = await createDatabase('empty');
    try {
      await elsewhere.sql.unsafe(`create schema "Some where"; create table "Some where"."A table" (leak ${type})`);
      expect(sightings((await dumpDatabase(elsewhere.sql)).pile, text)).toEqual([]);
      await elsewhere.sql.unsafe(
        `insert into "Some where"."A table" values ($1::text::${type === 'bytea' ? 'text' : type}${type === 'bytea' ? '::bytea' : ''})`,
        [Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value],
      );
      expect(sightings((await dumpDatabase(elsewhere.sql)).pile, text)).not.toEqual([]);
    } finally {
      await elsewhere.drop();
    }
  });
});
