import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { DatabaseTarget } from '../../src/store/index.ts';

/** Where global-setup leaves the address of the run's PostgreSQL for the workers. */
export const testServerVariable = 'COUNTERSIGN_TEST_POSTGRES';
export const templateDatabase = 'countersign_template';
export const adminSettings = {
  url: undefined,
  poolSize: 1,
  managementPoolSize: 1,
  connectTimeout: 10,
  statementTimeoutMs: 60_000,
  migrateOnStart: true,
};

/** The run's PostgreSQL server. */
export function testServer(): DatabaseTarget {
  return JSON.parse(process.env[testServerVariable] ?? '') as DatabaseTarget;
}

/** A connection URL of a database on it, as an operator would write it for a Unix socket. */
export function databaseUrl({ host, port, user, password, database }: DatabaseTarget): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${database}`;
}

/** A database of one's own, dropped with `drop`. */
export interface TestDatabase {
  readonly target: DatabaseTarget;
  readonly url: string;
  /** A client of the test's own, to look at what a server did. */
  readonly sql: postgres.Sql;
  drop(): Promise<void>;
}

async function onServer<Value>(work: (sql: postgres.Sql) => Promise<Value>): Promise<Value> {
  const sql = postgres({ ...testServer(), max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Makes a database: migrated like the template, or empty. */
export async function createDatabase(from: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = from === 'migrated' ? templateDatabase : 'template0';
  await onServer((sql) => sql.unsafe(`create database ${name} template ${template}`));
  const target = { ...testServer(), database: name };
  const sql = postgres({ ...target, max: 2, onnotice: () => undefined });
  return {
    target,
    url: databaseUrl(target),
    sql,
    async drop() {
      await sql.end({ timeout: 1 });
      await onServer((admin) => admin.unsafe(`drop database if exists ${name} with (force)`));
    },
  };
}
