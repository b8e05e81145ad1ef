import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startEmbedded } from '../../../src/store/embedded/index.ts';
import { faultsOf, newDirectory, postgresPid, query, removeDirectories, startTelling } from './data-directories.ts';

let dataDir: string;
let server: EmbeddedPostgres;
let events: string[];

beforeAll(async () => {
  dataDir = await newDirectory();
  ({ server, events } = await startTelling(dataDir));
});

afterAll(async () => {
  await server.stop();
  await removeDirectories();
});

const claimants = `from pg_stat_activity where application_name like 'countersign server %'`;

describe('an embedded PostgreSQL started on an empty directory', () => {
  it('says that it made a database and started it', () => {
    expect(server).toMatchObject({ created: true, adopted: false });
    expect(events).toEqual([`creating a database in ${join(dataDir, 'postgres')}`, 'starting PostgreSQL 18']);
  });

  it('answers queries through its target', async () => {
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('holds a UTF-8 database whose sort order is independent of the machine', async () => {
    const [row] = await query(
      server,
      `select current_user::text as role, datname, pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale
       from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({
      role: 'countersign',
      datname: 'countersign',
      encoding: 'UTF8',
      datlocprovider: 'b',
      datlocale: 'C.UTF-8',
    });
  });

  it('writes durably, takes 200 connections and does not listen on TCP', async () => {
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'max_connections', 'jit', 'listen_addresses'];
    const rows = await query(server, `select name, setting from pg_settings where name in ('${names.join("','")}')`);
    expect(Object.fromEntries(rows.map((row) => [row['name'], row['setting']]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      max_connections: '200',
      jit: 'off',
      listen_addresses: '',
    });
  });

  it('refuses a wrong password', async () => {
    const target = { ...server.target, password: 'wrong' };
    await expect(query({ target }, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps the database, the password, the socket and the log to one user', async () => {
    const names = ['postgres', 'postgres/countersign.password', 'run', 'postgres.log'];
    const modes = await Promise.all(names.map(async (name) => (await stat(join(dataDir, name))).mode & 0o777));
    expect(modes).toEqual([0o700, 0o600, 0o700, 0o600]);
  });

  it('lets others at most pass through the data directory', async () => {
    expect((await stat(dataDir)).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
  });

  it('gives PostgreSQL nothing of the environment of the server', async () => {
    const rows = await query(server, "create temp table env (line text); copy env from program 'env'; table env");
    const lines = rows.flat().map((row) => String(row['line']));
    expect(lines).toContainEqual(expect.stringMatching(/^PATH=/));
    expect(process.env['NODE_ENV']).toBe('test');
    expect(lines).not.toContain('NODE_ENV=test');
  });

  it('keeps a second server out, naming the directory and the process that uses it', async () => {
    const fault = await faultsOf(startEmbedded({ dataDir }));
    expect(fault).toContain(
      `Another Countersign server (process ${process.pid}) is using the data directory ${dataDir}`,
    );
    expect(fault).toContain('COUNTERSIGN_DATA_DIR and PORT');
    expect(await postgresPid(dataDir)).toBeDefined();
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('claims the database again when the connection that claims it is lost', async () => {
    await query(server, `select pg_terminate_backend(pid) ${claimants}`);
    const deadline = Date.now() + 5000;
    while (events.length < 4 && Date.now() < deadline) await delay(20);
    expect(events.slice(2)).toEqual([
      'lost the connection that keeps other servers out; trying again every second',
      'other servers are kept out again',
    ]);
    expect(await query(server, `select 1 as one ${claimants}`)).toHaveLength(1);
  });
});
