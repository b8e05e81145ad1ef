import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTenantDirectory, createUsers } from '../../src/accounts/index.ts';
import { createSealer, type Sealer, systemClock } from '../../src/base/index.ts';
import { createClientDirectory } from '../../src/clients/index.ts';
import { type Config, readConfig } from '../../src/config/index.ts';
import { createGrants } from '../../src/grants/index.ts';
import { createKernel, type Lane, type Parameters, sendOAuthProblem, sendTwilioProblem } from '../../src/http/index.ts';
import { twilioTokenAddresses } from '../../src/issuer/index.ts';
import { loadKeyRing } from '../../src/keys/index.ts';
import { createRequestLimits } from '../../src/limits/index.ts';
import { createOutbound } from '../../src/outbound/index.ts';
import { protocolLanes, protocolRoutes, startEngine } from '../../src/provider/index.ts';
import type { PlainAuthorization } from '../../src/provider/plain/authorize.ts';
import { createResourceDirectory } from '../../src/resources/index.ts';
import { openRevocations } from '../../src/revocations/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger, createMetrics } from '../../src/telemetry/index.ts';
import type { House } from '../support/house.ts';

/** One protocol engine behind two addresses: with its express lanes, and without them. */
export interface Engines {
  /** Answers the plain cases in the lanes. */
  readonly plain: string;
  /** Leaves every case to koa and the library. */
  readonly library: string;
  /** How many requests the lanes have answered so far. */
  answered(): number;
  /** How many authorizations were answered without the library so far. */
  authorized(): number;
  readonly sealer: Sealer;
  readonly config: Config;
  close(): Promise<void>;
}

/** Builds the engine on a house's database and keys, as the house itself does. */
export async function openEngines(house: House): Promise<Engines> {
  const variables = {
    NODE_ENV: 'test',
    ISSUER: house.issuer,
    DATABASE_URL: house.database.url,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_EXEMPT: 'loopback',
  };
  const { config } = readConfig(variables);
  const [logger, metrics, clock] = [createLogger(config.log), createMetrics(), systemClock];
  const sealer = createSealer(
    Buffer.from((await readFile(join(house.dataDir, 'master.key'), 'utf8')).trim(), 'base64url'),
  );
  const store = await openStore(house.database.target, config.database, logger);
  const clients = createClientDirectory(store, config, metrics, clock);
  const resources = createResourceDirectory(store, config.cache, metrics, clock);
  const tenants = createTenantDirectory(store, config, metrics, clock);
  const revocations = await openRevocations(store, logger, clock);
  const renderers = { error: () => undefined, logout: async () => undefined, signedOut: () => undefined };
  const limits = createRequestLimits({ config: config.limits, sql: store.sql, logger, metrics });
  const parts = {
    config,
    limits,
    sql: store.sql,
    sealer,
    clock,
    clients,
    findClient: (id: string) => clients.get(id),
    resources,
    tenants,
    revocations,
    metrics,
    renderers,
    outbound: createOutbound({ allowLoopback: true }),
    users: createUsers(store.sql),
    grants: createGrants(store.sql),
    questionUrl: async () => `${house.issuer}/oauth/interaction`,
    findIssued: async () => undefined,
  };
  const engine = startEngine(parts, await loadKeyRing(store.sql, sealer, clock), logger);
  let answered = 0;
  const tokenAddresses = twilioTokenAddresses(config.issuer);
  const sendTwilio = sendTwilioProblem(config.issuer);
  const dialectOf = (path: string) => (/^\/v[12]\/token$/.test(path) ? sendTwilio : sendOAuthProblem);
  let authorized = 0;
  const plainAuthorization: PlainAuthorization = async (query, cookies) => {
    const callback = await engine.plainAuthorization(query, cookies);
    if (callback !== undefined) authorized += 1;
    return callback;
  };
  const counted = protocolLanes({ config, engine: { ...engine, plainAuthorization }, tokenAddresses }).map(
    (lane): Lane =>
      lane.reads === 'query'
        ? lane
        : {
            ...lane,
            async answer(req: IncomingMessage, parameters: Parameters, address: string) {
              const answer = await lane.answer(req, parameters, address);
              if (answer !== undefined) answered += 1;
              return answer;
            },
          },
  );

  async function open(lanes: readonly Lane[]) {
    const mount = protocolRoutes({ config, engine, renderers, limits, tokenAddresses });
    const kernel = createKernel({ config, logger, metrics, mount, lanes, dialectOf });
    const server = createServer(kernel).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const [plain, library] = [await open(counted), await open([])];
  return {
    plain: plain.address,
    library: library.address,
    answered: () => answered,
    authorized: () => authorized,
    sealer,
    config,
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
