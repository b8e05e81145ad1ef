import { isIP } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartupError } from '../base/index.ts';
import type { Config } from './config.ts';
import { type Environment, secretKeyPattern, variables } from './variables.ts';

type Source = Readonly<Record<string, string | undefined>>;

/** What was read, and every fault in it. A fault names its variable. */
export interface Reading {
  readonly config: Config;
  readonly faults: readonly string[];
}

/** An empty variable is the same as none: `PORT=` in a file means the default. */
function withoutEmpty(source: Source): Source {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function defaultDataDir(source: Source): string {
  if (process.getuid?.() === 0) return '/var/lib/countersign';
  return join(source['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'countersign');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function issuerFaults(env: Environment): string[] {
  if (env.ISSUER === undefined) {
    return env.PORT === 0 ? ['ISSUER: must be set when PORT is 0, since nobody could know the address beforehand'] : [];
  }
  const url = new URL(env.ISSUER);
  const faults: string[] = [];
  if (env.ISSUER !== url.origin) {
    faults.push(`ISSUER: must be a bare origin without path, query or trailing slash: ${url.origin}`);
  }
  if (env.NODE_ENV === 'production' && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    faults.push(`ISSUER: http is refused in production for ${url.hostname}; use https (tokens would travel in clear)`);
  }
  return faults;
}

/** What stands in a list of a variable, which is comma-separated. */
const entriesOf = (list: string | undefined) => list?.split(',').map((entry) => entry.trim()) ?? [];

function previousKeys(env: Environment, faults: string[]): Buffer[] {
  const entries = entriesOf(env.MASTER_KEYS_PREVIOUS);
  // The pattern, not the decoded length: Node's decoder skips what is not base64url in silence.
  const whole = entries.every((entry) => secretKeyPattern.test(entry));
  if (!whole) faults.push('MASTER_KEYS_PREVIOUS: each must be 32 bytes in base64url');
  return whole ? entries.map((entry) => Buffer.from(entry, 'base64url')) : [];
}

const rangeNames = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Whether the HTTP kernel can make sense of an entry; it would otherwise end the start with an error of its own. */
function isAddressRange(entry: string): boolean {
  if (rangeNames.has(entry)) return true;
  const [address = '', prefix = '1', ...more] = entry.split('/');
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return more.length === 0 && /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= longest;
}

const wrongRanges = (list: string | undefined) => entriesOf(list).filter((entry) => !isAddressRange(entry));

function trustFaults({ TRUST_PROXY }: Environment): string[] {
  if (TRUST_PROXY !== undefined && /^\d{1,2}$/.test(TRUST_PROXY)) return [];
  return wrongRanges(TRUST_PROXY).map(
    (entry) => `TRUST_PROXY: "${entry}" is neither a number of proxies nor an address range`,
  );
}

const exemptFaults = (env: Environment): string[] =>
  (['RATE_LIMIT_EXEMPT', 'SIGN_IN_EXEMPT'] as const).flatMap((name) =>
    wrongRanges(env[name]).map((entry) => `${name}: "${entry}" is not an address range`),
  );

function productionFaults(env: Environment, given: Source): string[] {
  if (env.NODE_ENV !== 'production') return [];
  const faults: string[] = [];
  if (given['MASTER_KEY'] === undefined) {
    faults.push(
      'MASTER_KEY: is required in production: 32 random bytes in base64url (openssl rand -base64 32 | tr "+/" "-_" | tr -d "=")',
    );
  }
  if (env.SEED_DEMO === true) faults.push('SEED_DEMO: demo data is refused in production');
  return faults;
}

function trustProxy(value: string | undefined): number | readonly string[] {
  if (value === undefined) return 0;
  return /^\d+$/.test(value) ? Number(value) : entriesOf(value);
}

const limitsOf = (env: Environment): Config['limits'] => ({
  clientFailures: env.RATE_LIMIT_CLIENT_FAILURES,
  addressFailures: env.RATE_LIMIT_ADDRESS_FAILURES,
  inactiveIntrospections: env.RATE_LIMIT_INACTIVE_INTROSPECTIONS,
  pushedRequests: env.RATE_LIMIT_PUSHED_REQUESTS,
  registrations: env.RATE_LIMIT_REGISTRATIONS,
  managementRequests: env.RATE_LIMIT_MANAGEMENT_REQUESTS,
  managementFailures: env.RATE_LIMIT_MANAGEMENT_FAILURES,
  exempt: entriesOf(env.RATE_LIMIT_EXEMPT),
});

function registration(env: Environment): Config['registration'] {
  const policy = env.REGISTRATION ?? (env.NODE_ENV === 'production' ? 'closed' : 'open');
  return {
    policy,
    tokens: env.REGISTRATION_TOKENS ?? [],
    scopes: env.REGISTRATION_SCOPES,
    grantTypes: env.REGISTRATION_GRANT_TYPES,
    redirectHosts: env.REGISTRATION_REDIRECT_HOSTS,
    idleTtl: env.REGISTERED_CLIENT_IDLE_TTL,
    documents: env.CLIENT_ID_METADATA_DOCUMENTS ?? policy === 'open',
  };
}

function assemble(env: Environment, source: Source, previous: readonly Buffer[]): Config {
  const production = env.NODE_ENV === 'production';
  const issuer = env.ISSUER ?? `http://localhost:${env.PORT}`;
  const embedded = env.DATABASE_URL === undefined;
  return {
    mode: env.NODE_ENV,
    issuer,
    listen: { host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'), port: env.PORT },
    admin: env.ADMIN_PORT === undefined ? undefined : { host: env.ADMIN_HOST, port: env.ADMIN_PORT },
    trustProxy: trustProxy(env.TRUST_PROXY),
    workers: env.WORKERS ?? (production ? availableParallelism() : 1),
    sweepInterval: env.SWEEP_INTERVAL,
    dataDir: resolve(env.COUNTERSIGN_DATA_DIR ?? defaultDataDir(source)),
    seedDemo: env.SEED_DEMO ?? (embedded && !production),
    database: {
      url: env.DATABASE_URL,
      poolSize: env.DATABASE_POOL_SIZE,
      managementPoolSize: env.MANAGEMENT_POOL_SIZE,
      connectTimeout: env.DATABASE_CONNECT_TIMEOUT,
      statementTimeoutMs: env.STATEMENT_TIMEOUT_MS,
      migrateOnStart: env.MIGRATE_ON_START,
    },
    masterKeys: { current: env.MASTER_KEY, previous },
    tokens: {
      accessTokenTtl: env.ACCESS_TOKEN_TTL,
      refreshTokenTtl: env.REFRESH_TOKEN_TTL,
      refreshWindow: env.REFRESH_WINDOW,
      sessionTtl: env.SESSION_TTL,
      refreshTokenIdleTtl: env.REFRESH_TOKEN_IDLE_TTL,
      dpopNonces: env.DPOP_NONCES,
      clockTolerance: env.CLOCK_TOLERANCE,
      clientAssertionMaxTtl: env.CLIENT_ASSERTION_MAX_TTL,
      defaultResource: env.DEFAULT_RESOURCE ?? issuer,
      managementSigningAlg: env.MANAGEMENT_SIGNING_ALG,
      jwksMaxAge: env.JWKS_MAX_AGE,
    },
    brand: { name: env.BRAND_NAME, colour: env.BRAND_COLOUR, logo: env.BRAND_LOGO },
    consent: { url: env.CONSENT_URL, tokenTtl: env.CONSENT_TOKEN_TTL },
    signIn: {
      attemptsPerAccount: env.SIGN_IN_ATTEMPTS_PER_ACCOUNT,
      attemptsPerAddress: env.SIGN_IN_ATTEMPTS_PER_ADDRESS,
      exempt: entriesOf(env.SIGN_IN_EXEMPT),
    },
    limits: limitsOf(env),
    registration: registration(env),
    outbound: { caFile: env.OUTBOUND_CA_FILE },
    cache: { maxEntries: env.CACHE_MAX_ENTRIES, ttl: env.CACHE_TTL },
    http: { maxBodyBytes: env.MAX_BODY_BYTES, requestTimeout: env.REQUEST_TIMEOUT },
    shutdown: { delay: env.SHUTDOWN_DELAY, timeout: env.SHUTDOWN_TIMEOUT },
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (production ? 'json' : 'pretty') },
  };
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Buffer.isBuffer(inner)) deepFreeze(inner);
  }
  return Object.freeze(value);
}

/** Parses each variable on its own, so that one fault hides no other; a faulty one goes on as if it were not set. */
function parseEach(given: Source, faults: string[]): Environment {
  const parsed = Object.entries(variables).map(([name, rule]) => {
    const outcome = rule.safeParse(given[name]);
    if (outcome.success) return [name, outcome.data];
    faults.push(...outcome.error.issues.map((issue) => `${name}: ${issue.message}`));
    return [name, rule.parse(undefined)];
  });
  return Object.fromEntries(parsed) as Environment;
}

/**
 * Reads the configuration from an environment, collecting every fault instead of stopping at the first. With faults the
 * config is good only for looking for further ones (demo data in the database) before the start is refused.
 */
export function readConfig(source: Source): Reading {
  const given = withoutEmpty(source);
  const faults: string[] = [];
  const env = parseEach(given, faults);
  const previous = previousKeys(env, faults);
  faults.push(...issuerFaults(env), ...trustFaults(env), ...exemptFaults(env), ...productionFaults(env, given));
  return { config: deepFreeze(assemble(env, given, previous)), faults };
}

/** Loads `.env` of the working directory if there is one (set variables win), then reads the process's environment. */
export function loadConfig(): Reading {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StartupError([`.env cannot be read: ${(error as Error).message}`], { cause: error });
    }
  }
  return readConfig(process.env);
}
