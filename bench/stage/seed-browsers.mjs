import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { resources, scope } from '../workloads.mjs';

// Signed-in users of this repository's server, made by its own parts: what a sign-in and a consent in a browser leave in
// the database, without the time that a thousand password hashes take.

/**
 * @typedef {object} People
 * @property {any} config
 * @property {any} store
 * @property {string} organizationSid
 * @property {ReadonlyArray<{ id: string }>} clients one browser for each.
 */

/** @param {any} house @param {People} people */
async function openProvider(house, { config, store }) {
  const { createProvider } = await import('../../dist/provider/factory.js');
  const { requestCookie } = await import('../../dist/provider/people/index.js');
  const sealer = house.createSealer(config.masterKeys.current);
  await house.ensureSigningKeys(store.sql, sealer, house.systemClock);
  const metrics = house.createMetrics();
  const nobody = () => undefined;
  const clients = house.createClientDirectory(store, config, metrics, house.systemClock);
  const parts = {
    config,
    sql: store.sql,
    sealer,
    clock: house.systemClock,
    clients,
    findClient: (/** @type {string} */ id) => clients.get(id),
    keyFetch: async () => Response.error(),
    resources: house.createResourceDirectory(store, config.cache, metrics, house.systemClock),
    users: house.createUsers(store.sql),
    grants: house.createGrants(store.sql),
    revocations: { isRevoked: async () => false },
    renderers: { error: nobody, logout: async () => undefined, signedOut: nobody },
    questionUrl: async () => config.issuer,
    cookie: requestCookie(sealer, false),
    headless: new WeakSet(),
    afterAuthentication: (/** @type {unknown} */ _ctx, /** @type {() => Promise<void>} */ next) => next(),
  };
  return createProvider(parts, await house.loadKeyRing(store.sql, sealer, house.systemClock));
}

/** @param {any} provider @param {string} value */
function cookieHeader(provider, value) {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  provider.createContext(req, res).cookies.set(provider.cookieName('session'), value, { signed: true });
  const lines = /** @type {string[]} */ (res.getHeader('set-cookie'));
  return lines.map((line) => line.split(';')[0]).join('; ');
}

/**
 * @param {any} house
 * @param {People} people
 * @returns {Promise<string[]>} the Cookie header of each browser.
 */
export async function seedBrowsers(house, people) {
  const { config, store, organizationSid, clients } = people;
  const provider = await openProvider(house, people);
  const grants = house.createGrants(store.sql);
  const cookies = [];
  for (const [index, { id: clientId }] of clients.entries()) {
    const userSid = house.newSid('user');
    await store.sql`insert into users (sid, email, name, password_hash)
      values (${userSid}, ${`user-${index}@example.com`}, 'Benchmark', 'none')`;
    await store.sql`insert into memberships (user_sid, organization_sid, role)
      values (${userSid}, ${organizationSid}, 'viewer')`;
    await grants.allow({ userSid, clientId, organizationSid }, [{ resource: resources.jwt, scopes: [scope] }]);
    const session = new provider.Session();
    session.loginAccount({ accountId: userSid });
    cookies.push(cookieHeader(provider, await session.save(config.tokens.sessionTtl)));
  }
  return cookies;
}
