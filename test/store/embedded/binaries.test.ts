import { chmod, mkdir, readFile, readlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runnableBinaries } from '../../../src/store/embedded/binaries.ts';
import { exists } from '../../../src/store/embedded/files.ts';
import { faultsOf, newDirectory, removeDirectories } from './data-directories.ts';

afterAll(removeDirectories);

let native: string;
let dataDir: string;
let events: string[];

/** A package whose `postgres` is a script. */
beforeEach(async () => {
  native = join(await newDirectory(), 'native');
  dataDir = await newDirectory();
  events = [];
  await mkdir(join(native, 'bin'), { recursive: true });
  await mkdir(join(native, 'lib'));
  await writeFile(join(native, 'lib', 'libpq.so.5.18'), 'a library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  await postgresSays('echo "postgres (PostgreSQL) 18.4"');
});

async function postgresSays(line: string): Promise<void> {
  await writeFile(join(native, 'bin', 'postgres'), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

const find = () =>
  runnableBinaries({ from: { native, label: '18.4' }, dataDir, account: undefined, onEvent: (m) => events.push(m) });

describe('the binaries of PostgreSQL', () => {
  it('are used where they lie, with the library links that npm did not make', async () => {
    expect(await find()).toEqual({
      initdb: join(native, 'bin/initdb'),
      postgres: join(native, 'bin/postgres'),
      pgCtl: join(native, 'bin/pg_ctl'),
      majorVersion: '18',
    });
    expect(await readlink(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
    expect(events).toEqual([]);
  });

  it('are copied once when they may not be executed, whole, and without what others have left', async () => {
    await chmod(join(native, 'bin', 'postgres'), 0o600);
    const [stale, fresh] = [join(dataDir, 'new-postgres-stale'), join(dataDir, 'new-postgres-fresh')];
    await mkdir(stale);
    await utimes(stale, 1, 1);
    await mkdir(fresh);
    const found = await find();
    expect(await find()).toEqual(found);
    expect(found.postgres).toBe(join(dataDir, 'postgres-18.4/bin/postgres'));
    expect(events).toHaveLength(1);
    expect(await readFile(join(dataDir, 'postgres-18.4/lib/libpq.so.5'), 'utf8')).toBe('a library');
    expect([await exists(stale), await exists(fresh)]).toEqual([false, true]);
  });

  it('are refused with what they said when they do not run at all', async () => {
    await postgresSays('echo "no such library"; exit 127');
    const fault = await faultsOf(find());
    expect(fault).toContain('PostgreSQL cannot be run on this machine: set DATABASE_URL');
    expect(fault).toContain('no such library');
  });
});
