import type { Caller, Role } from '../api/index.ts';

const ranks: Readonly<Record<Role, number>> = { viewer: 0, developer: 1, admin: 2, owner: 3 };

/**
 * The role that a caller acts in. A machine's own token stands for no person: what it does beyond its scopes is what an
 * admin may do, who could have made it. Whoever sits at the command line of the server owns it.
 */
function roleOfCaller({ kind, role }: Pick<Caller, 'kind' | 'role'>): Role {
  return role ?? (kind === 'system' ? 'owner' : 'admin');
}

/** The roles whose members may have the scope `admin`. */
const ruling: ReadonlySet<Role> = new Set(['owner', 'admin']);

/**
 * Whether a role is worth more than the scopes of a caller, whatever their own role: who can make an admin, or sign in as
 * one, could have everything through them.
 */
export function isBeyondScopes(role: Role, { scopes }: Pick<Caller, 'scopes'>): boolean {
  return ruling.has(role) && !scopes.has('admin');
}

/** Whether a role is more than a caller has: they neither give it, nor take it, nor act through somebody who has it. */
export function isAbove(role: Role, caller: Pick<Caller, 'kind' | 'role'>): boolean {
  return ranks[role] > ranks[roleOfCaller(caller)];
}
