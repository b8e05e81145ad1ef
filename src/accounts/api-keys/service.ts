import type { z } from 'zod';
import { type Caller, type Change, reachesAccount, refuse } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { lockAccount } from '../accounts/store.ts';
import { byCaller, changesOf, type Doing, record } from '../calls.ts';
import { isWithin } from '../members/access.ts';
import { lockUser, readMembershipsOf } from '../members/store.ts';
import { isAbove } from '../roles.ts';
import { createApiKey } from '../service.ts';
import { readRole, storedPolicy } from '../store.ts';
import type { TenantParts } from '../types.ts';
import { beyondCaller, scopeFaults } from './rules.ts';
import type { tokenPolicy } from './schemas.ts';
import { lockKey, type ManagedKey, readPolicy } from './store.ts';
import { isWithinPolicy, policyDetail, type TokenPolicy } from './token-policy.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;

/** The record of an API key. */
export function apiKeyEntry(row: ManagedKey) {
  return {
    sid: row.sid,
    record_type: 'api_key' as const,
    name: row.name,
    organization_sid: row.organizationSid,
    account_sid: row.accountSid,
    user_sid: row.userSid,
    scopes: [...row.scopes],
    token_policy: row.tokenPolicy as z.input<typeof tokenPolicy> | null,
    status: row.revokedAt === null ? ('active' as const) : ('revoked' as const),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** @throws Problem 404 where there is none within reach, 412. */
async function lockReached({ caller, transaction, match }: Whole, sid: string): Promise<ManagedKey> {
  const found = await lockKey(transaction, sid);
  const account = found && { sid: found.accountSid, organizationSid: found.organizationSid };
  if (found === null || !reachesAccount(caller, account)) {
    throw new Problem('not_found', 'There is no API key with this id.');
  }
  match({ data: apiKeyEntry(found) });
  return found;
}

/** @throws Problem 403, 422. */
function checkScopes(
  caller: Caller,
  scopes: readonly string[],
  { scopeNames }: TenantParts,
  there: readonly string[] = [],
): void {
  const faults = scopeFaults(scopes, scopeNames);
  if (faults.length > 0) refuse(faults);
  const beyond = beyondCaller(scopes, caller, there);
  if (beyond.length === 0) return;
  const rule =
    caller.accountSid === undefined
      ? 'Nobody gives scopes that they do not have'
      : 'Who is narrowed to an account gives no scopes that reach further';
  throw new Problem('access_denied', `${rule}: ${beyond.join(' ')}.`);
}

const wider = 'must not be wider than the policy of the key that this call is made with';

/**
 * A key with a policy gives none that is wider than its own: whoever may make keys could otherwise mint through them what
 * their own key may not. What a key has already may be narrowed to anything within it.
 * @throws Problem 403.
 */
async function checkPolicy(
  { caller, transaction }: Doing,
  wished: TokenPolicy | null,
  there?: TokenPolicy | null,
): Promise<void> {
  if (caller.kind !== 'api_key') return;
  const own = (await readPolicy(transaction, caller.id)) as TokenPolicy | null;
  if (isWithinPolicy(wished, own) || (there !== undefined && isWithinPolicy(wished, there))) return;
  const fault = { pointer: '/token_policy', detail: wider };
  throw new Problem('access_denied', `token_policy ${wider}.`, { faults: [fault] });
}

/** Whose the key will be. @throws Problem 422 where nobody is named. */
function ownerOf(caller: Caller, userSid: string | undefined): string {
  const owner = userSid ?? caller.userSid;
  if (owner === undefined) {
    refuse([{ pointer: '/user_sid', code: 'required', detail: 'is required, since the caller has no user' }]);
  }
  return owner as string;
}

const noUser = () => refuse([{ pointer: '/user_sid', detail: 'names no active user with a role in the organization' }]);

/**
 * Whether somebody may hold a key to an organization that a caller makes. A key acts in the role of its user, so nobody
 * makes one for a user with a higher role.
 * @throws Problem 403, 422.
 */
async function checkOwner(doing: Doing, { sql }: TenantParts, userSid: string, organizationSid: string): Promise<void> {
  const { caller, transaction } = doing;
  if ((await lockUser(transaction, userSid)) === undefined) noUser();
  const memberships = await readMembershipsOf(transaction, userSid);
  // Who is narrowed to an account reaches nobody, but its keys are for the members of its organization.
  const isMember =
    caller.accountSid !== undefined && memberships.some((one) => one.organizationSid === organizationSid);
  if (userSid !== caller.userSid && !isMember && !isWithin(caller, memberships)) noUser();
  const role = await readRole(sql, userSid, organizationSid);
  if (role === undefined) noUser();
  else if (isAbove(role, caller)) throw new Problem('access_denied', 'This user has a role above that of the caller.');
}

interface KeyBody {
  readonly name: string;
  readonly account_sid: string;
  readonly scopes: readonly string[];
  readonly user_sid?: string | undefined;
  readonly token_policy?: TokenPolicy | null | undefined;
}

/** Creates an API key. @returns its record, with its secret. @throws Problem 403, 422. */
export async function addApiKey(doing: Doing, parts: TenantParts, body: KeyBody) {
  const { caller, transaction } = doing;
  const { name, account_sid: accountSid, scopes } = body;
  const { token_policy: tokenPolicy = null } = body;
  checkScopes(caller, scopes, parts);
  await checkPolicy(doing, tokenPolicy);
  const userSid = ownerOf(caller, body.user_sid);
  const account = await lockAccount(transaction, accountSid);
  if (account === null || !reachesAccount(caller, account))
    return refuse([{ pointer: '/account_sid', detail: 'names no account' }]);
  const { organizationSid } = account;
  await checkOwner(doing, parts, userSid, organizationSid);
  const change = { ...byCaller(doing), transaction, sealer: parts.sealer };
  const wish = { name, userSid, organizationSid, accountSid, scopes, tokenPolicy };
  const { sid, secret, key } = await createApiKey(change, wish);
  return { ...apiKeyEntry((await lockKey(transaction, sid)) as ManagedKey), secret, key };
}

const sameScopes = (left: readonly string[], right: readonly string[]) =>
  left.length === right.length && left.every((scope) => right.includes(scope));

/** One text for one policy, in whatever order its members stand. */
const written = (policy: TokenPolicy | null) =>
  JSON.stringify(policy && [policy.grants, policy.rooms, policy.applications, policy.max_ttl, policy.algorithms]);

/** Whether a policy stays what it is; one that is not wished for does. */
const samePolicy = (wished: TokenPolicy | null | undefined, there: TokenPolicy | null) =>
  wished === undefined || written(wished) === written(there);

/** What may be changed of a key. */
interface KeyWish {
  readonly name?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly token_policy?: TokenPolicy | null | undefined;
}

/** What of a wish differs from what a key has. */
function changesWished(current: ManagedKey, { name, scopes, token_policy: policy }: KeyWish) {
  const isSame = scopes === undefined || sameScopes(scopes, current.scopes);
  const keepsPolicy = samePolicy(policy, current.tokenPolicy as TokenPolicy | null);
  const { names, data } = changesOf(current, { name, ...(isSame ? {} : { scopes }) });
  return {
    names: keepsPolicy ? names : [...names, 'token_policy'],
    data: {
      name: data.name ?? current.name,
      scopes: [...(data.scopes ?? current.scopes)],
      ...(keepsPolicy ? {} : { tokenPolicy: storedPolicy(policy ?? null) }),
    },
    detail: keepsPolicy ? {} : policyDetail(policy ?? null),
  };
}

/** Renames an API key, changes its scopes or what it may mint. @throws Problem 403, 404, 412, 422. */
export async function updateApiKey(whole: Whole, parts: TenantParts, sid: string, wish: KeyWish): Promise<ManagedKey> {
  const current = await lockReached(whole, sid);
  if (current.revokedAt !== null) throw new Problem('unprocessable', 'The API key is revoked.');
  if (wish.scopes !== undefined) checkScopes(whole.caller, wish.scopes, parts, current.scopes);
  const { token_policy: policy } = wish;
  if (policy !== undefined) await checkPolicy(whole, policy, current.tokenPolicy as TokenPolicy | null);
  const { names, data, detail } = changesWished(current, wish);
  if (names.length === 0) return current;
  await whole.transaction.apiKey.update({ where: { sid }, data });
  await record(whole, {
    action: 'api_key.updated',
    target: { type: 'api_key', id: sid },
    organizationSid: current.organizationSid,
    detail: { changed: names.join(' '), ...detail },
  });
  return (await lockKey(whole.transaction, sid)) as ManagedKey;
}

/** Revokes an API key, now or already before. Triggers tell every node. @throws Problem 404, 412. */
export async function revokeApiKey(whole: Whole, sid: string): Promise<undefined> {
  const current = await lockReached(whole, sid);
  if (current.revokedAt !== null) return undefined;
  await whole.transaction.apiKey.update({ where: { sid }, data: { revokedAt: new Date() } });
  await record(whole, {
    action: 'api_key.revoked',
    target: { type: 'api_key', id: sid },
    organizationSid: current.organizationSid,
    detail: { name: current.name },
  });
  return undefined;
}
