import type { Origin, Role } from '../api/index.ts';
import type { AuditEvent } from '../audit/index.ts';
import type { Sealer } from '../base/index.ts';
import type { Sql } from '../store/index.ts';

/** Who changes something, and from where. */
export interface By {
  readonly actor: AuditEvent['actor'];
  readonly origin?: Origin | undefined;
  /** In whose audit log it stands where the changed thing belongs to no one organization. */
  readonly organizationSid?: string | undefined;
}

/** A new API key. `secret` and `key` are shown once: the database keeps a hash and a sealed copy. */
export interface NewApiKey {
  readonly sid: string;
  readonly secret: string;
  /** Both in one string, for `Authorization: Bearer`. */
  readonly key: string;
}

/** An API key that may be used. */
export interface ApiKey {
  readonly sid: string;
  readonly userSid: string;
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly scopes: readonly string[];
  readonly secretHash: Buffer;
  /** The secret itself: purpose `api key`, bound to the SID. It signs AccessTokens. */
  readonly secretSealed: Buffer;
  /** What AccessTokens it may mint, as it was stored; null is any. */
  readonly tokenPolicy: unknown;
}

/** An account, active or not, whose organization may be suspended. */
export interface Account {
  readonly sid: string;
  readonly organizationSid: string;
  readonly standing: 'active' | 'suspended';
  /** Its auth token: purpose `account auth token`, bound to the SID. It signs capability tokens. */
  readonly authTokenSealed: Buffer;
  /** Whether calls with its API keys must be signed with one of its public keys. */
  readonly requireValidation: boolean;
  /** PEM by CR SID. */
  readonly publicKeys: Readonly<Record<string, string>>;
}

/** An organization's place in the tree. */
export interface Organization {
  readonly sid: string;
  readonly parentSid: string | null;
  readonly standing: 'active' | 'suspended';
}

/** A person who may sign in. */
export interface User {
  readonly sid: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
}

/** A person's place in an organization in whose name they can act. */
export interface Membership {
  readonly organizationSid: string;
  readonly organizationName: string;
  readonly role: Role;
}

/** People as everything above reads them. Nothing is cached: a person's standing counts at once. */
export interface Users {
  /** An active user. */
  find(sid: string): Promise<User | undefined>;
  /** The active organizations, whose ancestors are active too, of an active user; by name. */
  organizationsOf(sid: string): Promise<readonly Membership[]>;
}

/** What a sign-in is decided by. */
export interface Credentials extends User {
  /** The one organization that they are a member of; null where there is none or are several. */
  readonly organizationSid: string | null;
  readonly passwordHash: string;
  readonly standing: 'active' | 'suspended';
}

export interface SignInAttempt {
  readonly email: string;
  readonly password: string;
  /** The caller's address. */
  readonly address: string;
  /** What an earlier sign-in in this browser answered as `device`. */
  readonly device: string | undefined;
  readonly requestId?: string | undefined;
}

/** Whose limit has been reached. */
export type ThrottledFor = 'address' | 'account';

/** `wrong` says neither whether there is such a user nor whether they are suspended. */
export type SignInOutcome =
  | {
      readonly ok: true;
      readonly user: User;
      /** For the browser to keep, by itself no proof of anything. Cookie-safe, at most 200 characters. */
      readonly device: string;
    }
  | { readonly ok: false; readonly reason: 'wrong' }
  | {
      readonly ok: false;
      readonly reason: 'throttled';
      /** Seconds. */
      readonly retryAfter: number;
      readonly of: ThrottledFor;
    };

/**
 * Checks e-mail and password, within limits.
 * @throws Problem 503 when the database is away, too many sign in at once, or the event cannot be recorded.
 */
export type SignIn = (attempt: SignInAttempt) => Promise<SignInOutcome>;

/** What the operations of tenants are made of. */
export interface TenantParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
  /** Every scope of the management API. */
  readonly scopeNames: readonly string[];
}
