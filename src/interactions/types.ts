import type { Context } from 'koa';
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
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number };

/** Checks a password, and counts the wrong ones. */
export type SignIn = (attempt: SignInAttempt) => Promise<SignInResult>;

/** An API key, as far as it speaks for its owner. */
export interface OwnersKey {
  readonly userSid: string;
  readonly organizationSid: string;
  readonly scopes: readonly string[];
}

/** Who holds an API key, and how organizations lie beneath each other. */
export interface Tenants {
  authenticate(bearer: string): Promise<OwnersKey | undefined>;
  isWithin(sid: string, ancestor: string): Promise<boolean>;
}

/** An access token of this server that counts, as introspection knows it. */
export interface LiveBearer {
  readonly kind: 'access_token' | 'refresh_token';
  readonly clientId: string;
  readonly organizationSid: string | undefined;
  readonly audience: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
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
  readonly config: Pick<Config, 'issuer' | 'consent'>;
  readonly people: () => People;
  readonly users: Users;
  readonly signIn: SignIn;
  readonly consentTokens: ConsentTokens;
  readonly clients: Lookup<ClientFace>;
  readonly resources: Lookup<ResourceFace>;
  readonly tenants: Tenants;
  /** A token of this server that counts at this moment. */
  readonly inspect: (token: string) => Promise<LiveBearer | undefined>;
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
