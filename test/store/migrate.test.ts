import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartupError } from '../../src/base/index.ts';
import {
  type MigrationReport,
  migrate,
  pendingMigrations,
  type Sql,
  withSetupConnection,
} from '../../src/store/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { catalogOf } from './catalog.ts';

const ours = await readdir(new URL('../../migrations/', import.meta.url)).then((names) =>
  names.filter((name) => !name.endsWith('.toml')).toSorted(),
);

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createDatabase('empty');
  folder = await mkdtemp(join(tmpdir(), 'countersign-migrations-'));
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** As a node of its own would, on a connection of its own. */
function onNode<Value>(work: (sql: Sql) => Promise<Value>): Promise<Value> {
  return withSetupConnection(database.target, adminSettings, work);
}

async function write(name: string, script: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), script);
}

const migrateFolder = (): Promise<MigrationReport> => onNode((sql) => migrate(sql, pathToFileURL(`${folder}/`)));
const pendingInFolder = (): Promise<readonly string[]> =>
  onNode((sql) => pendingMigrations(sql, pathToFileURL(`${folder}/`)));

/** The faults of a migration that must be refused. */
async function faults(): Promise<readonly string[]> {
  const error = await migrateFolder().then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof StartupError) return error.faults;
  throw new Error('the migration should have been refused', { cause: error });
}

const history = () => database.sql`
  select migration_name as name, checksum, finished_at >= started_at as finished, rolled_back_at, logs,
    applied_steps_count as steps, length(id) as id
  from "_prisma_migrations" order by migration_name`;

describe('migrating', () => {
  it('an empty database by twenty nodes at once applies each migration once, and all succeed', async () => {
    const reports = await Promise.all(Array.from({ length: 20 }, () => onNode(migrate)));
    expect(reports.flatMap(({ applied }) => applied)).toEqual(ours);
    expect(reports.filter(({ applied }) => applied.length === 0)).toHaveLength(19);
    expect((await history()).map(({ name }) => name)).toEqual(ours);
  });

  it('a second time finds nothing to do', async () => {
    expect(await onNode(pendingMigrations)).toEqual(ours);
    await onNode(migrate);
    expect(await onNode(pendingMigrations)).toEqual([]);
    expect(await onNode(migrate)).toEqual({ applied: [], alreadyThere: ours.length });
  });

  it('applies in the order of the names, and writes down what Prisma would', async () => {
    await write('20250102000000_second', 'insert into notes values (2);');
    await write(
      '20250101000000_first',
      'create table notes (n int);\n-- two statements\ninsert into notes values (1);',
    );
    expect(await migrateFolder()).toEqual({
      applied: ['20250101000000_first', '20250102000000_second'],
      alreadyThere: 0,
    });
    expect(await database.sql`select n from notes order by n`).toEqual([{ n: 1 }, { n: 2 }]);
    // sha256sum of the first file.
    const checksum = '207c677d065c1919b3865fdde5c68ef2bdedc3baf67db022c69aa06a59dc20ee';
    expect(await history()).toMatchObject([
      { name: '20250101000000_first', finished: true, rolled_back_at: null, logs: null, steps: 1, id: 36 },
      { name: '20250102000000_second', finished: true, rolled_back_at: null, logs: null, steps: 1, id: 36 },
    ]);
    expect((await history())[0]?.['checksum']).toBe(checksum);
  });

  it('applies only what a database lacks', async () => {
    await write('1_first', 'create table notes (n int);');
    await migrateFolder();
    await write('2_second', 'insert into notes values (2);');
    expect(await pendingInFolder()).toEqual(['2_second']);
    expect(await migrateFolder()).toEqual({ applied: ['2_second'], alreadyThere: 1 });
  });

  it('waits for a lock longer than a statement may take', async () => {
    const patient = { ...adminSettings, statementTimeoutMs: 100 };
    await write('1_slow', 'select pg_sleep(0.3);');
    const report = await withSetupConnection(database.target, patient, (sql) =>
      migrate(sql, pathToFileURL(`${folder}/`)),
    );
    expect(report.applied).toEqual(['1_slow']);
  });
});

describe('a migration that fails half-way', () => {
  it('leaves nothing of itself, keeps those before it, and says its name and why', async () => {
    await write('1_good', 'create table notes (n int);');
    await write('2_bad', 'create table more (n int); insert into notes values (1); select * from nowhere;');
    await write('3_never', 'create table even_more (n int);');
    expect(await faults()).toEqual(['migration 2_bad failed and was rolled back: relation "nowhere" does not exist']);
    expect(await catalogOf(database)).toEqual(['column notes.n integer']);
    expect(await database.sql`select * from notes`).toEqual([]);
    expect((await history()).map(({ name }) => name)).toEqual(['1_good']);
  });

  it('may be mended and tried again', async () => {
    await write('1_bad', 'create table notes (n int); select * from nowhere;');
    await faults();
    await write('1_bad', 'create table notes (n int);');
    expect((await migrateFolder()).applied).toEqual(['1_bad']);
  });

  it('gives the lock back, on the connection that took it too', async () => {
    await write('1_bad', 'select * from nowhere;');
    const locks = await onNode(async (sql) => {
      await migrate(sql, pathToFileURL(`${folder}/`)).catch(() => undefined);
      return sql`select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`;
    });
    expect(locks).toHaveLength(0);
  });
});

describe('the history in the database', () => {
  beforeEach(async () => {
    await write('1_first', 'create table notes (n int);');
    await migrateFolder();
  });

  it('is refused when an applied migration was changed afterwards, even by a space', async () => {
    await write('1_first', 'create table notes (n int); ');
    await write('2_second', 'insert into notes values (2);');
    expect(await faults()).toEqual([
      'migration 1_first was changed after it had been applied; restore the file of the release that applied it',
    ]);
    expect(await database.sql`select * from notes`).toEqual([]);
  });

  it('may hold a migration of a newer release: this one goes on working beside it', async () => {
    await write('9_newer', 'alter table notes add column more text;');
    await migrateFolder();
    await rm(join(folder, '9_newer'), { recursive: true });
    expect(await migrateFolder()).toEqual({ applied: [], alreadyThere: 2 });
    expect(await pendingInFolder()).toEqual([]);
  });

  it('is refused with a remedy when Prisma noted a failure', async () => {
    await write('2_second', 'insert into notes values (2);');
    await database.sql`insert into "_prisma_migrations" (id, checksum, migration_name, logs)
      values ('1', 'x', '2_second', 'it failed')`;
    expect(await faults()).toEqual([
      'migration 2_second failed earlier; mend the database, then run: prisma migrate resolve --rolled-back 2_second',
    ]);
    expect(await pendingInFolder()).toEqual(['2_second']);
    // What that remedy does.
    await database.sql`update "_prisma_migrations" set rolled_back_at = now() where id = '1'`;
    expect((await migrateFolder()).applied).toEqual(['2_second']);
  });

  it('tells every fault at once', async () => {
    await write('1_first', 'create table notes ();');
    await database.sql`insert into "_prisma_migrations" (id, checksum, migration_name) values ('1', 'x', '2_second')`;
    expect(await faults()).toHaveLength(2);
  });
});
