import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { StartupError } from '../base/index.ts';
import type { Sql } from './sql.ts';

/** One folder below migrations/, in Prisma's layout. */
interface Migration {
  readonly name: string;
  readonly script: string;
  /** SHA-256 of migration.sql in hexadecimal, as Prisma computes it. */
  readonly checksum: string;
}

export interface MigrationReport {
  readonly applied: readonly string[];
  readonly alreadyThere: number;
}

const releaseMigrations = new URL('../../migrations/', import.meta.url);

/** The key under which Prisma Migrate takes its advisory lock: whoever migrates, we wait for each other. */
const prismaLock = 72_707_369;

/** The table as Prisma creates it, so that either tool can go on where the other stopped. */
const bookkeeping = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

async function readMigrations(directory: URL): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const script = await readFile(new URL(`${name}/migration.sql`, directory), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    }),
  );
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

async function readApplied(sql: Sql): Promise<readonly AppliedRow[]> {
  return sql<AppliedRow[]>`
    select migration_name as name, checksum, finished_at is not null as finished
    from "_prisma_migrations" where rolled_back_at is null`;
}

/** A migration that failed half-way or was edited after it ran leaves the schema unknown: better to stop than to guess. */
function historyFaults(migrations: readonly Migration[], applied: readonly AppliedRow[]): string[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  return applied.flatMap(({ name, checksum, finished }) => {
    if (!finished) {
      return [
        `migration ${name} failed earlier; mend the database, then run: prisma migrate resolve --rolled-back ${name}`,
      ];
    }
    const migration = known.get(name);
    // A name we do not know was applied by a newer release: it is additive, and this release goes on working.
    if (migration === undefined || migration.checksum === checksum) return [];
    return [`migration ${name} was changed after it had been applied; restore the file of the release that applied it`];
  });
}

/** Each migration and its bookkeeping are one transaction: a crash in between leaves neither. */
async function apply(sql: Sql, { name, script, checksum }: Migration): Promise<void> {
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(script).simple();
      await transaction`
        insert into "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
        values (${randomUUID()}, ${checksum}, ${name}, now(), clock_timestamp(), 1)`;
    });
  } catch (error) {
    throw new StartupError([`migration ${name} failed and was rolled back: ${(error as Error).message}`], {
      cause: error,
    });
  }
}

/**
 * Applies what is missing, in order, under one advisory lock: of any number of nodes that start at once, one migrates
 * and the others wait. Needs no Prisma engine; `prisma migrate deploy` may be used instead or in turns.
 * @param sql a client with a single connection, since the lock belongs to the session.
 * @param directory where the migrations lie; its URL ends with a slash.
 * @throws StartupError when a migration fails, failed earlier, or was changed after it ran.
 */
export async function migrate(sql: Sql, directory: URL = releaseMigrations): Promise<MigrationReport> {
  const migrations = await readMigrations(directory);
  // A lock's wait and a long migration are not slow statements.
  await sql`select set_config('statement_timeout', '0', false)`;
  await sql`select pg_advisory_lock(${prismaLock})`;
  try {
    await sql.unsafe(bookkeeping);
    const applied = await readApplied(sql);
    const faults = historyFaults(migrations, applied);
    if (faults.length > 0) throw new StartupError(faults);
    const done = new Set(applied.map((row) => row.name));
    const missing = migrations.filter((migration) => !done.has(migration.name));
    for (const migration of missing) await apply(sql, migration);
    return { applied: missing.map((migration) => migration.name), alreadyThere: done.size };
  } finally {
    await sql`select pg_advisory_unlock(${prismaLock})`;
  }
}

/** The names of the migrations that this release has and the database lacks. */
export async function pendingMigrations(sql: Sql, directory: URL = releaseMigrations): Promise<readonly string[]> {
  const migrations = await readMigrations(directory);
  const [table] = await sql<Array<{ there: boolean }>>`select to_regclass('_prisma_migrations') is not null as there`;
  const applied = table?.there === true ? await readApplied(sql) : [];
  const done = new Set(applied.filter((row) => row.finished).map((row) => row.name));
  return migrations.map((migration) => migration.name).filter((name) => !done.has(name));
}
