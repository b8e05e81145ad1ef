import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewClient } from '../../src/clients/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import type { DemoFile, House } from '../support/house.ts';
import { endProcesses, type ServerProcess, startServer, type Variables } from '../support/process.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { type ClientWish, openRegistry, type Registry } from '../support/registry.ts';

/** A client that acts for users, and its secret. */
export type App = NewClient & { readonly clientSecret: string };

/** Two server processes on one database, as behind a load balancer. */
export interface Cluster {
  readonly issuer: string;
  /** Where each of the two answers. */
  readonly addresses: readonly [string, string];
  readonly database: TestDatabase;
  readonly desk: Desk;
  readonly registry: Registry;
  readonly demo: DemoFile;
  /** The user whose codes and tokens these are. */
  readonly user: string;
  /** Starts a further node of the same cluster. */
  join(variables?: Variables): Promise<ServerProcess>;
  /** Makes a client of the code flow, which may ask for `scopes`. */
  makeApp(wish?: ClientWish): Promise<App>;
  close(): Promise<void>;
}

export const redirectUri = 'https://app.example/callback';
/** The scopes of every app and authorization here, at the management API. */
export const scopes = ['accounts:read', 'clients:read'] as const;

export const addressOf = ({ port }: ServerProcess) => `http://127.0.0.1:${port}`;

/** Starts the servers from the build, and opens what makes clients, users and codes beside them. */
export async function openCluster(variables: Variables = {}): Promise<Cluster> {
  const database = await createDatabase();
  const shared = { NODE_ENV: 'test', LOG_LEVEL: 'error', SEED_DEMO: 'true', DATABASE_URL: database.url, ...variables };
  const first = await startServer(shared);
  const { issuer, dataDir } = first;
  const join_ = (own: Variables = {}) =>
    startServer({ ...shared, ISSUER: issuer, COUNTERSIGN_DATA_DIR: dataDir, ...own });
  const second = await join_();
  const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;
  // The registry needs the database and the demo's organization of a house, nothing else of it.
  const registry = await openRegistry({ database, demo } as House);
  const desk = await openDesk(database, issuer, dataDir);
  return {
    issuer,
    addresses: [addressOf(first), addressOf(second)],
    database,
    desk,
    registry,
    demo,
    user: await desk.makeUser(),
    join: join_,
    makeApp: (wish = {}) =>
      registry.makeClient({
        authMethod: 'client_secret_post',
        allowedGrantTypes: ['authorization_code', 'refresh_token'],
        allowedScopes: [...scopes],
        redirectUris: [redirectUri],
        ...wish,
      }),
    async close() {
      await endProcesses();
      await desk.close();
      await registry.close();
      await database.drop();
    },
  };
}
