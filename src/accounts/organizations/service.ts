import { type Caller, type Change, reaches, refuse, requireReach } from '../../api/index.ts';
import { Problem, type Sealer } from '../../base/index.ts';
import { revokeOrphans } from '../api-keys/store.ts';
import { byCaller, changesOf, type Doing, record } from '../calls.ts';
import { createOrganization } from '../service.ts';
import { checkPlace, contentsOf, type Placing } from './rules.ts';
import { lockOrganization, lockTree, type ManagedOrganization, readContents, readTree, readWayUp } from './store.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;

/** The record of an organization. Nothing above the caller's reach is named. */
export function organizationEntry(row: ManagedOrganization, caller: Caller) {
  return {
    sid: row.sid,
    record_type: 'organization' as const,
    name: row.name,
    parent_sid: reaches(caller, row.parentSid) ? row.parentSid : null,
    status: row.standing,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** @throws Problem 404 where there is none within reach. */
export async function lockReached({ caller, transaction }: Doing, sid: string): Promise<ManagedOrganization> {
  requireReach(caller, sid, 'organization');
  const found = await lockOrganization(transaction, sid);
  if (found === null) throw new Problem('not_found', 'There is no organization with this id.');
  return found;
}

const wrongParent = (detail: string) => refuse([{ pointer: '/parent_sid', detail }]);

/** @throws Problem 403 for a root by somebody who runs not this server, 422 where the place will not do. */
async function place({ caller, transaction }: Doing, parentSid: string | null, subtree: Placing['subtree']) {
  if (parentSid === null && caller.reach !== 'everything') {
    throw new Problem('access_denied', 'Only an operator of this server makes root organizations.');
  }
  if (parentSid !== null && !reaches(caller, parentSid)) wrongParent('names no organization');
  const above = parentSid === null ? [] : await readWayUp(transaction, parentSid);
  if (parentSid !== null && above.length === 0) wrongParent('names no organization');
  const checked = checkPlace({ subtree, above });
  if (!checked.ok) wrongParent(checked.fault);
}

const defaultParent = ({ kind, organizationSid }: Caller) => (kind === 'system' ? null : organizationSid);

/** Adds an organization to the tree. @throws Problem 403, 422. */
export async function addOrganization(
  doing: Doing,
  sealer: Sealer,
  wish: { readonly name: string; readonly parent_sid?: string | null | undefined },
): Promise<ManagedOrganization> {
  const { transaction, caller } = doing;
  const parentSid = wish.parent_sid === undefined ? defaultParent(caller) : wish.parent_sid;
  await lockTree(transaction, 'to add');
  await place(doing, parentSid, { sids: new Set(), levels: 1, hasOperator: false });
  const sid = await createOrganization({ ...byCaller(doing), transaction, sealer }, { name: wish.name, parentSid });
  return transaction.organization.findUniqueOrThrow({ where: { sid } });
}

/** Who had a role from above an organization that moved, and has none there now, loses their keys to it. */
async function leaveBehind({ transaction }: Doing, sid: string, formerParent: string): Promise<void> {
  const above = await readWayUp(transaction, formerParent);
  await revokeOrphans(transaction, sid, { membersOf: above.map((step) => step.sid) });
}

/** Renames and moves. @throws Problem 403, 404, 412, 422. */
export async function updateOrganization(
  whole: Whole,
  sid: string,
  wish: { readonly name?: string | undefined; readonly parent_sid?: string | null | undefined },
): Promise<ManagedOrganization> {
  const { caller, transaction, match } = whole;
  if (wish.parent_sid !== undefined) await lockTree(transaction, 'to move');
  const current = await lockReached(whole, sid);
  match({ data: organizationEntry(current, caller) });
  const { names, data } = changesOf(current, { name: wish.name, parentSid: wish.parent_sid });
  if (names.length === 0) return current;
  if (data.parentSid !== undefined) {
    const tree = await readTree(transaction, sid);
    const levels = Math.max(...tree.map(({ level }) => level));
    const hasOperator = tree.some(({ operator }) => operator);
    await place(whole, data.parentSid, { sids: new Set(tree.map((step) => step.sid)), levels, hasOperator });
  }
  await record(whole, {
    action: 'organization.updated',
    target: { type: 'organization', id: sid },
    organizationSid: sid,
    detail: { changed: names.map((name) => (name === 'parentSid' ? 'parent_sid' : name)).join(' ') },
  });
  const updated = await transaction.organization.update({ where: { sid }, data });
  const left = data.parentSid === undefined || current.parentSid === null ? undefined : current.parentSid;
  if (left !== undefined) await leaveBehind(whole, sid, left);
  return updated;
}

/** Those whom nobody below an operator's command line may end, and who may not end themselves. */
async function refuseOwnAndOperators(
  { caller, transaction }: Doing,
  { sid, operator }: ManagedOrganization,
  what: string,
) {
  if (operator) throw new Problem('unprocessable', `An operator of this server cannot be ${what}.`);
  const above = await readWayUp(transaction, caller.organizationSid);
  if (above.some((step) => step.sid === sid)) {
    throw new Problem('unprocessable', `An organization cannot be ${what} by itself or by one beneath it.`);
  }
}

/**
 * Suspends or resumes an organization, and with it those beneath. Triggers revoke what was issued.
 * @throws Problem 404, 412, 422 for the caller's own and for operators.
 */
export async function setOrganizationStanding(
  whole: Whole,
  sid: string,
  standing: 'active' | 'suspended',
): Promise<ManagedOrganization> {
  const current = await lockReached(whole, sid);
  whole.match({ data: organizationEntry(current, whole.caller) });
  if (current.standing === standing) return current;
  if (standing === 'suspended') await refuseOwnAndOperators(whole, current, 'suspended');
  await record(whole, {
    action: standing === 'suspended' ? 'organization.suspended' : 'organization.resumed',
    target: { type: 'organization', id: sid },
    organizationSid: sid,
  });
  return whole.transaction.organization.update({ where: { sid }, data: { standing } });
}

/** Deletes an empty organization; memberships go along with it. @throws Problem 404, 412, 422 saying what is in it. */
export async function deleteOrganization(whole: Whole, sid: string): Promise<undefined> {
  const { caller, transaction, match } = whole;
  const current = await lockReached(whole, sid);
  match({ data: organizationEntry(current, caller) });
  await refuseOwnAndOperators(whole, current, 'deleted');
  const contents = contentsOf(await readContents(transaction, sid));
  if (contents !== undefined) {
    throw new Problem('unprocessable', `The organization is not empty. Still in it: ${contents}.`);
  }
  await transaction.organization.delete({ where: { sid } });
  // It stands in the log of the one above: of its own nobody reads any more.
  await record(whole, {
    action: 'organization.deleted',
    target: { type: 'organization', id: sid },
    organizationSid: current.parentSid ?? sid,
    detail: { name: current.name },
  });
  return undefined;
}
