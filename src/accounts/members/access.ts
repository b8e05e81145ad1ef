import { type Caller, type Role, reaches } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import type { Doing } from '../calls.ts';
import { isAbove, isBeyondScopes } from '../roles.ts';
import { hasOtherOwner, readMembershipsOf } from './store.ts';

type Memberships = Awaited<ReturnType<typeof readMembershipsOf>>;

/** Whether a user with these memberships is there for a caller. */
export function isWithin(caller: Caller, memberships: Memberships): boolean {
  return caller.reach === 'everything' || memberships.some((member) => reaches(caller, member.organizationSid));
}

/** @throws Problem 404: a user of organizations elsewhere only is not there. */
export async function membershipsWithin({ caller, transaction }: Doing, userSid: string): Promise<Memberships> {
  const memberships = await readMembershipsOf(transaction, userSid);
  if (!isWithin(caller, memberships)) throw new Problem('not_found', 'There is no user with this id.');
  return memberships;
}

/**
 * Nobody gives, takes or acts upon a role above their own, nor one that their credential does not amount to.
 * @throws Problem 403
 */
export function requireRank(caller: Caller, role: Role): void {
  if (isAbove(role, caller)) throw new Problem('access_denied', `The role ${role} is above that of the caller.`);
  if (isBeyondScopes(role, caller)) {
    throw new Problem('insufficient_scope', `What concerns the role ${role} takes the scope admin.`);
  }
}

/**
 * Whoever changes a person's e-mail address or password can sign in as them: that is for those who reach all that the
 * person is a member of, and have no lesser role.
 * @throws Problem 403
 */
export function requireWholePerson(caller: Caller, memberships: Memberships): void {
  if (memberships.some((member) => !reaches(caller, member.organizationSid))) {
    throw new Problem(
      'access_denied',
      'This user is a member of organizations elsewhere too: only their membership can be changed here.',
    );
  }
  for (const { role } of memberships) requireRank(caller, role);
}

/** @throws Problem 422 when nobody active but this user is an owner of the organization. */
export async function keepAnOwner({ transaction }: Doing, organizationSid: string, userSid: string): Promise<void> {
  if (await hasOtherOwner(transaction, organizationSid, userSid)) return;
  throw new Problem(
    'unprocessable',
    `The last owner of the organization ${organizationSid} stays; make another first.`,
  );
}
