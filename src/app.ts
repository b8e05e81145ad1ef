import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createAccess, createIdentification, plainKeyFinder } from './access/index.ts';
import { createSignIn, createTenantDirectory, createUseNotes, createUsers } from './accounts/index.ts';
import { type Admit, createExecutor, describeApi, managedPaths, mountOperations } from './api/index.ts';
import type { Clock, Sealer } from './base/index.ts';
import { createClientDirectory, noteUses, openSelfRegistration, registrationRoutes } from './clients/index.ts';
import type { Config } from './config/index.ts';
import { createConsentTokens, createGrants } from './grants/index.ts';
import {
  createKernel,
  mountHealth,
  mountMetrics,
  type Readiness,
  sendManagementProblem,
  sendOAuthProblem,
  sendTwilioProblem,
} from './http/index.ts';
import {
  consentEndpoints,
  createClientLogos,
  createPages,
  createRenderers,
  interactionRoutes,
  loadBrand,
  questionUrl,
} from './interactions/index.ts';
import {
  createIssuer,
  mintingScope,
  twilioAuthorizeRoute,
  twilioEndpoints,
  twilioTokenAddresses,
} from './issuer/index.ts';
import { followKeys } from './keys/index.ts';
import { createRequestLimits, limitCaller } from './limits/index.ts';
import { managementOperations } from './operations.ts';
import { createOutbound, loadAuthorities } from './outbound/index.ts';
import { createProofRules, protocolEndpoints, protocolLanes, protocolRoutes, startEngine } from './provider/index.ts';
import { referenceRoutes } from './reference/index.ts';
import { createResourceDirectory, managementScopes } from './resources/index.ts';
import { openRevocations } from './revocations/index.ts';
import type { Store } from './store/index.ts';
import type { Logger, Metrics } from './telemetry/index.ts';

/** What every server of the house has from its first moment on. */
export interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly readiness: Readiness;
}

/** The public server, and what it keeps running besides. */
export interface App {
  readonly handler: RequestListener;
  close(): void;
}

/** The same distance from src/ and from dist/. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The public server: builds every part and mounts it, top to bottom. */
export async function createApp(around: Surroundings, store: Store, sealer: Sealer): Promise<App> {
  const { config, logger, metrics, clock, readiness } = around;
  const { sql } = store;
  const clients = noteUses(createClientDirectory(store, config, metrics, clock), { sql, clock, logger });
  const resources = createResourceDirectory(store, config.cache, metrics, clock);
  const tenants = createTenantDirectory(store, config, metrics, clock, createUseNotes(store.sql, logger, clock));
  const revocations = await openRevocations(store, logger, clock);
  const users = createUsers(store.sql);
  const signIn = createSignIn({ sql: store.sql, sealer, clock, logger, metrics, config: config.signIn });
  const grants = createGrants(store.sql);
  const consentTokens = createConsentTokens(store.sql, sealer);
  const pages = createPages(await loadBrand(config.brand));
  const renderers = createRenderers({ pages, users, clients });
  const authorities = await loadAuthorities(config.outbound);
  const outbound = createOutbound({ allowLoopback: config.mode !== 'production', ...authorities });
  const selfRegistration = openSelfRegistration({ config, store, clients, outbound, clock, logger });
  const logos = createClientLogos({
    outbound,
    logoUri: async (clientId) => (await clients.get(clientId))?.logoUri ?? undefined,
  });
  const limits = createRequestLimits({ config: config.limits, sql, logger, metrics });
  const own = { config, sql, sealer, clock, clients, resources, tenants, revocations, metrics, limits };
  const issuer = createIssuer(own);
  const parts = {
    ...own,
    outbound,
    findIssued: issuer.findIssued,
    findClient: selfRegistration.findClient,
    users,
    grants,
    renderers,
    questionUrl: questionUrl({ config, consentTokens, clock }),
  };
  const keys = await followKeys({ store, sealer, clock, logger });
  const engine = startEngine(parts, keys.ring(), logger);
  keys.follow(engine.useKeys);

  const operations = managementOperations({ config, store, sealer, clock, issuer });
  const identification = createIdentification({
    ...own,
    inspect: engine.inspect,
    proofs: createProofRules(own),
    failures: limits.managementFailures,
  });
  const authenticate = createAccess({ tenants, identification });
  const admit: Admit = (ctx, { kind, id }) => limitCaller(limits.managementRequests, ctx, `${kind} ${id}`);
  const minting = issuer.lane({
    config,
    minterOf: plainKeyFinder({ tenants, failures: limits.managementFailures }, mintingScope),
    count: (sid, address) => limits.managementRequests.tally({ address, who: `api_key ${sid}` }),
  });
  const isManaged = managedPaths(operations);
  const describe = () =>
    describeApi({
      issuer: config.issuer,
      version,
      operations,
      endpoints: [
        ...protocolEndpoints({ registration: config.registration.policy !== 'closed' }),
        ...twilioEndpoints,
        ...consentEndpoints,
      ],
      scopes: managementScopes,
    });

  const tokenAddresses = twilioTokenAddresses(config.issuer);
  const sendTwilio = sendTwilioProblem(config.issuer);
  const dialectOf = (path: string) => {
    if (path === '/v2/token' || path.startsWith('/v1/')) return sendTwilio;
    return isManaged(path) ? sendManagementProblem : sendOAuthProblem;
  };

  const handler = createKernel({
    config,
    logger,
    metrics,
    dialectOf,
    lanes: [...protocolLanes({ config, engine, tokenAddresses }), minting],
    mount(router) {
      mountHealth(router, readiness);
      protocolRoutes({ config, engine, renderers, limits, tokenAddresses })(router);
      twilioAuthorizeRoute(router);
      registrationRoutes({
        config,
        registration: selfRegistration.registration,
        authenticate,
        admit: async (address) => void (await limits.registrations.take({ address })),
        logger,
      })(router);
      pages.mount(router);
      logos.mount(router);
      mountOperations({
        operations,
        execute: createExecutor({ management: store.management, sealer, checkAnswers: config.mode === 'test' }),
        authenticate,
        admit,
        maxBodyBytes: config.http.maxBodyBytes,
      })(router);
      referenceRoutes({ describe, frame: pages.frame })(router);
      interactionRoutes({
        ...own,
        users,
        signIn,
        consentTokens,
        logos,
        pages,
        logger,
        people: () => engine.people,
        identification,
      })(router);
    },
  });
  const close = () => {
    keys.close();
    selfRegistration.stop();
    revocations.close();
  };
  return { handler, close };
}

/** What answers before the public server is built: health, and 404 for the rest. */
export function createWaitingRoom({ config, logger, metrics, readiness }: Surroundings): RequestListener {
  return createKernel({ config, logger, metrics, mount: (router) => mountHealth(router, readiness) });
}

/** The admin server, on a listener of its own: metrics and health. */
export function createAdminApp({ config, logger, metrics, readiness }: Surroundings): RequestListener {
  return createKernel({
    config,
    logger,
    metrics,
    mount(router) {
      mountHealth(router, readiness);
      mountMetrics(router, metrics);
    },
  });
}
