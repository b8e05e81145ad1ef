import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, withSetupConnection } from '../../src/store/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { deployWithPrisma, diagnoseWithPrisma } from '../support/prisma-schema.ts';
import { catalogOf } from './catalog.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase('empty');
});
afterEach(() => database.drop());

const migrateHere = () => withSetupConnection(database.target, adminSettings, (sql) => migrate(sql));

/** The bookkeeping table, as both sides make it. */
const bookkeeping = ({ sql }: TestDatabase) => sql`
  select column_name, data_type, character_maximum_length, is_nullable, column_default
  from information_schema.columns where table_name = '_prisma_migrations' order by ordinal_position`;

/** Each migration as it was written down, without ids and times. */
const history = ({ sql }: TestDatabase) => sql`
  select migration_name, checksum, logs, rolled_back_at, applied_steps_count, finished_at is not null as finished
  from "_prisma_migrations" order by migration_name`;

describe('our migrations and `prisma migrate deploy`', () => {
  it('are one history: Prisma finds nothing to do and nothing wrong after us', async () => {
    await migrateHere();
    expect(await deployWithPrisma(database.url)).toEqual([]);
    expect(await diagnoseWithPrisma(database.url)).toEqual({
      failedMigrationNames: [],
      editedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
  });

  it('are one history: we find nothing to do after Prisma', async () => {
    const applied = await deployWithPrisma(database.url);
    expect(applied.length).toBeGreaterThan(0);
    expect(await migrateHere()).toEqual({ applied: [], alreadyThere: applied.length });
  });

  it('leave the same database and the same notes', async () => {
    const ours = await createDatabase('migrated');
    try {
      await deployWithPrisma(database.url);
      expect(await catalogOf(ours)).toEqual(await catalogOf(database));
      expect(await bookkeeping(ours)).toEqual(await bookkeeping(database));
      expect(await history(ours)).toEqual(await history(database));
    } finally {
      await ours.drop();
    }
  });

  it('differ when a migration was edited, and Prisma says so too', async () => {
    await migrateHere();
    await database.sql`update "_prisma_migrations" set checksum = repeat('0', 64)`;
    const { editedMigrationNames } = await diagnoseWithPrisma(database.url);
    expect(editedMigrationNames.length).toBeGreaterThan(0);
    await expect(migrateHere()).rejects.toThrow(`migration ${editedMigrationNames[0]} was changed`);
  });
});
