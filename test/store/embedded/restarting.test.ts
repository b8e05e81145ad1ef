import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, cp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startEmbedded } from '../../../src/store/embedded/index.ts';
import {
  endPostgres,
  faultsOf,
  newDirectory,
  postgresPid,
  query,
  removeDirectories,
  startTelling,
} from './data-directories.ts';

let dataDir: string;
let running: EmbeddedPostgres[] = [];

beforeAll(async () => {
  dataDir = await newDirectory();
  const server = await startEmbedded({ dataDir });
  await query(server, 'create table notes as select 42 as answer');
  await server.stop();
});

beforeEach(() => {
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
});

afterAll(removeDirectories);

async function start(directory = dataDir): Promise<{ server: EmbeddedPostgres; events: string[] }> {
  const started = await startTelling(directory);
  running.push(started.server);
  return started;
}

/** A process of the user PostgreSQL runs as: only such a one is taken for a PostgreSQL that still runs. */
async function strangerOf(directory: string): Promise<ChildProcess & { pid: number }> {
  const { uid, gid } = await stat(join(directory, 'postgres'));
  const child = spawn('sleep', ['30'], { cwd: '/', stdio: 'ignore', uid, gid });
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep could not be run');
  return Object.assign(child, { pid });
}

describe('an embedded PostgreSQL started again', () => {
  it('keeps what was stored', async () => {
    const { server, events } = await start();
    expect(server).toMatchObject({ created: false, adopted: false });
    expect(events).toEqual(['starting PostgreSQL 18']);
    expect(await query(server, 'select answer from notes')).toEqual([{ answer: 42 }]);
  });

  it('is down after stop, which may be asked for twice', async () => {
    const { server } = await start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await postgresPid(dataDir)).toBeUndefined();
    await expect(query(server, 'select 1')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('may have been stopped by hand before stop', async () => {
    const { server } = await start();
    await endPostgres(dataDir, 'SIGINT');
    await expect(server.stop()).resolves.toBeUndefined();
  });

  it('comes back after a crash that left its lock files and its socket behind', async () => {
    const { server } = await start();
    await query(server, 'create table crashed as select 1 as one');
    await endPostgres(dataDir, 'SIGKILL');
    expect(await postgresPid(dataDir)).toBeDefined();
    await server.stop();
    const again = await start();
    expect(again.server.adopted).toBe(false);
    expect(await query(again.server, 'select one from crashed')).toEqual([{ one: 1 }]);
  });

  it('comes back when the process number in its lock files has gone to a stranger', async () => {
    const { server } = await start();
    const files = [join(dataDir, 'postgres', 'postmaster.pid'), join(dataDir, 'run', '.s.PGSQL.5432.lock')];
    const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await server.stop();
    const stranger = await strangerOf(dataDir);
    for (const [index, file] of files.entries()) {
      await writeFile(file, (contents[index] ?? '').replace(/^\d+/, String(stranger.pid)));
    }
    const again = await start();
    expect(again.server.adopted).toBe(false);
    expect(await query(again.server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it('works after its data directory was moved to a path with spaces, apostrophes and commas', async () => {
    const parent = await newDirectory();
    await chmod(parent, 0o711);
    const elsewhere = join(parent, `it's, here`);
    await rename(dataDir, elsewhere);
    try {
      const { server } = await start(elsewhere);
      expect(await query(server, 'select answer from notes')).toEqual([{ answer: 42 }]);
      await server.stop();
    } finally {
      await rename(elsewhere, dataDir);
    }
  });

  it('sets a log aside that has grown past its limit', async () => {
    const log = join(dataDir, 'postgres.log');
    await writeFile(log, 'x'.repeat(10_000_001));
    await start();
    expect((await stat(`${log}.1`)).size).toBe(10_000_001);
    expect(await readFile(log, 'utf8')).toContain('database system is ready to accept connections');
  });
});

describe('a start that cannot go well', () => {
  async function spoiled(file: string, content: string | undefined): Promise<string> {
    const path = join(dataDir, 'postgres', file);
    const original = await readFile(path);
    if (content === undefined) await rename(path, `${path}.away`);
    else await writeFile(path, content);
    try {
      return await faultsOf(start());
    } finally {
      if (content === undefined) await rename(`${path}.away`, path);
      else await writeFile(path, original);
    }
  }

  it('quotes the log of a PostgreSQL that does not start', async () => {
    const fault = await spoiled('postgresql.conf', 'no such setting\n');
    expect(fault).toContain(`PostgreSQL could not be started in ${join(dataDir, 'postgres')}`);
    expect(fault).toContain('syntax error in file');
  });

  it('says so when the database was made by another major version', async () => {
    const fault = await spoiled('PG_VERSION', '17\n');
    expect(fault).toContain('was made by PostgreSQL 17 and this Countersign brings PostgreSQL 18');
  });

  it('says so when the password of the database is missing', async () => {
    const fault = await spoiled('countersign.password', undefined);
    expect(fault).toContain('countersign.password is missing');
  });

  it('says so when the password of the database is not the right one', async () => {
    const fault = await spoiled('countersign.password', 'wrong');
    expect(fault).toContain('runs but cannot be used: password authentication failed');
    await endPostgres(dataDir, 'SIGINT');
  });

  it('leaves a directory alone that is not a database of its own', async () => {
    const directory = await newDirectory();
    await cp(join(dataDir, 'postgres', 'base'), join(directory, 'postgres', 'base'), { recursive: true });
    expect(await faultsOf(start(directory))).toContain('is not a database of Countersign');
    await rm(directory, { recursive: true });
  });
});
