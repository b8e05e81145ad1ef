import type { TenantDirectory } from '../accounts/index.ts';
import type { Credentials } from '../api/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Gate } from '../limits/index.ts';
import type { ProofRules } from '../provider/index.ts';

/** Whose credential a request carries, and what it was given. */
export interface Identity {
  readonly kind: 'api_key' | 'user' | 'client';
  /** SID of the key or the user, id of the client. */
  readonly id: string;
  /** The user behind the credential. A machine's own token has none. */
  readonly userSid: string | undefined;
  /** The client that holds an access token. */
  readonly clientId: string | undefined;
  /** The organization that the credential is for. */
  readonly organizationSid: string;
  /** The one account that the credential is narrowed to, if it is. */
  readonly accountSid?: string | undefined;
  readonly scopes: readonly string[];
}

/** An access token of this server that counts, as introspection knows it. */
export interface LiveBearer {
  readonly kind: 'access_token' | 'refresh_token';
  readonly clientId: string;
  readonly organizationSid: string | undefined;
  readonly audience: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface IdentificationParts {
  readonly config: Pick<Config, 'issuer'>;
  readonly clock: Clock;
  readonly tenants: Pick<TenantDirectory, 'authenticate'>;
  /** A token of this server that counts at this moment. */
  readonly inspect: (token: string) => Promise<LiveBearer | undefined>;
  readonly proofs: ProofRules;
  /** Counts, for each address, credentials that are not valid. */
  readonly failures: Gate;
}

/** Finds out whose credential a request carries. */
export interface Identification {
  /** @throws Problem 401 with a challenge, 429. */
  anybody(credentials: Credentials): Promise<Identity>;
  /** The same, where only a person will do. */
  user(credentials: Credentials): Promise<Identity & { readonly userSid: string }>;
}

/** Why a credential is not taken. */
export interface Refusal {
  /** One public sentence. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether somebody who tries this may be guessing. */
  readonly counts: boolean;
}
