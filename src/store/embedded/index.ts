/**
 * The server's own PostgreSQL, for when no DATABASE_URL is given: it makes the database, starts it, adopts one that a
 * killed server left running, keeps a second server out and stops it at the end. It knows nothing of what is stored.
 *
 * In the data directory: `postgres/` (the cluster, with its password in `countersign.password`), `run/` (the Unix
 * socket, the only way in), `postgres.log`, and `postgres-<version>-<platform>/` where the binaries had to be copied.
 */

export { hasEmbeddedDatabase } from './exists.ts';
export { joinEmbedded } from './join.ts';
export { type EmbeddedPostgres, startEmbedded } from './start.ts';
