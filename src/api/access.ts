import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../base/index.ts';
import type { Caller, Operation } from './types.ts';

/** What of a request says who calls. */
export interface Credentials {
  readonly method: string;
  /** Path without query, as it was asked for, with `/v2`. */
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
  /** Where it came from. */
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte for byte as it came, whoever else reads it. @throws Problem 400, 413, 415. */
  readonly body: () => Promise<Uint8Array>;
}

/** Finds out who calls. @throws Problem 401 with a challenge, 429 for an address that has presented too many wrong ones. */
export type Authenticate = (credentials: Credentials) => Promise<Caller>;

/** Whether what belongs to an organization, or to none, is there for a caller at all. */
export function reaches(caller: Caller, organizationSid: string | null | undefined): boolean {
  if (caller.reach === 'everything') return true;
  return typeof organizationSid === 'string' && caller.reach.has(organizationSid);
}

/** @throws Problem 404: what lies outside a caller's reach does not exist for them. */
export function requireReach(caller: Caller, organizationSid: string | null | undefined, what: string): void {
  if (!reaches(caller, organizationSid)) throw new Problem('not_found', `There is no ${what} with this id.`);
}

/** Whether an account is there for a caller: one of an organization within reach, or the one that they are narrowed to. */
export function reachesAccount(
  caller: Caller,
  account: { readonly sid: string; readonly organizationSid: string } | null | undefined,
): boolean {
  if (account === null || account === undefined) return false;
  return caller.accountSid === undefined ? reaches(caller, account.organizationSid) : caller.accountSid === account.sid;
}

/** @throws Problem 403 when the credential is not good for an operation. */
export function checkScopes(caller: Caller, { scopes, operatorOnly }: Operation): void {
  if (operatorOnly === true && caller.reach !== 'everything') {
    throw new Problem('access_denied', 'Only an operator of this server may do this.');
  }
  if (caller.scopes.has('admin') || scopes.some((scope) => caller.scopes.has(scope))) return;
  const wanted = scopes.length === 0 ? 'admin' : scopes.join(' or ');
  throw new Problem('insufficient_scope', `This takes the scope ${wanted}, and a role that includes it.`);
}
