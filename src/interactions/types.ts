import type { Context } from 'koa';
import type { Identification } from '../access/index.ts';
import type { Clock, Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { ConsentTokens } from '../grants/index.ts';
import type { PendingRequest, People } from '../provider/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Page } from './pages/types.ts';

/** A person, as the pages show them. */
export interface User {
  readonly sid: string;
  readonly email: string;
}

/** One organization that a person may act for. */
export interface Membership {
  readonly organizationSid: string;
  readonly organizationName: string;
  readonly role: string;
}

/** Active people and their active organizations, by name. */
export interface Users {
  find(sid: string): Promise<User | undefined>;
  organizationsOf(sid: string): Promise<readonly Membership[]>;
}

/** Where something was asked for, for the audit log and for counting. */
export interface Origin {
  readonly address: string;
  readonly requestId: string;
}

/** Where a sign-in was tried, and how. */
export interface SignInAttempt extends Origin {
  readonly email: string;
  readonly password: string;
  /** Value of the cookie that a browser gets at its first sign-in. */
  readonly device: string | undefined;
}

/** `retryAfter` is in seconds. */
export type SignInResult =
  | { readonly ok: true; readonly user: { readonly sid: string }; readonly device: string }
  | { readonly ok: false; readonly reason: 'wrong' }
  | {
      readonly ok: false;
      readonly reason: 'throttled';
      readonly retryAfter: number;
      readonly of: 'address' | 'account';
    };

/** Checks a password, and counts the wrong ones. */
export type SignIn = (attempt: SignInAttempt) => Promise<SignInResult>;

/** How organizations lie beneath each other. */
export interface Tenants {
  isWithin(sid: string, ancestor: string): Promise<boolean>;
}

/** What people are told of a client. */
export interface ClientFace {
  readonly clientId: string;
  readonly name: string;
  readonly verified: boolean;
  readonly logoUri: string | null;
  readonly policyUri: string | null;
  readonly tosUri: string | null;
}

/** What people are told of a protected resource. */
export interface ResourceFace {
  readonly name: string;
  /** The sentence for each scope. */
  readonly descriptions: ReadonlyMap<string, string>;
}

interface Lookup<Value> {
  get(key: string): Promise<Value | undefined>;
}

/** What the questions to people are asked with. What is built later than this is given as a function. */
export interface InteractionParts {
  readonly config: Pick<Config, 'issuer' | 'consent' | 'signIn'>;
  readonly people: () => People;
  readonly users: Users;
  readonly signIn: SignIn;
  readonly consentTokens: ConsentTokens;
  readonly clients: Lookup<ClientFace>;
  readonly resources: Lookup<ResourceFace>;
  readonly tenants: Tenants;
  /** Whose credential a request to the consent API carries. */
  readonly identification: Identification;
  /** Whether the logo of a client can be shown. */
  readonly logos: { has(clientId: string): Promise<boolean> };
  /** Answers with a page, and with the headers that pages need. */
  readonly pages: { send(ctx: Context, status: number, page: Page): void };
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A consent token that still asks something, with what it asks. */
export interface OpenQuestion {
  readonly token: string;
  readonly request: PendingRequest;
  readonly client: ClientFace;
}
