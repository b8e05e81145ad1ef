import { z } from 'zod';

const duration = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const port = z.coerce.number().int().min(0).max(65_535);
const perMinute = (most: number) => z.coerce.number().int().min(0).max(1_000_000).default(most);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** 32 bytes in base64url. */
export const secretKeyPattern = /^[A-Za-z0-9_-]{43}=?$/;

/** The grants that a client without an organization may have (RFC 7591 `grant_types`). */
export const registrableGrantTypes = ['authorization_code', 'refresh_token'] as const;

/** The words of a list: separated by commas, spaces, or both. */
const words = z.string().transform((value) => value.split(/[\s,]+/).filter((word) => word !== ''));

const secretKey = z
  .string()
  .regex(
    secretKeyPattern,
    'must be 32 random bytes in base64url (make one with: openssl rand -base64 32 | tr "+/" "-_" | tr -d "=")',
  )
  .transform((value) => Buffer.from(value, 'base64url'));

/** The algorithms that tokens are signed with: ES256 by default, RS256 and EdDSA where a resource or a client asks. */
export const signingAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const;

/**
 * Every environment variable, once: its rule, its default and what it does. `.env.example` is rendered from this table.
 * Durations are in seconds unless the name says otherwise.
 */
export const variables = {
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('production refuses demo data, a public http issuer and a missing MASTER_KEY.'),
  HOST: z.string().min(1).optional().describe('Address to listen on. Default: 127.0.0.1, in production 0.0.0.0.'),
  PORT: port.default(3000).describe('Port to listen on. 0 takes any free one (then ISSUER must be set).'),
  ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('The origin under which everybody reaches this server, without a path. Default: http://localhost:PORT.'),
  WORKERS: duration(1, 256)
    .optional()
    .describe('Processes that answer requests. Default: 1, in production one for each core.'),
  ADMIN_HOST: z.string().min(1).default('127.0.0.1').describe('Address of the admin listener.'),
  ADMIN_PORT: port
    .optional()
    .describe('Port of the admin listener with /metrics, /healthz and /readyz. Not set: there is none.'),
  TRUST_PROXY: z
    .string()
    .optional()
    .describe(
      'Whose X-Forwarded-For is believed: a number of proxies in front, or their addresses (CIDR, comma-separated; loopback, linklocal and uniquelocal are names for the usual ranges). Not set: nobody.',
    ),

  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'must be a URL like postgresql://user:password@host:5432/name, special characters percent-encoded',
    })
    .optional()
    .describe('PostgreSQL 14 or later. Not set: the server runs its own PostgreSQL in COUNTERSIGN_DATA_DIR.'),
  DATABASE_POOL_SIZE: duration(1, 500).default(10).describe('Connections of the token path, per process.'),
  MANAGEMENT_POOL_SIZE: duration(1, 200).default(4).describe('Connections of the management services, per process.'),
  DATABASE_CONNECT_TIMEOUT: duration(1, 300).default(10).describe('Seconds to wait for a connection to open.'),
  STATEMENT_TIMEOUT_MS: duration(100, 600_000)
    .default(10_000)
    .describe('Milliseconds after which PostgreSQL gives up on a statement.'),
  COUNTERSIGN_DATA_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Where the embedded database, the development master key and demo.json live. Default: /var/lib/countersign for root, else $XDG_DATA_HOME/countersign or ~/.local/share/countersign.',
    ),
  MIGRATE_ON_START: flag
    .default(true)
    .describe('Apply pending migrations at start. false: run `countersign migrate` yourself first.'),
  SEED_DEMO: flag
    .optional()
    .describe(
      'Seed a demo organization, user, API key and clients once. Default: true with the embedded database outside production.',
    ),

  MASTER_KEY: secretKey
    .optional()
    .describe(
      'Seals everything in the database that must come back in clear: 32 bytes, base64url. Default outside production: made once in COUNTERSIGN_DATA_DIR/master.key.',
    ),
  MASTER_KEYS_PREVIOUS: z
    .string()
    .optional()
    .describe('Earlier master keys, comma-separated: still opened, never used to seal. For changing MASTER_KEY.'),

  ACCESS_TOKEN_TTL: duration(60, 86_400)
    .default(3_600)
    .describe('Lifetime of access tokens in seconds, where the resource sets none.'),
  REFRESH_TOKEN_TTL: duration(300, 15_552_000)
    .default(2_592_000)
    .describe('Seconds from an authorization until its refresh tokens end, however often they are rotated.'),
  REFRESH_WINDOW: duration(0, 60)
    .default(10)
    .describe(
      'Seconds after a refresh within which the same request gets the same successor again, for clients that refresh in parallel or lose an answer. 0: none.',
    ),
  SESSION_TTL: duration(300, 7_776_000).default(1_209_600).describe('Lifetime of a login session in seconds.'),
  REFRESH_TOKEN_IDLE_TTL: duration(300, 15_552_000)
    .default(1_209_600)
    .describe('Seconds after which a refresh token that nobody used ends; each rotation starts anew.'),
  DPOP_NONCES: flag
    .default(false)
    .describe('true: DPoP proofs must carry a nonce of this server (RFC 9449 section 8). false: they may.'),
  CLOCK_TOLERANCE: duration(0, 60)
    .default(5)
    .describe('Seconds by which the clocks of others may differ (client assertions).'),
  CLIENT_ASSERTION_MAX_TTL: duration(10, 300)
    .default(300)
    .describe('Longest lifetime in seconds of a private_key_jwt assertion.'),
  DEFAULT_RESOURCE: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('Resource of a request that names none, by its identifier. Default: the issuer (the management API).'),
  MANAGEMENT_SIGNING_ALG: z
    .enum(signingAlgorithms)
    .default('ES256')
    .describe('Algorithm of access tokens for the management API.'),
  JWKS_MAX_AGE: duration(0, 86_400).default(300).describe('Seconds for which others may cache /oauth/jwks.'),

  BRAND_NAME: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .default('Countersign')
    .describe('The name that the pages for people show.'),
  BRAND_COLOUR: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour like #1d4ed8')
    .default('#1d4ed8')
    .describe('Colour of buttons and links on the pages, as #rrggbb. Text on it turns black or white by itself.'),
  BRAND_LOGO: z
    .string()
    .min(1)
    .optional()
    .describe('Path of a PNG, JPEG, WebP or SVG file of at most 256 KiB, shown on the pages. Not set: the name alone.'),
  CONSENT_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'A frontend of your own that signs users in and asks for consent; it gets ?consent_token=. Not set: the built-in pages.',
    ),
  CONSENT_TOKEN_TTL: duration(60, 900)
    .default(600)
    .describe('Seconds within which a user must have answered an authorization request.'),
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: duration(3, 1_000)
    .default(10)
    .describe(
      'Wrong passwords for one account from browsers that it was never used in, per quarter of an hour. Its owner is not locked out.',
    ),
  SIGN_IN_ATTEMPTS_PER_ADDRESS: duration(3, 100_000)
    .default(50)
    .describe('Wrong passwords from one address (IPv6: one /64), per quarter of an hour.'),
  SIGN_IN_EXEMPT: z
    .string()
    .optional()
    .describe(
      'Addresses from which signing in is not limited at all, neither for the address nor for an account, written as for TRUST_PROXY. Whoever is there may guess passwords as fast as they like. Not set: none.',
    ),

  RATE_LIMIT_CLIENT_FAILURES: perMinute(300).describe(
    'Failed authentications and grants of one client at one address, per minute; of IPv6 a /64 is an address. 0: no limit, as for all of these.',
  ),
  RATE_LIMIT_ADDRESS_FAILURES: perMinute(1_200).describe(
    'Failed authentications and grants of all clients at one address, per minute.',
  ),
  RATE_LIMIT_INACTIVE_INTROSPECTIONS: perMinute(6_000).describe(
    'Introspections of one caller that find no active token, per minute.',
  ),
  RATE_LIMIT_PUSHED_REQUESTS: perMinute(1_200).describe('Pushed authorization requests from one address, per minute.'),
  RATE_LIMIT_REGISTRATIONS: perMinute(60).describe('Requests to register a client from one address, per minute.'),
  RATE_LIMIT_MANAGEMENT_REQUESTS: perMinute(3_000).describe(
    'Requests of one API key, user or client to the management API, per minute.',
  ),
  RATE_LIMIT_MANAGEMENT_FAILURES: perMinute(300).describe(
    'Requests to the management API with a credential that is not valid, from one address, per minute.',
  ),
  RATE_LIMIT_EXEMPT: z
    .string()
    .optional()
    .describe(
      'Addresses for which these limits are off, written as for TRUST_PROXY. Signing in stays limited: see SIGN_IN_EXEMPT. Not set: none.',
    ),
  REGISTRATION: z
    .enum(['open', 'token', 'closed'])
    .optional()
    .describe(
      'Who may register an OAuth client at /oauth/register: everybody, who has a token (REGISTRATION_TOKENS, or an API key with clients:write), or nobody. Default: open, in production closed.',
    ),
  REGISTRATION_TOKENS: words
    .refine(
      (tokens) => tokens.every((token) => /^[\x21-\x7e]{16,512}$/.test(token)),
      'each must be 16 to 512 visible ASCII characters',
    )
    .optional()
    .describe('Initial access tokens for REGISTRATION=token, comma-separated, each at least 16 characters.'),
  REGISTRATION_SCOPES: words
    .optional()
    .describe(
      'The only scopes that clients may have that registered themselves. Not set: those of OpenID Connect and of the resources that accept such clients.',
    ),
  REGISTRATION_GRANT_TYPES: words
    .pipe(z.array(z.enum(registrableGrantTypes, `each must be one of ${registrableGrantTypes.join(', ')}`)))
    .refine((types) => types.includes('authorization_code'), 'must include authorization_code')
    .default([...registrableGrantTypes])
    .describe('Grant types that clients may have that registered themselves.'),
  REGISTRATION_REDIRECT_HOSTS: words
    .optional()
    .describe(
      "Where clients that registered themselves may be redirected to: hosts, *.example.com for those beneath one, loopback for programs on the user's machine, com.example.app: for a scheme of an app. Not set: anywhere.",
    ),
  REGISTERED_CLIENT_IDLE_TTL: duration(3_600, 315_360_000)
    .default(7_776_000)
    .describe('Seconds without use after which a client that registered itself is deleted.'),
  CLIENT_ID_METADATA_DOCUMENTS: flag
    .optional()
    .describe(
      "Whether the https URL of a client's own metadata document is a client_id, without any registration. Default: true where REGISTRATION is open.",
    ),
  OUTBOUND_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file of certificate authorities to believe besides the usual ones, where this server fetches what clients name: logos, keys, metadata documents.',
    ),

  CACHE_MAX_ENTRIES: duration(100, 1_000_000)
    .default(10_000)
    .describe('Clients, and as many resources, kept in memory per process.'),
  CACHE_TTL: duration(1, 3_600)
    .default(60)
    .describe(
      'Longest age in seconds of a cached client or resource; a change is announced at once, this is the limit behind it.',
    ),

  MAX_BODY_BYTES: duration(1_024, 57_344).default(57_344).describe('Largest request body in bytes.'),
  REQUEST_TIMEOUT: duration(1, 300).default(30).describe('Seconds within which a request must have arrived.'),
  SWEEP_INTERVAL: duration(1, 86_400)
    .default(60)
    .describe('Seconds between two rounds in which a process deletes expired rows, in small batches.'),
  SHUTDOWN_DELAY: duration(0, 300)
    .default(0)
    .describe('Seconds during which /readyz says no before the listener closes, for load balancers to notice.'),
  SHUTDOWN_TIMEOUT: duration(1, 600).default(25).describe('Seconds that requests in flight get to finish.'),

  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('The least important log line to write.'),
  LOG_FORMAT: z
    .enum(['pretty', 'json'])
    .optional()
    .describe('pretty for people, json for machines. Default: pretty, in production json.'),
} as const;

/** What the variables hold once parsed. */
export type Environment = { readonly [Name in keyof typeof variables]: z.output<(typeof variables)[Name]> };
export type SigningAlgorithm = (typeof signingAlgorithms)[number];
export type RegistrableGrantType = (typeof registrableGrantTypes)[number];
