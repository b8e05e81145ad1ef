import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartupError } from '../../src/base/index.ts';
import { type DatabaseTarget, migrate, prepareSchema, withSetupConnection } from '../../src/store/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase('empty');
});
afterEach(() => database.drop());

/** The faults of a piece of set-up that must fail. */
async function faultsOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof StartupError) return error.faults;
  throw new Error('it should have ended with a StartupError', { cause: error });
}

const lookAt = (target: DatabaseTarget) =>
  withSetupConnection(target, { ...adminSettings, connectTimeout: 2 }, (sql) => sql`select 1`);

describe('the first connection to a database', () => {
  it('that is not there is a fault with the place and the reason, and without the password', async () => {
    const target = { ...database.target, host: '127.0.0.1', port: 1, password: 'a secret word' };
    const [fault, ...more] = await faultsOf(lookAt(target));
    expect(fault).toBe(
      `the database at 127.0.0.1:1/${target.database} cannot be used: connect ECONNREFUSED 127.0.0.1:1`,
    );
    expect(more).toEqual([]);
  });

  it('with a wrong name or a wrong password is a fault that says so', async () => {
    const [wrongName] = await faultsOf(lookAt({ ...database.target, database: 'nowhere' }));
    expect(wrongName).toMatch(/\/nowhere cannot be used: database "nowhere" does not exist$/);
    const [wrongPassword] = await faultsOf(lookAt({ ...database.target, password: 'a secret word' }));
    expect(wrongPassword).toMatch(/ cannot be used: password authentication failed for user "\w+"$/);
  });

  it('of a PostgreSQL that is too old is a fault', async () => {
    // A function that comes before the real one plays the old server.
    await database.sql.unsafe(`
      create schema old;
      create function old.current_setting(text) returns text language sql as $$ select '130014' $$;
      alter database "${database.target.database}" set search_path = old, pg_catalog, public`);
    expect(await faultsOf(lookAt(database.target))).toEqual([
      'DATABASE_URL: PostgreSQL 13 is too old; 14 or later is needed',
    ]);
  });

  it('leaves no connection behind, whether the work succeeds or fails', async () => {
    await lookAt(database.target);
    await faultsOf(withSetupConnection(database.target, adminSettings, (sql) => sql`select * from nowhere`));
    const left = await database.sql`select 1 from pg_stat_activity where application_name = 'countersign setup'
      and datname = current_database()`;
    expect(left).toHaveLength(0);
  });
});

describe('without MIGRATE_ON_START', () => {
  const settings = { ...adminSettings, migrateOnStart: false };

  it('a schema that is behind is a fault that names what is missing, and nothing is changed', async () => {
    const [fault] = await faultsOf(prepareSchema(database.target, settings));
    expect(fault).toMatch(/^the database lacks 20\d{12}_foundation.*; run: countersign migrate$/);
    expect(await database.sql`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
  });

  it('a schema that is up to date is taken as it is', async () => {
    await withSetupConnection(database.target, adminSettings, (sql) => migrate(sql));
    expect((await prepareSchema(database.target, settings)).applied).toEqual([]);
  });
});
