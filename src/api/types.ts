import type { z } from 'zod';
import type { ManagementTransaction } from '../store/index.ts';

/** What a member may do in an organization, from all to looking only. */
export type Role = 'owner' | 'admin' | 'developer' | 'viewer';

/** Who calls, and what the call's credential is good for. */
export interface Caller {
  /** `system`: somebody at the command line of the server itself. */
  readonly kind: 'api_key' | 'user' | 'client' | 'system';
  /** SID of the key, the user or the client; empty for the system. */
  readonly id: string;
  /** The user behind the credential. A machine's own token has none. */
  readonly userSid: string | undefined;
  /** The client that holds an access token. */
  readonly clientId: string | undefined;
  /** The organization that the credential is for. */
  readonly organizationSid: string;
  /** The one account that the credential is narrowed to, if it is: it then reaches no organization. */
  readonly accountSid?: string | undefined;
  /** That organization and those beneath it; `everything` for an operator of this server. */
  readonly reach: ReadonlySet<string> | 'everything';
  /** What the credential has and its user's role allows. `admin` stands for all. */
  readonly scopes: ReadonlySet<string>;
  /** The user's role in that organization; none for a machine's own token. */
  readonly role: Role | undefined;
}

/** Where a call came from, for the audit log. */
export interface Origin {
  readonly address?: string;
  readonly requestId?: string;
}

/** A call whose parts have passed their schemas. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  readonly origin: Origin;
}

/** A call that changes something, within the transaction of the change. */
export interface Change<Params = unknown, Query = unknown, Body = unknown, Prepared = unknown>
  extends Call<Params, Query, Body> {
  readonly transaction: ManagementTransaction;
  /** What the operation's `prepare` made before the transaction. */
  readonly prepared: Prepared;
  /**
   * Compares `If-Match` with the record as it is now, whose row the caller has locked.
   * @param current the record as a retrieval answers it.
   * @throws Problem 412 when somebody changed it meanwhile.
   */
  match(current: unknown): void;
}

/** What an operation says of itself. Paths are OpenAPI templates. */
export interface Description {
  /** OpenAPI `operationId`. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** For example `/oauth_clients/{id}`. Answers under `/v2` too. */
  readonly path: string;
  /** Other paths for the same. */
  readonly aliases?: readonly string[];
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Any of these will do; `admin` always does. */
  readonly scopes: readonly string[];
  /** Whether only those who run this server may call it. */
  readonly operatorOnly?: boolean;
  readonly status: 200 | 201 | 204;
  /** Whether the answer is a stream of JSON lines (application/x-ndjson), each as `answer` says. */
  readonly lines?: boolean;
  /** Whether the body may be left out altogether. */
  readonly bodyOptional?: boolean;
}

/** The schemas of an operation's parts, as far as it has them. */
export interface Schemas {
  readonly params?: z.ZodObject | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType | undefined;
  readonly answer?: z.ZodType | undefined;
}

/** An operation of the management API. */
export interface Operation extends Description, Schemas {
  readonly handle:
    | { readonly kind: 'read'; readonly run: (call: Call) => Promise<unknown> }
    | {
        readonly kind: 'change';
        /** Done before the transaction. */
        readonly prepare?: (call: Call) => Promise<unknown>;
        readonly run: (call: Change) => Promise<unknown>;
      };
}
