import { randomBytes } from 'node:crypto';
import { createIdentification, type LiveBearer } from '../../src/access/index.ts';
import { createTenantDirectory } from '../../src/accounts/index.ts';
import { createSealer, type Sealer } from '../../src/base/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { type ConsentTokens, createConsentTokens } from '../../src/grants/index.ts';
import { createKernel, listen } from '../../src/http/index.ts';
import { type InteractionParts, interactionRoutes, questionUrl } from '../../src/interactions/index.ts';
import { createRequestLimits } from '../../src/limits/index.ts';
import { createProofRules, type PendingRequest } from '../../src/provider/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger, createMetrics } from '../../src/telemetry/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { type Cast, openCast, usersOf } from './cast.ts';
import { type WaitingPeople, waitingPeople } from './people.ts';

/** A question that was put. */
export interface Put {
  readonly request: PendingRequest;
  readonly token: string;
}

/** The routes on a real listener, kernel and database; the protocol and the sign-in are played. */
export interface Stage {
  readonly issuer: string;
  /** Where it really listens. */
  readonly address: string;
  readonly clientId: string;
  readonly database: TestDatabase;
  readonly sealer: Sealer;
  readonly people: WaitingPeople;
  readonly consentTokens: ConsentTokens;
  readonly cast: Cast;
  /** What sign-ins were tried with. The password `right` is right, `patience` throttles, any other is wrong. */
  readonly attempts: ReadonlyArray<Parameters<InteractionParts['signIn']>[0]>;
  /** Access tokens that count. */
  readonly accessTokens: Map<string, LiveBearer>;
  /** Clients that are known, besides the one that asks. */
  forgetClient(): void;
  put(wish?: Partial<PendingRequest>): Promise<Put>;
  moveClock(milliseconds: number): void;
  close(): Promise<void>;
}

export interface StageWish {
  readonly issuer?: string;
  readonly consentUrl?: string;
}

const client = {
  clientId: 'OQ0123456789abcdef0123456789abcdef',
  name: 'Example App',
  verified: false,
  logoUri: 'https://app.example/logo.png',
  policyUri: 'https://app.example/privacy',
  tosUri: null,
};

export const throttledFor = 90;

/** Builds a stage. */
export async function openStage({ issuer = 'http://auth.localhost', consentUrl }: StageWish = {}): Promise<Stage> {
  const database = await createDatabase();
  const logger = createLogger({ level: 'silent', format: 'json' });
  const metrics = createMetrics();
  const store = await openStore(database.target, { ...adminSettings, poolSize: 5 }, logger);
  const sealer = createSealer(randomBytes(32));
  const consentTokens = createConsentTokens(store.sql, sealer);
  const people = waitingPeople(issuer);
  const attempts: Array<Stage['attempts'][number]> = [];
  const accessTokens: Stage['accessTokens'] = new Map();
  let ahead = 0;
  let known = true;
  const clock = () => Date.now() + ahead;

  const signIn: InteractionParts['signIn'] = async (attempt) => {
    attempts.push(attempt);
    if (attempt.password === 'patience')
      return { ok: false, reason: 'throttled', retryAfter: throttledFor, of: 'account' };
    const [user] = await store.sql<Array<{ sid: string }>>`select sid from users where email = ${attempt.email}`;
    if (attempt.password !== 'right' || user === undefined) return { ok: false, reason: 'wrong' };
    return { ok: true, user, device: `device.of.${user.sid}` };
  };

  const { config } = readConfig({ RATE_LIMIT_EXEMPT: 'loopback' });
  const tenants = createTenantDirectory(store, { ...config, issuer }, metrics, clock);
  const parts: InteractionParts = {
    config: { issuer, consent: { url: consentUrl, tokenTtl: 600 }, signIn: config.signIn },
    people: () => people,
    users: usersOf(store.sql),
    signIn,
    consentTokens,
    clients: { get: async (id) => (known && id === client.clientId ? client : undefined) },
    resources: {
      get: async (id) =>
        id === issuer
          ? { name: 'Management API', descriptions: new Map([['clients:read', 'See OAuth clients']]) }
          : undefined,
    },
    tenants,
    identification: createIdentification({
      config: { issuer },
      clock,
      tenants,
      inspect: async (token) => accessTokens.get(token),
      proofs: createProofRules({ config, sql: store.sql, sealer }),
      failures: createRequestLimits({ config: config.limits, sql: store.sql, logger, metrics }).managementFailures,
    }),
    logos: { has: async (id) => id === client.clientId },
    pages: {
      send(ctx, status, page) {
        ctx.status = status;
        ctx.set('cache-control', 'no-store');
        ctx.body = page;
      },
    },
    sealer,
    clock,
    logger,
  };
  const kernel = createKernel({
    config: { issuer, trustProxy: 0 },
    logger,
    metrics,
    mount: interactionRoutes(parts),
  });
  const listening = { host: '127.0.0.1', port: 0, requestTimeout: 10, variable: 'PORT' };
  const listener = await listen(kernel, listening);
  const urlOf = questionUrl(parts);

  return {
    issuer,
    address: `http://127.0.0.1:${listener.port}`,
    clientId: client.clientId,
    database,
    sealer,
    people,
    consentTokens,
    cast: openCast(store, sealer),
    attempts,
    accessTokens,
    forgetClient: () => {
      known = false;
    },
    async put(wish = {}) {
      const request = people.add({ clientId: client.clientId, ...wish });
      const url = new URL(await urlOf(request));
      return { request, token: url.searchParams.get('consent_token') ?? '' };
    },
    moveClock: (milliseconds) => {
      ahead += milliseconds;
    },
    async close() {
      await listener.close(1);
      await store.close();
      await database.drop();
    },
  };
}
