import { type Caller, type Change, refuse, requireReach } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { lockAccount } from '../accounts/store.ts';
import { byCaller, changesOf, type Doing, record } from '../calls.ts';
import { isWithin } from '../members/access.ts';
import { lockUser, readMembershipsOf } from '../members/store.ts';
import { isAbove } from '../roles.ts';
import { createApiKey } from '../service.ts';
import { readRole } from '../store.ts';
import type { TenantParts } from '../types.ts';
import { beyondCaller, scopeFaults } from './rules.ts';
import { lockKey, type ManagedKey } from './store.ts';

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
    status: row.revokedAt === null ? ('active' as const) : ('revoked' as const),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** @throws Problem 404 where there is none within reach, 412. */
async function lockReached({ caller, transaction, match }: Whole, sid: string): Promise<ManagedKey> {
  const found = await lockKey(transaction, sid);
  requireReach(caller, found?.organizationSid, 'API key');
  if (found === null) throw new Problem('not_found', 'There is no API key with this id.');
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
  if (beyond.length > 0) {
    throw new Problem('access_denied', `Nobody gives scopes that they do not have: ${beyond.join(' ')}.`);
  }
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
  const isThere = userSid === caller.userSid || isWithin(caller, await readMembershipsOf(transaction, userSid));
  if (!isThere) noUser();
  const role = await readRole(sql, userSid, organizationSid);
  if (role === undefined) noUser();
  else if (isAbove(role, caller)) throw new Problem('access_denied', 'This user has a role above that of the caller.');
}

interface KeyBody {
  readonly name: string;
  readonly account_sid: string;
  readonly scopes: readonly string[];
  readonly user_sid?: string | undefined;
}

/** Creates an API key. @returns its record, with its secret. @throws Problem 403, 422. */
export async function addApiKey(doing: Doing, parts: TenantParts, body: KeyBody) {
  const { caller, transaction } = doing;
  const { name, account_sid: accountSid, scopes } = body;
  checkScopes(caller, scopes, parts);
  const userSid = ownerOf(caller, body.user_sid);
  const account = await lockAccount(transaction, accountSid);
  const isReached = account !== null && (caller.reach === 'everything' || caller.reach.has(account.organizationSid));
  if (!isReached) return refuse([{ pointer: '/account_sid', detail: 'names no account' }]);
  const { organizationSid } = account;
  await checkOwner(doing, parts, userSid, organizationSid);
  const change = { ...byCaller(doing), transaction, sealer: parts.sealer };
  const { sid, secret, key } = await createApiKey(change, { name, userSid, organizationSid, accountSid, scopes });
  return { ...apiKeyEntry((await lockKey(transaction, sid)) as ManagedKey), secret, key };
}

const sameScopes = (left: readonly string[], right: readonly string[]) =>
  left.length === right.length && left.every((scope) => right.includes(scope));

/** Renames an API key or changes its scopes. @throws Problem 403, 404, 412, 422. */
export async function updateApiKey(
  whole: Whole,
  parts: TenantParts,
  sid: string,
  wish: { readonly name?: string | undefined; readonly scopes?: readonly string[] | undefined },
): Promise<ManagedKey> {
  const current = await lockReached(whole, sid);
  if (current.revokedAt !== null) throw new Problem('unprocessable', 'The API key is revoked.');
  if (wish.scopes !== undefined) checkScopes(whole.caller, wish.scopes, parts, current.scopes);
  const isSame = wish.scopes === undefined || sameScopes(wish.scopes, current.scopes);
  const { names, data } = changesOf(current, { name: wish.name, ...(isSame ? {} : { scopes: wish.scopes }) });
  if (names.length === 0) return current;
  const { name = current.name, scopes = current.scopes } = data;
  await whole.transaction.apiKey.update({ where: { sid }, data: { name, scopes: [...scopes] } });
  await record(whole, {
    action: 'api_key.updated',
    target: { type: 'api_key', id: sid },
    organizationSid: current.organizationSid,
    detail: { changed: names.join(' ') },
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
