import { type Change, reaches, refuse } from '../../api/index.ts';
import { newSid, Problem, type Sealer } from '../../base/index.ts';
import { Prisma } from '../../store/index.ts';
import { byCaller, changesOf, type Doing, record } from '../calls.ts';
import { holdOrganizations } from '../organizations/store.ts';
import { isPasswordHash, noPassword } from '../passwords.ts';
import { checkPassword, normalizeEmail, passwordAdvice } from '../rules.ts';
import { removeUser } from '../service.ts';
import { keepAnOwner, membershipsWithin, requireRank, requireWholePerson } from './access.ts';
import type { ManagedUser } from './lists.ts';
import { insertMember, lockUser, updatePassword } from './store.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;
type Wished<Body> = { readonly [Name in keyof Body]?: Body[Name] | undefined };

/** The record of a user. */
export function userEntry(row: ManagedUser) {
  return {
    sid: row.sid,
    record_type: 'user' as const,
    email: row.email,
    email_verified: row.emailVerified,
    name: row.name,
    has_password: row.hasPassword,
    status: row.standing,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

async function readManaged({ transaction }: Doing, sid: string): Promise<ManagedUser> {
  const row = await transaction.user.findUnique({ where: { sid } });
  if (row === null) throw new Problem('not_found', 'There is no user with this id.');
  return { ...row, hasPassword: isPasswordHash(row.passwordHash) };
}

/** @throws Problem 403 when somebody vouches for an address who does not run this server. */
function checkVouching({ caller }: Doing, emailVerified: boolean | undefined): void {
  if (emailVerified !== true || caller.reach === 'everything') return;
  // Every client of this server goes by it, those of other organizations too.
  throw new Problem('access_denied', 'Only an operator of this server says that an e-mail address is verified.');
}

/** @throws Problem 422 when the user may not choose this password. */
export function checkWish(password: string | undefined, email: string): void {
  const checked = password === undefined ? undefined : checkPassword(password, { email });
  if (checked?.ok !== false) return;
  const detail = passwordAdvice[checked.fault];
  throw new Problem('unprocessable', detail, { faults: [{ pointer: '/password', detail }] });
}

/** Turns the database's refusal of a second user with an address into a fault. */
async function ownEmail<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    const isTaken = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
    if (isTaken) refuse([{ pointer: '/email', code: 'taken', detail: 'belongs to a user already' }]);
    throw error;
  }
}

/** What a user is made from. */
type NewUser = Wished<{ password: string; email_verified: boolean; organization_sid: string }> & {
  readonly email: string;
  readonly name: string;
  readonly role: 'owner' | 'admin' | 'developer' | 'viewer';
};

/** Creates a user as a member of an organization. @param passwordHash none: nobody signs in. @throws Problem 403, 422. */
export async function addUser(doing: Doing, wish: NewUser, passwordHash: string | undefined): Promise<ManagedUser> {
  const { caller, transaction } = doing;
  const organizationSid = wish.organization_sid ?? caller.organizationSid;
  const isThere = reaches(caller, organizationSid) && (await holdOrganizations(transaction, [organizationSid])) > 0;
  if (!isThere) refuse([{ pointer: '/organization_sid', detail: 'names no organization' }]);
  requireRank(caller, wish.role);
  checkVouching(doing, wish.email_verified);
  const sid = newSid('user');
  const email = normalizeEmail(wish.email) ?? wish.email;
  const emailVerified = wish.email_verified ?? false;
  const row = { sid, email, name: wish.name, emailVerified, passwordHash: passwordHash ?? noPassword };
  await ownEmail(insertMember(transaction, row, { organizationSid, role: wish.role }, byCaller(doing)));
  return readManaged(doing, sid);
}

type UserChange = Wished<{ name: string; email: string; email_verified: boolean; password: string }>;

/** Changes a user. @param passwordHash of the new password. @throws Problem 403, 404, 412, 422. */
export async function updateUser(
  whole: Whole,
  sid: string,
  wish: UserChange,
  passwordHash: string | undefined,
): Promise<ManagedUser> {
  const { caller, transaction, match } = whole;
  await lockUser(transaction, sid);
  const memberships = await membershipsWithin(whole, sid);
  const current = await readManaged(whole, sid);
  match({ data: userEntry(current) });
  const email = wish.email === undefined ? undefined : normalizeEmail(wish.email);
  const isOther = email !== undefined && email !== current.email;
  const emailVerified = wish.email_verified ?? (isOther ? false : undefined);
  const { names, data } = changesOf(current, { name: wish.name, email, emailVerified });
  if (names.length === 0 && passwordHash === undefined) return current;
  requireWholePerson(caller, memberships);
  if (data.emailVerified !== undefined || isOther) checkVouching(whole, emailVerified);
  checkWish(wish.password, email ?? current.email);
  if (names.length > 0) {
    const changed = names.map((name) => (name === 'emailVerified' ? 'email_verified' : name)).join(' ');
    await recordUser(whole, 'user.updated', sid, { changed });
    const { name = current.name } = data;
    const next = {
      name,
      email: data.email ?? current.email,
      emailVerified: data.emailVerified ?? current.emailVerified,
    };
    await ownEmail(transaction.user.update({ where: { sid }, data: next }));
  }
  if (passwordHash !== undefined) await updatePassword(transaction, sid, passwordHash, byCaller(whole));
  return readManaged(whole, sid);
}

function recordUser(doing: Doing, action: string, sid: string, detail?: Readonly<Record<string, string>>) {
  const { organizationSid } = byCaller(doing);
  return record(doing, {
    action,
    target: { type: 'user', id: sid },
    ...(organizationSid === undefined ? {} : { organizationSid }),
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Locks what ending a user touches, organizations before users as everywhere. @throws Problem 403, 404, 412, 422. */
async function holdForEnding(whole: Whole, sid: string, ends: (user: ManagedUser) => boolean): Promise<ManagedUser> {
  const { caller, transaction, match } = whole;
  const before = await membershipsWithin(whole, sid);
  requireWholePerson(caller, before);
  await holdOrganizations(
    transaction,
    before.map((member) => member.organizationSid),
  );
  await lockUser(transaction, sid);
  const current = await readManaged(whole, sid);
  match({ data: userEntry(current) });
  const memberships = await membershipsWithin(whole, sid);
  requireWholePerson(caller, memberships);
  const owned = ends(current) ? memberships.filter((member) => member.role === 'owner') : [];
  for (const { organizationSid } of owned) await keepAnOwner(whole, organizationSid, sid);
  return current;
}

/** Suspends or resumes a user. Triggers end sessions and revoke tokens. @throws Problem 403, 404, 412, 422. */
export async function setUserStanding(
  whole: Whole,
  sid: string,
  standing: 'active' | 'suspended',
): Promise<ManagedUser> {
  const ends = standing === 'suspended';
  const current = await holdForEnding(whole, sid, (user) => ends && user.standing === 'active');
  if (current.standing === standing) return current;
  await recordUser(whole, ends ? 'user.suspended' : 'user.resumed', sid);
  await whole.transaction.user.update({ where: { sid }, data: { standing } });
  return readManaged(whole, sid);
}

/** Deletes a user with memberships, API keys, consent, sessions and tokens. @throws Problem 403, 404, 412, 422. */
export async function deleteUserWhole(whole: Whole, sealer: Sealer, sid: string): Promise<undefined> {
  await holdForEnding(whole, sid, () => true);
  await removeUser({ ...byCaller(whole), transaction: whole.transaction, sealer }, { userSid: sid });
  return undefined;
}
