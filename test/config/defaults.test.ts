import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/index.ts';
import { variables } from '../../src/config/variables.ts';

/** A configuration with nothing but its data directory, which depends on who asks. */
const bare = readConfig({ COUNTERSIGN_DATA_DIR: '/data' });

/** What each variable is when nobody sets it. The table of the operator's handbook, so to speak. */
const defaults = {
  NODE_ENV: 'development',
  HOST: undefined,
  PORT: 3000,
  ISSUER: undefined,
  WORKERS: undefined,
  ADMIN_HOST: '127.0.0.1',
  ADMIN_PORT: undefined,
  TRUST_PROXY: undefined,
  DATABASE_URL: undefined,
  DATABASE_POOL_SIZE: 10,
  MANAGEMENT_POOL_SIZE: 4,
  DATABASE_CONNECT_TIMEOUT: 10,
  STATEMENT_TIMEOUT_MS: 10_000,
  COUNTERSIGN_DATA_DIR: undefined,
  MIGRATE_ON_START: true,
  SEED_DEMO: undefined,
  MASTER_KEY: undefined,
  MASTER_KEYS_PREVIOUS: undefined,
  ACCESS_TOKEN_TTL: 3600,
  REFRESH_TOKEN_TTL: 2_592_000,
  REFRESH_WINDOW: 10,
  SESSION_TTL: 1_209_600,
  REFRESH_TOKEN_IDLE_TTL: 1_209_600,
  DPOP_NONCES: false,
  CLOCK_TOLERANCE: 5,
  CLIENT_ASSERTION_MAX_TTL: 300,
  DEFAULT_RESOURCE: undefined,
  MANAGEMENT_SIGNING_ALG: 'ES256',
  JWKS_MAX_AGE: 300,
  BRAND_NAME: 'Countersign',
  BRAND_COLOUR: '#1d4ed8',
  BRAND_LOGO: undefined,
  CONSENT_URL: undefined,
  CONSENT_TOKEN_TTL: 600,
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: 10,
  SIGN_IN_ATTEMPTS_PER_ADDRESS: 50,
  SIGN_IN_EXEMPT: undefined,
  RATE_LIMIT_CLIENT_FAILURES: 300,
  RATE_LIMIT_ADDRESS_FAILURES: 1_200,
  RATE_LIMIT_INACTIVE_INTROSPECTIONS: 6_000,
  RATE_LIMIT_PUSHED_REQUESTS: 1_200,
  RATE_LIMIT_REGISTRATIONS: 60,
  RATE_LIMIT_MANAGEMENT_REQUESTS: 3_000,
  RATE_LIMIT_MANAGEMENT_FAILURES: 300,
  RATE_LIMIT_EXEMPT: undefined,
  REGISTRATION: undefined,
  REGISTRATION_TOKENS: undefined,
  REGISTRATION_SCOPES: undefined,
  REGISTRATION_GRANT_TYPES: ['authorization_code', 'refresh_token'],
  REGISTRATION_REDIRECT_HOSTS: undefined,
  REGISTERED_CLIENT_IDLE_TTL: 7_776_000,
  CLIENT_ID_METADATA_DOCUMENTS: undefined,
  OUTBOUND_CA_FILE: undefined,
  CACHE_MAX_ENTRIES: 10_000,
  CACHE_TTL: 60,
  MAX_BODY_BYTES: 57_344,
  REQUEST_TIMEOUT: 30,
  SWEEP_INTERVAL: 60,
  SHUTDOWN_DELAY: 0,
  SHUTDOWN_TIMEOUT: 25,
  LOG_LEVEL: 'info',
  LOG_FORMAT: undefined,
};

describe('without a single variable', () => {
  it('every variable has its default', () => {
    const parsed = Object.entries(variables).map(([name, rule]) => [name, rule.parse(undefined)]);
    expect(Object.fromEntries(parsed)).toEqual(defaults);
  });

  it('the configuration is one for a developer on this machine', () => {
    expect(bare.faults).toEqual([]);
    expect(bare.config).toEqual({
      mode: 'development',
      issuer: 'http://localhost:3000',
      listen: { host: '127.0.0.1', port: 3000 },
      admin: undefined,
      trustProxy: 0,
      workers: 1,
      sweepInterval: 60,
      dataDir: '/data',
      seedDemo: true,
      database: {
        url: undefined,
        poolSize: 10,
        managementPoolSize: 4,
        connectTimeout: 10,
        statementTimeoutMs: 10_000,
        migrateOnStart: true,
      },
      masterKeys: { current: undefined, previous: [] },
      tokens: {
        accessTokenTtl: 3600,
        refreshTokenTtl: 2_592_000,
        refreshWindow: 10,
        sessionTtl: 1_209_600,
        refreshTokenIdleTtl: 1_209_600,
        dpopNonces: false,
        clockTolerance: 5,
        clientAssertionMaxTtl: 300,
        defaultResource: 'http://localhost:3000',
        managementSigningAlg: 'ES256',
        jwksMaxAge: 300,
      },
      brand: { name: 'Countersign', colour: '#1d4ed8', logo: undefined },
      consent: { url: undefined, tokenTtl: 600 },
      signIn: { attemptsPerAccount: 10, attemptsPerAddress: 50, exempt: [] },
      limits: {
        clientFailures: 300,
        addressFailures: 1_200,
        inactiveIntrospections: 6_000,
        pushedRequests: 1_200,
        registrations: 60,
        managementRequests: 3_000,
        managementFailures: 300,
        exempt: [],
      },
      registration: {
        policy: 'open',
        tokens: [],
        scopes: undefined,
        grantTypes: ['authorization_code', 'refresh_token'],
        redirectHosts: undefined,
        idleTtl: 7_776_000,
        documents: true,
      },
      outbound: { caFile: undefined },
      cache: { maxEntries: 10_000, ttl: 60 },
      http: { maxBodyBytes: 57_344, requestTimeout: 30 },
      shutdown: { delay: 0, timeout: 25 },
      log: { level: 'info', format: 'pretty' },
    });
  });

  it('the data lie in /var/lib for root, and in the home directory for others', () => {
    const place = process.getuid?.() === 0 ? '/var/lib/countersign' : join(homedir(), '.local/share/countersign');
    expect(readConfig({}).config.dataDir).toBe(place);
    const chosen = process.getuid?.() === 0 ? '/var/lib/countersign' : '/chosen/countersign';
    expect(readConfig({ XDG_DATA_HOME: '/chosen' }).config.dataDir).toBe(chosen);
  });

  it('nothing of it can be changed afterwards, at any depth', () => {
    const thaw = (value: unknown): string[] =>
      Buffer.isBuffer(value) || typeof value !== 'object' || value === null
        ? []
        : [...(Object.isFrozen(value) ? [] : [JSON.stringify(value)]), ...Object.values(value).flatMap(thaw)];
    const full = readConfig({ ADMIN_PORT: '9000', TRUST_PROXY: 'loopback,10.0.0.0/8', MASTER_KEY: 'A'.repeat(43) });
    expect(thaw(full.config)).toEqual([]);
    expect(() => Object.assign(full.config.tokens, { accessTokenTtl: 1 })).toThrow(TypeError);
  });
});

describe('an empty variable', () => {
  it('is the same as none, whatever kind of value it should have', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name, index) => [name, index % 2 === 0 ? '' : '  ']));
    const { config, faults } = readConfig(empty);
    expect(faults).toEqual([]);
    expect(config).toEqual(readConfig({}).config);
  });
});

describe('what follows from another variable', () => {
  it('the issuer follows the port, and the default resource the issuer', () => {
    expect(readConfig({ PORT: '8080' }).config.issuer).toBe('http://localhost:8080');
    expect(readConfig({ ISSUER: 'https://id.example.com' }).config.tokens.defaultResource).toBe(
      'https://id.example.com',
    );
  });

  it('demo data are seeded by default only with the embedded database, and never in production', () => {
    const seeds = (variables: Record<string, string>) => readConfig(variables).config.seedDemo;
    expect(seeds({})).toBe(true);
    expect(seeds({ SEED_DEMO: 'false' })).toBe(false);
    expect(seeds({ DATABASE_URL: 'postgres://host/name' })).toBe(false);
    expect(seeds({ DATABASE_URL: 'postgres://host/name', SEED_DEMO: 'true' })).toBe(true);
    expect(seeds({ NODE_ENV: 'production' })).toBe(false);
  });

  it('production listens on every address and logs for machines', () => {
    const { config } = readConfig({ NODE_ENV: 'production' });
    expect(config.listen.host).toBe('0.0.0.0');
    expect(config.log.format).toBe('json');
    const chosen = readConfig({ NODE_ENV: 'production', HOST: '10.1.2.3', LOG_FORMAT: 'pretty' }).config;
    expect([chosen.listen.host, chosen.log.format]).toEqual(['10.1.2.3', 'pretty']);
  });

  it('master keys are decoded, and previous ones keep their order', () => {
    const keys = ['A', 'B', 'C'].map((letter) => `${letter.repeat(42)}A`);
    const { config, faults } = readConfig({ MASTER_KEY: keys[0], MASTER_KEYS_PREVIOUS: `${keys[1]}, ${keys[2]}=` });
    expect(faults).toEqual([]);
    const { current, previous } = config.masterKeys;
    expect([current, ...previous].map((key) => key?.toString('base64url'))).toEqual(keys);
  });

  it('strangers may register outside production, and in production where it says so', () => {
    const doors = (variables: Record<string, string>) => {
      const { policy, documents } = readConfig(variables).config.registration;
      return [policy, documents];
    };
    expect(doors({})).toEqual(['open', true]);
    expect(doors({ NODE_ENV: 'production' })).toEqual(['closed', false]);
    expect(doors({ NODE_ENV: 'production', REGISTRATION: 'open' })).toEqual(['open', true]);
    expect(doors({ REGISTRATION: 'token' })).toEqual(['token', false]);
    expect(doors({ REGISTRATION: 'closed', CLIENT_ID_METADATA_DOCUMENTS: 'true' })).toEqual(['closed', true]);
  });

  it('proxies are a number or a list', () => {
    expect(readConfig({ TRUST_PROXY: '2' }).config.trustProxy).toBe(2);
    const list = readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8,2001:db8::/32' });
    expect(list.faults).toEqual([]);
    expect(list.config.trustProxy).toEqual(['loopback', '10.0.0.0/8', '2001:db8::/32']);
  });
});
