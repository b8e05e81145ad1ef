import type { Account } from '../../accounts/index.ts';
import { fault, ok, type Result } from '../../base/index.ts';
import type { Verification } from '../access-tokens/verify.ts';
import type { Compact } from '../compact.ts';
import type { LookUp } from '../keys/look-up.ts';
import { headerReason, readTimes, type Times, timesReason } from '../rules.ts';
import { isSignedBy } from '../signing.ts';
import type { Members, Reason } from '../types.ts';
import { type Policy, readPolicies } from './policies.ts';
import { readScopes, type Scope } from './scopes.ts';

/** What a capability token lets its holder do. */
export type Capability =
  | { readonly kind: 'client_capability'; readonly scopes: readonly Scope[] }
  | { readonly kind: 'task_router_capability'; readonly policies: readonly Policy[] };

/** A capability token that counts. */
export interface LiveCapability {
  readonly account: Account;
  readonly times: Times;
  readonly capability: Capability;
}

const headerRules = {
  algorithms: ['HS256'],
  contentType: undefined,
  members: ['alg', 'typ'],
  name: 'a capability token',
};

const malformed = (message: string) => fault<Reason>({ code: 'malformed', message });

/** Reads what a payload lets its holder do. It is one of two sorts and not both. */
export function readCapability(payload: Members): Result<Capability, Reason> {
  const { scope, policies } = payload;
  if ((scope === undefined) === (policies === undefined)) {
    return malformed('It must have either a scope or policies, as capability tokens have.');
  }
  if (policies !== undefined) {
    const read = readPolicies(policies);
    if (read !== undefined) return ok({ kind: 'task_router_capability', policies: read });
    return malformed('One of its policies lacks a url, a method, a filter or whether it allows.');
  }
  if (typeof scope !== 'string') return malformed('Its scope must be a text.');
  const scopes = readScopes(scope);
  if (scopes.ok) return ok({ kind: 'client_capability', scopes: scopes.value });
  return malformed(`Its scope cannot be read at place ${scopes.fault + 1}.`);
}

/** Whether a TaskRouter capability is for the account that issued it. */
function accountReason({ iss, account_sid: account }: Members): Reason | undefined {
  if (account === undefined || account === iss) return undefined;
  return { code: 'wrong_account', message: 'Its account_sid is another account than that in its iss.' };
}

/**
 * Verifies a capability token: by the auth token of the account that it names, with HS256 and nothing else.
 * @param now seconds since the epoch. @returns it, or the first reason why it does not count.
 */
export async function verifyCapability(
  { header, payload, signed }: Compact,
  lookUp: LookUp<Account>,
  { signingKeys, leeway }: Verification,
  now: number,
): Promise<Result<LiveCapability, Reason>> {
  if (!signed.ok) return signed;
  const odd = headerReason(header ?? {}, headerRules);
  if (odd !== undefined) return fault(odd);
  const claims = payload ?? {};
  const [capability, times] = [readCapability(claims), readTimes(claims)];
  if (!capability.ok) return capability;
  if (!times.ok) return times;
  const found = await lookUp(String(claims['iss']));
  if (!found.ok) return found;
  const account = found.value;
  const { input, signature } = signed.value;
  if (!isSignedBy('HS256', signingKeys.ofAccount(account), input, signature)) {
    const message =
      'Its signature is wrong: it was changed, or signed with another auth token than the account has now.';
    return fault({ code: 'wrong_signature', message });
  }
  const why = accountReason(claims) ?? timesReason(times.value, now, leeway);
  return why === undefined ? ok({ account, times: times.value, capability: capability.value }) : fault(why);
}
