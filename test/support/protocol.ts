import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Provider } from 'oidc-provider';
import { createTenantDirectory, createUsers } from '../../src/accounts/index.ts';
import { createSealer, newSecret, newSid, systemClock } from '../../src/base/index.ts';
import { createClientDirectory } from '../../src/clients/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createGrants } from '../../src/grants/index.ts';
import { loadKeyRing } from '../../src/keys/index.ts';
import { createProvider } from '../../src/provider/factory.ts';
import { narrowing } from '../../src/provider/narrowing.ts';
import { requestCookie } from '../../src/provider/people/index.ts';
import { createResourceDirectory } from '../../src/resources/index.ts';
import { openRevocations } from '../../src/revocations/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger, createMetrics } from '../../src/telemetry/index.ts';
import type { TestDatabase } from './database.ts';

/** What a refresh token is made from. */
export interface TokenWish {
  readonly clientId: string;
  readonly user: string;
  /** The authorization that it stands for. */
  readonly grantId: string;
  readonly scope: string;
  /** Default: the management API. */
  readonly resource?: string;
  /** Seconds since the epoch. Default: as configured. */
  readonly expiresAt?: number;
}

/** What a code is made from. */
export interface CodeWish extends TokenWish {
  readonly redirectUri: string;
}

/** What a person's sign-in and consent would have left in the database, without pages to click through. */
export interface Desk {
  /** The library on the same database and keys as the servers under test. */
  readonly provider: Provider;
  /** Makes a user. @returns the SID. */
  makeUser(): Promise<string>;
  /** Makes an authorization (a family) for a user, as consent to these scopes. @param resource default: the issuer. */
  makeGrant(clientId: string, user: string, scope: string, resource?: string): Promise<string>;
  /** Makes a code, as the authorization endpoint would have handed it to the client, and the verifier that it needs. */
  makeCode(wish: CodeWish): Promise<{ readonly code: string; readonly verifier: string }>;
  /** Makes the first refresh token of a family. */
  makeRefreshToken(wish: TokenWish): Promise<string>;
  /** Makes the session of a user who has consented to a client. @returns the Cookie header of their browser. */
  makeSession(user: string, clientId: string, grantId: string): Promise<string>;
  close(): Promise<void>;
}

/** A signed cookie of the library, as a browser sends it back. */
function cookieHeader(provider: Provider, name: string, value: string): string {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  provider.createContext(request, response).cookies.set(provider.cookieName(name), value, { signed: true });
  const cookies = response.getHeader('set-cookie') as string[];
  return cookies.map((cookie) => cookie.split(';')[0]).join('; ');
}

/** The desk makes things; nobody asks it for a page. */
const nobodyLooks = { error: () => undefined, logout: async () => undefined, signedOut: () => undefined };

/** Opens a desk on a database whose first server has started. @param dataDir where that server keeps its master key. */
export async function openDesk(database: TestDatabase, issuer: string, dataDir: string): Promise<Desk> {
  const { config } = readConfig({ NODE_ENV: 'test', ISSUER: issuer, DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
  const masterKey = Buffer.from((await readFile(join(dataDir, 'master.key'), 'utf8')).trim(), 'base64url');
  const sealer = createSealer(masterKey);
  const metrics = createMetrics();
  const store = await openStore(database.target, config.database, createLogger(config.log));
  const clients = createClientDirectory(store, config, metrics, systemClock);
  const resources = createResourceDirectory(store, config.cache, metrics, systemClock);
  const tenants = createTenantDirectory(store, config, metrics, systemClock);
  const logger = createLogger(config.log);
  const revocations = await openRevocations(store, logger, systemClock);
  const provider = createProvider(
    {
      config,
      sql: store.sql,
      sealer,
      clock: systemClock,
      clients,
      findClient: (id) => clients.get(id),
      resources,
      tenants,
      narrow: narrowing(tenants),
      inspect: async () => undefined,
      users: createUsers(store.sql),
      revocations,
      grants: createGrants(store.sql),
      renderers: nobodyLooks,
      questionUrl: async () => `${issuer}/oauth/interaction`,
      cookie: requestCookie(sealer, false),
      headless: new WeakSet(),
      keyFetch: async () => Response.error(),
      afterAuthentication: (_ctx, next) => next(),
    },
    await loadKeyRing(store.sql, sealer, systemClock),
  );

  /** What codes and refresh tokens have in common. */
  async function common({ clientId, user, grantId, scope, resource, expiresAt }: TokenWish) {
    const client = await provider.Client.find(clientId);
    if (client === undefined) throw new Error(`there is no client ${clientId}`);
    return {
      accountId: user,
      client,
      grantId,
      scope,
      resource: resource ?? config.tokens.defaultResource,
      gty: 'authorization_code',
      ...(expiresAt === undefined ? {} : { exp: expiresAt }),
    };
  }

  return {
    provider,
    async makeUser() {
      const sid = newSid('user');
      await database.sql`
        insert into users (sid, email, name, password_hash) values (${sid}, ${`${sid}@example.com`}, 'Test', 'none')`;
      return sid;
    },
    async makeGrant(clientId, user, scope, resource = config.tokens.defaultResource) {
      const grant = new provider.Grant({ clientId, accountId: user });
      grant.addResourceScope(resource, scope);
      return grant.save();
    },
    async makeCode({ redirectUri, ...wish }) {
      const verifier = newSecret();
      const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
      const challenge = { redirectUri, codeChallenge, codeChallengeMethod: 'S256' };
      return { code: await new provider.AuthorizationCode({ ...(await common(wish)), ...challenge }).save(), verifier };
    },
    makeRefreshToken: async (wish) => new provider.RefreshToken({ ...(await common(wish)), rotations: 0 }).save(),
    async makeSession(user, clientId, grantId) {
      const authorizations = { [clientId]: { grantId, sid: newSecret() } };
      const session = Object.assign(new provider.Session(), { authorizations });
      session.loginAccount({ accountId: user });
      return cookieHeader(provider, 'session', await session.save(config.tokens.sessionTtl));
    },
    async close() {
      revocations.close();
      await store.close();
    },
  };
}
