import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, startEmbedded, withSetupConnection } from '../../src/store/index.ts';
import { adminSettings, templateDatabase, testServerVariable } from './database.ts';

/** One real PostgreSQL for the whole run, with a migrated template that each suite's database is copied from. */
export default async function startPostgres(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const postgres = await startEmbedded({ dataDir });
  const template = { ...postgres.target, database: templateDatabase };
  try {
    await withSetupConnection(postgres.target, adminSettings, (sql) =>
      sql.unsafe(`create database ${templateDatabase}`),
    );
    await withSetupConnection(template, adminSettings, (sql) => migrate(sql));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  process.env[testServerVariable] = JSON.stringify(postgres.target);
  Object.assign(globalThis, {
    stopPostgres: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
}
