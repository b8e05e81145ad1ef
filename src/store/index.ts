/**
 * The database kernel: the clients (postgres.js for the token path, Prisma for management), migrations, the embedded
 * PostgreSQL and the feed of changes. It knows no table's meaning: each feature's own store.ts writes its statements.
 * Only this folder and those files may touch a database client.
 */
export { type EmbeddedPostgres, hasEmbeddedDatabase, joinEmbedded, startEmbedded } from './embedded/index.ts';
export { Prisma } from './generated/client.ts';
export { createLookupCache, type LookupCache } from './lookup-cache.ts';
export { inTransaction, type Management, type ManagementTransaction } from './management.ts';
export { type MigrationReport, migrate, pendingMigrations } from './migrate.ts';
export { openStore, prepareSchema, type Store, withSetupConnection } from './open.ts';
export { available, type Sql } from './sql.ts';
export { startSweep } from './sweep.ts';
export { type DatabaseTarget, parseTarget } from './target.ts';
