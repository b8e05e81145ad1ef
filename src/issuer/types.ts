import type { TenantDirectory } from '../accounts/index.ts';
import type { Clock, Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Sql } from '../store/index.ts';

/** What the issuer works with. */
export interface IssuerParts {
  readonly config: Pick<Config, 'tokens'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly tenants: Pick<TenantDirectory, 'apiKey' | 'account' | 'isActive'>;
}

/** A JSON object as it stood in a token. */
export type Members = Readonly<Record<string, unknown>>;

/** Why a token does not count: stable words for programs. */
export const reasonCodes = [
  'malformed',
  'wrong_type',
  'wrong_algorithm',
  'unknown_key',
  'revoked_key',
  'user_suspended',
  'unknown_account',
  'account_suspended',
  'organization_suspended',
  'algorithm_not_allowed',
  'wrong_signature',
  'wrong_account',
  'expired',
  'not_yet_valid',
  'lifetime_too_long',
  'beyond_policy',
] as const;

/** The one reason why a token does not count. */
export interface Reason {
  readonly code: (typeof reasonCodes)[number];
  /** One public sentence. */
  readonly message: string;
}

/** Who asks, as far as it decides which keys and accounts there are for them. */
export type Sees = (tenant: { readonly organizationSid: string; readonly accountSid: string }) => boolean;

/** A token of the issuer that counts at this moment, as an introspection tells it. */
export interface IssuedToken {
  readonly organizationSid: string;
  /** Everything but `active` (RFC 7662 section 2.2). */
  readonly claims: Members;
}
