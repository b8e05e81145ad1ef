import type { Role } from '../../api/index.ts';
import { appendAudit } from '../../audit/index.ts';
import type { ManagementTransaction } from '../../store/index.ts';
import type { By } from '../types.ts';

export interface UserRow {
  readonly sid: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly emailVerified?: boolean;
}

/** What an event of a user says of who did it. A user belongs to no one organization. */
const eventOf = ({ actor, origin, organizationSid }: By) => ({
  actor,
  ...origin,
  ...(organizationSid === undefined ? {} : { organizationSid }),
});

/** Inserts a user with a first membership. */
export async function insertMember(
  transaction: ManagementTransaction,
  row: UserRow,
  membership: { readonly organizationSid: string; readonly role: Role },
  { actor, origin }: By,
): Promise<void> {
  await transaction.user.create({ data: { ...row, memberships: { create: membership } } });
  await appendAudit(transaction, {
    action: 'user.created',
    actor,
    ...origin,
    target: { type: 'user', id: row.sid },
    organizationSid: membership.organizationSid,
    detail: { role: membership.role },
  });
}

/** The e-mail address of a user, whose row is locked until the transaction ends. */
export async function lockUser(transaction: ManagementTransaction, sid: string): Promise<string | undefined> {
  const rows = await transaction.$queryRaw<Array<{ email: string }>>`
    select email from users where sid = ${sid} for update`;
  return rows[0]?.email;
}

/** Replaces a password. Triggers end the user's sessions and tokens. */
export async function updatePassword(
  transaction: ManagementTransaction,
  sid: string,
  passwordHash: string,
  by: By,
): Promise<void> {
  await transaction.user.update({ where: { sid }, data: { passwordHash } });
  await appendAudit(transaction, {
    action: 'user.password_changed',
    ...eventOf(by),
    target: { type: 'user', id: sid },
  });
}

/** Deletes a user. @returns `owner` when clients are theirs, and nothing was deleted. */
export async function deleteUser(
  transaction: ManagementTransaction,
  sid: string,
  by: By,
): Promise<'deleted' | 'unknown' | 'owner'> {
  if ((await lockUser(transaction, sid)) === undefined) return 'unknown';
  if ((await transaction.client.count({ where: { userSid: sid } })) > 0) return 'owner';
  await transaction.user.delete({ where: { sid } });
  await appendAudit(transaction, { action: 'user.deleted', ...eventOf(by), target: { type: 'user', id: sid } });
  return 'deleted';
}

/** Deletes a membership. A trigger ends what was allowed in its name. @returns whether there was one. */
export async function deleteMembership(
  transaction: ManagementTransaction,
  { userSid, organizationSid }: { readonly userSid: string; readonly organizationSid: string },
  { actor, origin }: By,
): Promise<boolean> {
  const { count } = await transaction.membership.deleteMany({ where: { userSid, organizationSid } });
  if (count === 0) return false;
  await appendAudit(transaction, {
    action: 'membership.deleted',
    actor,
    ...origin,
    target: { type: 'user', id: userSid },
    organizationSid,
  });
  return true;
}

/** A user's memberships, by organization. */
export function readMembershipsOf(transaction: ManagementTransaction, userSid: string) {
  return transaction.membership.findMany({ where: { userSid }, orderBy: { organizationSid: 'asc' } });
}

/** Whether somebody active but this user is an owner of an organization. */
export async function hasOtherOwner(
  transaction: ManagementTransaction,
  organizationSid: string,
  userSid: string,
): Promise<boolean> {
  const others = { organizationSid, role: 'owner', NOT: { userSid }, user: { standing: 'active' } } as const;
  return (await transaction.membership.count({ where: others })) > 0;
}
