import { type Change, reaches, reachesAccount, refuse } from '../../api/index.ts';
import { Problem, type Sealer } from '../../base/index.ts';
import { byCaller, changesOf, type Doing, record } from '../calls.ts';
import { holdOrganizations } from '../organizations/store.ts';
import { countPublicKeys } from '../public-keys/store.ts';
import { createAccount, newAuthToken } from '../service.ts';
import { countLiveKeys, deleteAccountRows, lockAccount, type ManagedAccount } from './store.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;

/** The record of an account. */
export function accountEntry(row: ManagedAccount) {
  return {
    sid: row.sid,
    record_type: 'account' as const,
    organization_sid: row.organizationSid,
    name: row.name,
    status: row.standing,
    require_validation: row.requireValidation,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** @throws Problem 404 where there is none within reach, 412. */
async function lockReached({ caller, transaction, match }: Whole, sid: string): Promise<ManagedAccount> {
  const found = await lockAccount(transaction, sid);
  if (found === null || !reachesAccount(caller, found)) {
    throw new Problem('not_found', 'There is no account with this id.');
  }
  match({ data: accountEntry(found) });
  return found;
}

/** What is for the organization to decide of its accounts. @throws Problem 403. */
function refuseNarrowed({ caller }: Whole): void {
  if (caller.accountSid === undefined) return;
  throw new Problem(
    'access_denied',
    'This is for the organization of the account: the token is narrowed to the account.',
  );
}

/** @throws Problem 403, 404, 412. */
async function lockForOrganization(whole: Whole, sid: string): Promise<ManagedAccount> {
  const found = await lockReached(whole, sid);
  refuseNarrowed(whole);
  return found;
}

const auditOf = ({ sid, organizationSid }: ManagedAccount) => ({
  target: { type: 'account', id: sid },
  organizationSid,
});

/** Creates an account. @returns its record and its auth token. @throws Problem 422. */
export async function addAccount(
  doing: Doing,
  sealer: Sealer,
  wish: { readonly name: string; readonly organization_sid?: string | undefined },
) {
  const { transaction, caller } = doing;
  const organizationSid = wish.organization_sid ?? caller.organizationSid;
  const isThere = reaches(caller, organizationSid) && (await holdOrganizations(transaction, [organizationSid])) > 0;
  if (!isThere) refuse([{ pointer: '/organization_sid', detail: 'names no organization' }]);
  const { sid, authToken } = await createAccount(
    { ...byCaller(doing), transaction, sealer },
    { name: wish.name, organizationSid },
  );
  return { ...accountEntry(await transaction.account.findUniqueOrThrow({ where: { sid } })), auth_token: authToken };
}

/** A requirement that nobody can meet locks everybody out. @throws Problem 422. */
async function checkHasKey({ transaction }: Whole, sid: string): Promise<void> {
  if ((await countPublicKeys(transaction, sid)) > 0) return;
  refuse([{ pointer: '/require_validation', detail: 'takes a public key of the account, and it has none' }]);
}

interface AccountChanges {
  readonly name?: string | undefined;
  readonly require_validation?: boolean | undefined;
}

/** Renames an account, or says whether its calls must be signed. @throws Problem 403, 404, 412, 422. */
export async function updateAccount(whole: Whole, sid: string, wish: AccountChanges) {
  const current = await lockReached(whole, sid);
  const { name, require_validation: requireValidation } = wish;
  const { names, data } = changesOf(current, { name, requireValidation });
  if (names.length === 0) return current;
  if (data.requireValidation !== undefined) refuseNarrowed(whole);
  if (data.requireValidation === true) await checkHasKey(whole, sid);
  const changed = names.map((member) => (member === 'requireValidation' ? 'require_validation' : member)).join(' ');
  const turned = data.requireValidation === undefined ? {} : { require_validation: data.requireValidation };
  await record(whole, { action: 'account.updated', ...auditOf(current), detail: { changed, ...turned } });
  return whole.transaction.account.update({ where: { sid }, data });
}

/** Suspends or resumes an account. Triggers revoke what was issued for it. @throws Problem 403, 404, 412. */
export async function setAccountStanding(whole: Whole, sid: string, standing: 'active' | 'suspended') {
  const current = await lockForOrganization(whole, sid);
  if (current.standing === standing) return current;
  const action = standing === 'suspended' ? 'account.suspended' : 'account.resumed';
  await record(whole, { action, ...auditOf(current) });
  return whole.transaction.account.update({ where: { sid }, data: { standing } });
}

/** Gives an account another auth token. The one before is gone at once. @throws Problem 403, 404, 412. */
export async function rotateAuthToken(whole: Whole, sealer: Sealer, sid: string) {
  const current = await lockForOrganization(whole, sid);
  const { authToken, authTokenSealed } = newAuthToken(sealer, sid);
  await record(whole, { action: 'account.auth_token_rotated', ...auditOf(current) });
  const row = await whole.transaction.account.update({ where: { sid }, data: { authTokenSealed } });
  return { ...accountEntry(row), auth_token: authToken };
}

/** Deletes an account that has no live API keys; revoked ones go along. @throws Problem 403, 404, 412, 422. */
export async function deleteAccount(whole: Whole, sid: string): Promise<undefined> {
  const current = await lockForOrganization(whole, sid);
  const live = await countLiveKeys(whole.transaction, sid);
  if (live > 0) {
    const keys = live === 1 ? '1 API key' : `${live} API keys`;
    throw new Problem('unprocessable', `The account has ${keys}. Revoke what it has first.`);
  }
  await deleteAccountRows(whole.transaction, sid);
  await record(whole, { action: 'account.deleted', ...auditOf(current), detail: { name: current.name } });
  return undefined;
}
