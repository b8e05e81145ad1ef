import { browsers, redirectUri } from '../people.mjs';
import { resources, scope } from '../workloads.mjs';
import { seedBrowsers } from './seed-browsers.mjs';

// Fills this repository's database by its own services. The other servers get the same clients and secrets.

const inOneTransaction = 50;

/**
 * @typedef {object} Seeding
 * @property {Readonly<Record<string, string>>} environment of the server that will run on it.
 * @property {number} clients how many.
 */

/** The services, imported late: without a build there are none. */
const services = async () => ({
  ...(await import('../../dist/base/index.js')),
  ...(await import('../../dist/config/index.js')),
  ...(await import('../../dist/telemetry/index.js')),
  ...(await import('../../dist/store/index.js')),
  ...(await import('../../dist/audit/index.js')),
  ...(await import('../../dist/accounts/index.js')),
  ...(await import('../../dist/clients/index.js')),
  ...(await import('../../dist/resources/index.js')),
  ...(await import('../../dist/keys/index.js')),
  ...(await import('../../dist/grants/index.js')),
  ...(await import('../../dist/revocations/index.js')),
});

/**
 * @param {Seeding} seeding
 * @returns {Promise<import('../load/requests.mjs').BenchClient[]>}
 */
export async function seed({ environment, clients }) {
  const house = await services();
  const { config, faults } = house.readConfig(environment);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const target = house.parseTarget(config.database.url);
  await house.prepareSchema(target, config.database);
  const store = await house.openStore(target, config.database, house.createLogger({ level: 'warn', format: 'json' }));
  try {
    const owner = await seedOwner(house, store.management, config.masterKeys.current);
    await seedResources(house, store.management);
    const made = await seedClients(house, store.management, owner, clients);
    const people = { config, store, organizationSid: owner.organizationSid, clients: made.slice(0, browsers) };
    const cookies = await seedBrowsers(house, people);
    const keys = await seedKeys(house, store.management, owner, config.masterKeys.current, clients);
    return made.map((client, index) => ({
      ...client,
      ...(keys[index] && { key: keys[index] }),
      ...(index < browsers ? { cookie: cookies[index] ?? '' } : {}),
    }));
  } finally {
    await store.close();
  }
}

/** @typedef {Awaited<ReturnType<typeof services>>} House */

/** @param {House} house @param {any} management @param {Buffer} masterKey */
async function seedOwner(house, management, masterKey) {
  return management.$transaction(async (/** @type {any} */ transaction) => {
    const change = { transaction, actor: house.bySystem, sealer: house.createSealer(masterKey) };
    const organizationSid = await house.createOrganization(change, { name: 'Benchmark' });
    const user = { email: 'bench@example.com', name: 'Benchmark', password: house.newSecret() };
    return { organizationSid, userSid: await house.createMember(change, user, { organizationSid, role: 'owner' }) };
  });
}

/** @param {House} house @param {any} management */
async function seedResources(house, management) {
  const scopes = [{ name: scope, description: 'Read' }];
  for (const tokenFormat of /** @type {const} */ (['jwt', 'opaque'])) {
    const draft = { identifier: resources[tokenFormat], name: tokenFormat, tokenFormat, scopes };
    await house.createResource(management, draft, house.bySystem);
  }
}

/** @param {House} house @param {any} management @param {object} owner @param {number} count */
async function seedClients(house, management, owner, count) {
  const draft = {
    ...owner,
    clientType: 'confidential',
    authMethod: 'client_secret_basic',
    allowedGrantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
    redirectUris: [redirectUri],
    allowedScopes: [scope],
  };
  /** @type {import('../load/requests.mjs').BenchClient[]} */
  const made = [];
  while (made.length < count) {
    await management.$transaction(async (/** @type {any} */ transaction) => {
      const end = Math.min(count, made.length + inOneTransaction);
      while (made.length < end) {
        const named = { ...draft, name: `Client ${made.length}` };
        const { clientId, clientSecret } = await house.createClient(transaction, named, house.bySystem);
        made.push({ id: clientId, secret: clientSecret ?? '' });
      }
    });
  }
  return made;
}

/**
 * API keys that may mint, of one account.
 * @param {House} house @param {any} management @param {{ organizationSid: string, userSid: string }} owner
 * @param {Buffer} masterKey @param {number} count
 */
async function seedKeys(house, management, { organizationSid, userSid }, masterKey, count) {
  /** @type {Array<{ id: string, secret: string }>} */
  const keys = [];
  /** @param {(change: object) => Promise<void>} work */
  const inTransaction = (work) =>
    management.$transaction(async (/** @type {any} */ transaction) => {
      await work({ transaction, actor: house.bySystem, sealer: house.createSealer(masterKey) });
    });
  let accountSid = '';
  await inTransaction(async (change) => {
    accountSid = (await house.createAccount(change, { name: 'Benchmark', organizationSid })).sid;
  });
  while (keys.length < count) {
    await inTransaction(async (change) => {
      const end = Math.min(count, keys.length + inOneTransaction);
      while (keys.length < end) {
        const key = {
          name: `Key ${keys.length}`,
          userSid,
          organizationSid,
          accountSid,
          scopes: ['access_tokens:write'],
        };
        const { sid, secret } = await house.createApiKey(change, key);
        keys.push({ id: sid, secret });
      }
    });
  }
  return keys;
}
