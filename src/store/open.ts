import { StartupError } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { type ChangeFeed, openFeed } from './feed.ts';
import { openGuarded } from './guard.ts';
import { type Management, openManagement } from './management.ts';
import { type MigrationReport, migrate, pendingMigrations } from './migrate.ts';
import { connect, type Sql } from './sql.ts';
import type { DatabaseTarget } from './target.ts';

/** The open database: one client for each kind of work, and the news of changes. */
export interface Store {
  /** For the token path. */
  readonly sql: Sql;
  /** For the management services. */
  readonly management: Management;
  readonly feed: ChangeFeed;
  close(): Promise<void>;
}

const oldestVersion = 14;

/** The password is not for the terminal. */
function placeOf(target: DatabaseTarget): string {
  return `${target.host}:${target.port}/${target.database}`;
}

async function checkVersion(sql: Sql): Promise<void> {
  const [row] = await sql<Array<{ version: number }>>`select current_setting('server_version_num')::int as version`;
  const version = Math.floor((row?.version ?? 0) / 10_000);
  if (version < oldestVersion) {
    throw new StartupError([`DATABASE_URL: PostgreSQL ${version} is too old; ${oldestVersion} or later is needed`]);
  }
}

/** Runs one piece of set-up on a connection of its own. @throws StartupError when the database cannot be reached. */
export async function withSetupConnection<Value>(
  target: DatabaseTarget,
  settings: Config['database'],
  work: (sql: Sql) => Promise<Value>,
): Promise<Value> {
  const sql = connect(target, 'setup', settings, { max: 1, idle_timeout: 0, max_lifetime: null });
  try {
    await checkVersion(sql);
    return await work(sql);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const why = (error as Error).message || (error as { code?: string }).code;
    throw new StartupError([`the database at ${placeOf(target)} cannot be used: ${why}`], { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Brings the schema up to date, or only looks whether it is when MIGRATE_ON_START is false. */
export async function prepareSchema(target: DatabaseTarget, settings: Config['database']): Promise<MigrationReport> {
  return withSetupConnection(target, settings, async (sql) => {
    if (settings.migrateOnStart) return migrate(sql);
    const pending = await pendingMigrations(sql);
    if (pending.length === 0) return { applied: [], alreadyThere: 0 };
    throw new StartupError([`the database lacks ${pending.join(', ')}; run: countersign migrate`]);
  });
}

/** Opens the clients of a database whose schema is ready. */
export async function openStore(target: DatabaseTarget, settings: Config['database'], logger: Logger): Promise<Store> {
  const feed = await openFeed(target, settings, logger);
  const sql = openGuarded({
    open: () => connect(target, 'tokens', settings, { max: settings.poolSize }),
    feed,
    longest: settings.statementTimeoutMs + 2_000,
    logger,
  });
  const management = openManagement(target, settings);
  return {
    sql,
    management,
    feed,
    async close() {
      await Promise.all([feed.close(), sql.end({ timeout: 5 }), management.$disconnect()]);
    },
  };
}
