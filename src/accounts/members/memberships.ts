import { type Change, type Role, refuse, requireReach } from '../../api/index.ts';
import { Problem, type Sealer } from '../../base/index.ts';
import { revokeOrphans } from '../api-keys/store.ts';
import { byCaller, type Doing, record } from '../calls.ts';
import { holdOrganizations } from '../organizations/store.ts';
import { normalizeEmail } from '../rules.ts';
import { removeMembership } from '../service.ts';
import { isWithin, keepAnOwner, membershipsWithin, requireRank } from './access.ts';
import type { ManagedMembership } from './lists.ts';
import { lockUser, readMembershipsOf } from './store.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;

interface Place {
  readonly organizationSid: string;
  readonly userSid: string;
}

const nobodyWithin = {
  pointer: '/email',
  code: 'unknown_user',
  detail: 'belongs to no user within your reach; create one, or ask an operator of this server to add them',
};

/** The record of a membership. */
export function membershipEntry(row: ManagedMembership) {
  return {
    record_type: 'membership' as const,
    organization_sid: row.organizationSid,
    user_sid: row.userSid,
    email: row.email,
    name: row.name,
    role: row.role,
    created_at: row.createdAt.toISOString(),
  };
}

/** @throws Problem 404 where there is no such organization within reach. */
async function holdOrganization({ caller, transaction }: Doing, sid: string): Promise<void> {
  requireReach(caller, sid, 'organization');
  if ((await holdOrganizations(transaction, [sid])) === 0) {
    throw new Problem('not_found', 'There is no organization with this id.');
  }
}

async function readPlace({ transaction }: Doing, place: Place): Promise<ManagedMembership | undefined> {
  const row = await transaction.membership.findUnique({
    where: { userSid_organizationSid: place },
    include: { user: { select: { email: true, name: true } } },
  });
  return row === null ? undefined : { ...row, ...row.user };
}

/** Gives a role to a user whose row is locked. */
async function giveRole(doing: Doing, place: Place, role: Role, before: ManagedMembership | undefined) {
  const { transaction } = doing;
  requireRank(doing.caller, role);
  if (before?.role === role) return before;
  if (before !== undefined) requireRank(doing.caller, before.role);
  if (before?.role === 'owner') await keepAnOwner(doing, place.organizationSid, place.userSid);
  await transaction.membership.upsert({
    where: { userSid_organizationSid: place },
    create: { ...place, role },
    update: { role },
  });
  await record(doing, {
    action: before === undefined ? 'membership.created' : 'membership.updated',
    target: { type: 'user', id: place.userSid },
    organizationSid: place.organizationSid,
    detail: { role, ...(before === undefined ? {} : { before: before.role }) },
  });
  return (await readPlace(doing, place)) as ManagedMembership;
}

/** Makes a user within reach a member, or gives them another role. @throws Problem 403, 404, 412, 422. */
export async function setMembership(whole: Whole, place: Place, role: Role): Promise<ManagedMembership> {
  await holdOrganization(whole, place.organizationSid);
  const isThere = (await lockUser(whole.transaction, place.userSid)) !== undefined;
  await membershipsWithin(whole, place.userSid);
  if (!isThere) throw new Problem('not_found', 'There is no user with this id.');
  const before = await readPlace(whole, place);
  whole.match(before === undefined ? null : { data: membershipEntry(before) });
  return giveRole(whole, place, role, before);
}

/**
 * Makes whoever has exactly this e-mail address a member. People are managed by those who reach all that they are a
 * member of. So only an operator adds somebody of organizations out of reach: otherwise anybody could make them a member
 * of something, and their own tenant would manage them no more.
 * @throws Problem 403, 404, 422.
 */
export async function addByEmail(
  doing: Doing,
  organizationSid: string,
  wish: { readonly email: string; readonly role: Role },
): Promise<ManagedMembership> {
  const { transaction } = doing;
  await holdOrganization(doing, organizationSid);
  requireRank(doing.caller, wish.role);
  const found = await transaction.user.findUnique({ where: { email: normalizeEmail(wish.email) ?? '' } });
  const userSid = found?.sid ?? '';
  const isThere = (await lockUser(transaction, userSid)) !== undefined;
  if (!isThere || !isWithin(doing.caller, await readMembershipsOf(transaction, userSid))) refuse([nobodyWithin]);
  const place = { organizationSid, userSid };
  if ((await readPlace(doing, place)) !== undefined) {
    refuse([{ pointer: '/email', code: 'taken', detail: 'belongs to a member already' }]);
  }
  return giveRole(doing, place, wish.role, undefined);
}

/** Takes a user out of an organization. A trigger ends what they allowed in its name. @throws Problem 403, 404, 412, 422. */
export async function endMembership(whole: Whole, sealer: Sealer, place: Place): Promise<undefined> {
  const { transaction, match } = whole;
  await holdOrganization(whole, place.organizationSid);
  const before = await readPlace(whole, place);
  if (before === undefined) throw new Problem('not_found', 'The user is no member of this organization.');
  match({ data: membershipEntry(before) });
  requireRank(whole.caller, before.role);
  if (before.role === 'owner') await keepAnOwner(whole, place.organizationSid, place.userSid);
  await removeMembership({ ...byCaller(whole), transaction, sealer }, place);
  await revokeOrphans(transaction, place.organizationSid, place);
  return undefined;
}
