import type { RegistrableGrantType, SigningAlgorithm } from './variables.ts';

/** Everything that can be configured, parsed and frozen. Durations are in seconds unless the name says otherwise. */
export interface Config {
  readonly mode: 'development' | 'production' | 'test';
  /** The issuer identifier: a bare origin, the base of every public URL. */
  readonly issuer: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  /** A number of proxies in front, or their address ranges; 0 trusts nobody. */
  readonly trustProxy: number | readonly string[];
  /** Processes that answer; 1 is this one alone. */
  readonly workers: number;
  /** Seconds between two rounds of the sweep. */
  readonly sweepInterval: number;
  readonly dataDir: string;
  readonly seedDemo: boolean;
  readonly database: {
    /** None: the embedded PostgreSQL. */
    readonly url: string | undefined;
    readonly poolSize: number;
    readonly managementPoolSize: number;
    readonly connectTimeout: number;
    readonly statementTimeoutMs: number;
    readonly migrateOnStart: boolean;
  };
  /** `current` is absent outside production where the key is made in the data directory. */
  readonly masterKeys: { readonly current: Buffer | undefined; readonly previous: readonly Buffer[] };
  readonly tokens: {
    readonly accessTokenTtl: number;
    /** Absolute lifetime of a refresh token family. */
    readonly refreshTokenTtl: number;
    /** Within this time a repeated refresh gets the same successor again; 0 turns it off. */
    readonly refreshWindow: number;
    readonly sessionTtl: number;
    /** A refresh token that nobody uses for this long ends. */
    readonly refreshTokenIdleTtl: number;
    /** Whether DPoP proofs must carry a nonce of ours. */
    readonly dpopNonces: boolean;
    readonly clockTolerance: number;
    readonly clientAssertionMaxTtl: number;
    readonly defaultResource: string;
    readonly managementSigningAlg: SigningAlgorithm;
    readonly jwksMaxAge: number;
  };
  readonly brand: {
    readonly name: string;
    /** `#rrggbb` */
    readonly colour: string;
    /** Path of an image file. */
    readonly logo: string | undefined;
  };
  readonly consent: {
    /** A frontend that asks in place of the built-in pages. */
    readonly url: string | undefined;
    readonly tokenTtl: number;
  };
  /** Wrong passwords within a quarter of an hour. */
  readonly signIn: {
    readonly attemptsPerAccount: number;
    readonly attemptsPerAddress: number;
    /** Address ranges from which they are not counted. */
    readonly exempt: readonly string[];
  };
  /** Within a minute; 0 is no limit. */
  readonly limits: {
    readonly clientFailures: number;
    readonly addressFailures: number;
    readonly inactiveIntrospections: number;
    readonly pushedRequests: number;
    readonly registrations: number;
    readonly managementRequests: number;
    readonly managementFailures: number;
    /** Address ranges for which they are off. */
    readonly exempt: readonly string[];
  };
  /** Clients that register themselves (RFC 7591), and those that are known by their metadata documents. */
  readonly registration: {
    readonly policy: 'open' | 'token' | 'closed';
    /** Initial access tokens. */
    readonly tokens: readonly string[];
    /** None: whatever the resources that accept such clients have. */
    readonly scopes: readonly string[] | undefined;
    readonly grantTypes: readonly RegistrableGrantType[];
    /** None: anywhere. */
    readonly redirectHosts: readonly string[] | undefined;
    readonly idleTtl: number;
    readonly documents: boolean;
  };
  /** What this server fetches from elsewhere. */
  readonly outbound: {
    /** Path of a PEM file. */
    readonly caFile: string | undefined;
  };
  readonly cache: { readonly maxEntries: number; readonly ttl: number };
  readonly http: { readonly maxBodyBytes: number; readonly requestTimeout: number };
  readonly shutdown: { readonly delay: number; readonly timeout: number };
  readonly log: { readonly level: string; readonly format: 'pretty' | 'json' };
}
