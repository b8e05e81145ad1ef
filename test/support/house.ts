import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, serve } from '../../src/boot/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createDatabase, type TestDatabase } from './database.ts';

/** The demo's credentials, as demo.json holds them. */
export type DemoFile = Readonly<Record<string, string>> & {
  readonly client_id: string;
  readonly client_secret: string;
  readonly org_client_id: string;
  readonly org_client_secret: string;
  readonly organization_sid: string;
};

/** A whole server on a database of its own, with demo data. */
export interface House {
  readonly issuer: string;
  /** Where this node listens. Of several nodes each has its own, while the issuer is one. */
  readonly address: string;
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly demo: DemoFile;
  readonly server: Server;
  /** Milliseconds that the server's clock is ahead of this machine's. */
  moveClock(milliseconds: number): void;
  /** Stops the server and drops the database. */
  close(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Boots the real house.
 * @param variables environment on top of the test's own.
 * @param first a house that this one joins as a further node: on its database, with its issuer and keys. Close it before.
 */
export async function openHouse(variables: Readonly<Record<string, string>> = {}, first?: House): Promise<House> {
  const database = first?.database ?? (await createDatabase());
  const dataDir = first?.dataDir ?? (await mkdtemp(join(tmpdir(), 'countersign-house-')));
  const port = await freePort();
  let ahead = 0;
  const reading = readConfig({
    NODE_ENV: 'test',
    PORT: String(port),
    DATABASE_URL: database.url,
    COUNTERSIGN_DATA_DIR: dataDir,
    SEED_DEMO: 'true',
    LOG_LEVEL: 'silent',
    // Tests make thousands of mistakes a minute. Those about limits set it otherwise.
    RATE_LIMIT_EXEMPT: 'loopback',
    ...(first === undefined ? {} : { ISSUER: first.issuer }),
    ...variables,
  });
  const server = await serve(reading, () => Date.now() + ahead);
  return {
    issuer: reading.config.issuer,
    address: `http://127.0.0.1:${port}`,
    database,
    dataDir,
    demo: JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as DemoFile,
    server,
    moveClock: (milliseconds) => {
      ahead += milliseconds;
    },
    async close() {
      await server.stop();
      if (first !== undefined) return;
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
