import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/index.ts';
import { variables } from '../../src/config/variables.ts';

type Source = Readonly<Record<string, string>>;

const faultsOf = (source: Source) => readConfig(source).faults;

/** The variable that a fault names first. */
const named = (faults: readonly string[]) => faults.map((fault) => fault.slice(0, fault.indexOf(':')));

/** A value for each variable that has a rule to break. */
const wrong: Source = {
  NODE_ENV: 'staging',
  PORT: '65536',
  ISSUER: 'id.example.com',
  ADMIN_PORT: 'metrics',
  TRUST_PROXY: 'everybody',
  DATABASE_URL: 'mysql://host/name',
  DATABASE_POOL_SIZE: '0',
  MANAGEMENT_POOL_SIZE: '201',
  DATABASE_CONNECT_TIMEOUT: '1.5',
  STATEMENT_TIMEOUT_MS: '99',
  MIGRATE_ON_START: 'yes',
  SEED_DEMO: '1',
  MASTER_KEY: 'too short',
  MASTER_KEYS_PREVIOUS: 'too short',
  ACCESS_TOKEN_TTL: '59',
  CLOCK_TOLERANCE: '61',
  CLIENT_ASSERTION_MAX_TTL: '301',
  DEFAULT_RESOURCE: 'x'.repeat(513),
  MANAGEMENT_SIGNING_ALG: 'HS256',
  JWKS_MAX_AGE: '-1',
  CACHE_MAX_ENTRIES: '99',
  REFRESH_TOKEN_TTL: '1',
  REFRESH_WINDOW: '61',
  SESSION_TTL: '1',
  REFRESH_TOKEN_IDLE_TTL: '1',
  DPOP_NONCES: 'yes',
  BRAND_NAME: 'x'.repeat(61),
  BRAND_COLOUR: 'blue',
  CONSENT_URL: 'ftp://example.com',
  CONSENT_TOKEN_TTL: '1',
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: '0',
  SIGN_IN_ATTEMPTS_PER_ADDRESS: '0',
  SIGN_IN_EXEMPT: 'friends',
  RATE_LIMIT_CLIENT_FAILURES: '-1',
  RATE_LIMIT_ADDRESS_FAILURES: '-1',
  RATE_LIMIT_INACTIVE_INTROSPECTIONS: '1.5',
  RATE_LIMIT_PUSHED_REQUESTS: '1000001',
  RATE_LIMIT_REGISTRATIONS: 'none',
  RATE_LIMIT_MANAGEMENT_REQUESTS: '-1',
  RATE_LIMIT_MANAGEMENT_FAILURES: '-1',
  RATE_LIMIT_EXEMPT: 'friends',
  REGISTRATION: 'sometimes',
  REGISTRATION_TOKENS: 'too-short',
  REGISTRATION_GRANT_TYPES: 'authorization_code,implicit',
  REGISTERED_CLIENT_IDLE_TTL: '1',
  CLIENT_ID_METADATA_DOCUMENTS: 'yes',
  SWEEP_INTERVAL: '0',
  WORKERS: '0',
  CACHE_TTL: '0',
  MAX_BODY_BYTES: '1023',
  REQUEST_TIMEOUT: '0',
  SHUTDOWN_DELAY: '301',
  SHUTDOWN_TIMEOUT: '0',
  LOG_LEVEL: 'verbose',
  LOG_FORMAT: 'xml',
};

describe('a fault in the environment', () => {
  it.each(Object.entries(wrong))('names its variable: %s=%s', (name, value) => {
    expect(named(faultsOf({ [name]: value }))).toEqual([name]);
  });

  it('is looked for in every variable that has a rule', () => {
    const files = ['BRAND_LOGO', 'COUNTERSIGN_DATA_DIR', 'OUTBOUND_CA_FILE'];
    const free = [...files, 'HOST', 'ADMIN_HOST', 'REGISTRATION_SCOPES', 'REGISTRATION_REDIRECT_HOSTS'];
    expect([...Object.keys(wrong), ...free].toSorted()).toEqual(Object.keys(variables).toSorted());
  });

  it('hides no other: all are reported together', () => {
    expect(named(faultsOf(wrong)).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });

  it('hides none of the rules of production either', () => {
    const faults = faultsOf({
      NODE_ENV: 'production',
      PORT: 'http',
      ISSUER: 'http://id.example.com/oauth',
      SEED_DEMO: 'true',
      LOG_LEVEL: 'loud',
    });
    expect(named(faults).toSorted()).toEqual(['ISSUER', 'ISSUER', 'LOG_LEVEL', 'MASTER_KEY', 'PORT', 'SEED_DEMO']);
  });

  it('never repeats a value that may be secret', () => {
    const secret = 'c0ffee-and-a-password';
    const faults = faultsOf({
      NODE_ENV: 'production',
      ISSUER: `http://admin:${secret}@id.example.com/?key=${secret}`,
      DATABASE_URL: `postgres://admin:${secret}@host:port/name`,
      MASTER_KEY: secret,
      MASTER_KEYS_PREVIOUS: `${secret},${secret}`,
    });
    expect(named(faults).toSorted()).toEqual([
      'DATABASE_URL',
      'ISSUER',
      'ISSUER',
      'MASTER_KEY',
      'MASTER_KEYS_PREVIOUS',
    ]);
    expect(faults.join('\n')).not.toContain(secret);
  });

  it('lets the other variables be read, as if the faulty one were not set', () => {
    const { config } = readConfig({ PORT: 'http', CACHE_TTL: '5', ISSUER: 'nowhere' });
    expect(config.listen.port).toBe(3000);
    expect(config.issuer).toBe('http://localhost:3000');
    expect(config.cache.ttl).toBe(5);
  });
});

describe('ISSUER', () => {
  it.each(['https://id.example.com', 'https://id.example.com:8443', 'http://localhost:3000', 'http://[::1]:3000'])(
    'may be the bare origin %s',
    (issuer) => {
      expect(faultsOf({ ISSUER: issuer })).toEqual([]);
      expect(readConfig({ ISSUER: issuer }).config.issuer).toBe(issuer);
    },
  );

  it.each([
    'https://id.example.com/',
    'https://id.example.com/oauth',
    'https://id.example.com?tenant=1',
    'https://id.example.com#top',
    'https://user@id.example.com',
    'https://id.example.com:443',
    'HTTPS://ID.example.com',
  ])('may not be %s, and the fault says what it should be', (issuer) => {
    expect(faultsOf({ ISSUER: issuer })).toEqual([
      'ISSUER: must be a bare origin without path, query or trailing slash: https://id.example.com',
    ]);
  });

  it.each(['ftp://id.example.com', 'id.example.com', '/oauth'])('may not be %s, which is no web address', (issuer) => {
    expect(faultsOf({ ISSUER: issuer })).toEqual(['ISSUER: must be an http or https URL']);
  });

  it('must be set when PORT is 0', () => {
    expect(named(faultsOf({ PORT: '0' }))).toEqual(['ISSUER']);
    expect(faultsOf({ PORT: '0', ISSUER: 'http://localhost:1234' })).toEqual([]);
  });
});

describe('TRUST_PROXY', () => {
  it.each(['10.0.0.0/99', '10.0.0.0/0', '10.0.0.0/8/8', '::1/129', '1.2.3', 'abc', '999', 'loopback,', 'a b'])(
    'is refused as %s, which no listener could use',
    (value) => {
      const faults = faultsOf({ TRUST_PROXY: value });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(/^TRUST_PROXY: ".*" is neither a number of proxies nor an address range$/);
    },
  );

  it('names each entry that is wrong', () => {
    expect(faultsOf({ TRUST_PROXY: 'here,10.0.0.1,there' })).toHaveLength(2);
  });
});

describe('MASTER_KEYS_PREVIOUS', () => {
  it('is refused when an entry is not base64url, although a lax decoder makes 32 bytes of it', () => {
    expect(faultsOf({ MASTER_KEYS_PREVIOUS: 'A!'.repeat(43) })).toHaveLength(1);
    expect(faultsOf({ MASTER_KEYS_PREVIOUS: `${'A'.repeat(43)},` })).toHaveLength(1);
  });
});

describe('in production', () => {
  const sound: Source = { NODE_ENV: 'production', MASTER_KEY: 'A'.repeat(43), ISSUER: 'https://id.example.com' };

  it('a sound environment has no fault', () => {
    expect(faultsOf(sound)).toEqual([]);
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://127.1.2.3', 'http://[::1]:3000'])(
    'the issuer may be %s, which never leaves the machine',
    (issuer) => {
      expect(faultsOf({ ...sound, ISSUER: issuer })).toEqual([]);
    },
  );

  it.each([
    'http://id.example.com',
    'http://10.0.0.1:3000',
    'http://0.0.0.0:3000',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://[::2]',
  ])('the issuer may not be %s', (issuer) => {
    const [fault, ...more] = faultsOf({ ...sound, ISSUER: issuer });
    expect(fault).toMatch(/^ISSUER: http is refused in production for /);
    expect(more).toEqual([]);
  });

  it('a master key is required, and the fault says how to make one', () => {
    const { MASTER_KEY: _key, ...without } = sound;
    expect(faultsOf(without)).toEqual([expect.stringMatching(/^MASTER_KEY: is required in production.*openssl rand/)]);
  });

  it('a faulty master key is one fault, not two', () => {
    expect(named(faultsOf({ ...sound, MASTER_KEY: 'short' }))).toEqual(['MASTER_KEY']);
  });

  it('demo data are refused when they are asked for', () => {
    expect(faultsOf({ ...sound, SEED_DEMO: 'true' })).toEqual(['SEED_DEMO: demo data is refused in production']);
    expect(faultsOf({ ...sound, SEED_DEMO: 'false' })).toEqual([]);
  });
});

describe('SIGN_IN_EXEMPT', () => {
  it('is written like RATE_LIMIT_EXEMPT, and by itself', () => {
    const { config, faults } = readConfig({ SIGN_IN_EXEMPT: '10.0.0.0/8, 2001:db8::/32' });
    expect([faults, config.signIn.exempt, config.limits.exempt]).toEqual([[], ['10.0.0.0/8', '2001:db8::/32'], []]);
    expect(faultsOf({ SIGN_IN_EXEMPT: '10.0.0.0/33' })).toEqual([
      'SIGN_IN_EXEMPT: "10.0.0.0/33" is not an address range',
    ]);
  });
});

describe('RATE_LIMIT_EXEMPT', () => {
  it('takes addresses and ranges, and reports each entry that is neither', () => {
    const { config, faults } = readConfig({ RATE_LIMIT_EXEMPT: '10.0.0.0/8, 2001:db8::/32,loopback' });
    expect([faults, config.limits.exempt]).toEqual([[], ['10.0.0.0/8', '2001:db8::/32', 'loopback']]);
    expect(faultsOf({ RATE_LIMIT_EXEMPT: '10.0.0.0/33,1,10.0.0.1,everybody' })).toEqual([
      'RATE_LIMIT_EXEMPT: "10.0.0.0/33" is not an address range',
      'RATE_LIMIT_EXEMPT: "1" is not an address range',
      'RATE_LIMIT_EXEMPT: "everybody" is not an address range',
    ]);
  });
});
