import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTenantDirectory } from '../../src/accounts/index.ts';
import { createSealer, systemClock } from '../../src/base/index.ts';
import { createClientDirectory } from '../../src/clients/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createKernel } from '../../src/http/index.ts';
import { loadKeyRing } from '../../src/keys/index.ts';
import { protocolRoutes, startEngine } from '../../src/provider/index.ts';
import { createResourceDirectory } from '../../src/resources/index.ts';
import { openRevocations } from '../../src/revocations/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger, createMetrics } from '../../src/telemetry/index.ts';
import type { House } from '../support/house.ts';

/** One protocol engine behind two addresses: with its plain path, and without it. */
export interface Engines {
  /** Answers the plain cases itself. */
  readonly plain: string;
  /** Leaves every case to the library. */
  readonly library: string;
  /** How many requests the plain path has answered so far. */
  answered(): number;
  close(): Promise<void>;
}

/** Builds the engine on a house's database and keys, as the house itself does. */
export async function openEngines(house: House): Promise<Engines> {
  const variables = { NODE_ENV: 'test', ISSUER: house.issuer, DATABASE_URL: house.database.url, LOG_LEVEL: 'silent' };
  const { config } = readConfig(variables);
  const [logger, metrics, clock] = [createLogger(config.log), createMetrics(), systemClock];
  const sealer = createSealer(
    Buffer.from((await readFile(join(house.dataDir, 'master.key'), 'utf8')).trim(), 'base64url'),
  );
  const store = await openStore(house.database.target, config.database, logger);
  const clients = createClientDirectory(store, config.cache, metrics, clock);
  const resources = createResourceDirectory(store, config.cache, metrics, clock);
  const tenants = createTenantDirectory(store, config.cache, metrics, clock);
  const revocations = await openRevocations(store, logger, clock);
  const parts = { config, sql: store.sql, sealer, clock, clients, resources, tenants, revocations };
  const engine = startEngine(parts, await loadKeyRing(store.sql, sealer, clock), logger);
  let answered = 0;
  const counting: typeof engine.plainToken = async (headers, parameters) => {
    const answer = await engine.plainToken(headers, parameters);
    if (answer !== undefined) answered += 1;
    return answer;
  };

  async function open(plainToken: typeof engine.plainToken) {
    const mount = protocolRoutes({ config, engine: { ...engine, plainToken } });
    const server = createServer(createKernel({ config, logger, metrics, mount }).callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const [plain, library] = [await open(counting), await open(async () => undefined)];
  return {
    plain: plain.address,
    library: library.address,
    answered: () => answered,
    async close() {
      for (const { server } of [plain, library]) {
        server.closeAllConnections();
        server.close();
      }
      revocations.close();
      await store.close();
    },
  };
}
