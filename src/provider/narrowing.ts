import type { TenantDirectory } from '../accounts/index.ts';
import { isSid, Problem, type SidKind } from '../base/index.ts';

/** What a token reaches: an organization and those beneath it, or one account of an organization and nothing else. */
export interface Place {
  /** None: a client that registered itself. */
  readonly organizationSid: string | undefined;
  readonly accountSid?: string | undefined;
}

/** What a request narrows a token to. */
export interface NarrowingWish {
  readonly organizationSid?: string | undefined;
  readonly accountSid?: string | undefined;
}

const named: ReadonlyArray<readonly [parameter: string, kind: SidKind, member: keyof NarrowingWish, like: string]> = [
  ['org_id', 'organization', 'organizationSid', 'an organization, like OR0123...'],
  ['account_sid', 'account', 'accountSid', 'an account, like AC0123...'],
];

/**
 * Reads the parameters `org_id` and `account_sid`. An empty one is refused rather than left out: whoever meant to narrow
 * a token must not get a wide one.
 * @param read the value of a parameter; undefined where it is not there.
 * @returns nothing where neither is there.
 * @throws Problem 400 for what is no SID.
 */
export function readNarrowing(read: (parameter: string) => unknown): NarrowingWish | undefined {
  const wish: Partial<Record<keyof NarrowingWish, string>> = {};
  for (const [parameter, kind, member, like] of named) {
    const value = read(parameter);
    if (value === undefined) continue;
    if (typeof value !== 'string' || !isSid(kind, value)) {
      throw new Problem('malformed_request', `${parameter} must be the SID of ${like}`);
    }
    wish[member] = value;
  }
  return Object.keys(wish).length === 0 ? undefined : wish;
}

/** The same sentence for what is unknown, somebody else's, and suspended. */
export const outOfReach = () =>
  new Problem(
    'invalid_target',
    'The organization or account is not within what the token could reach, or is suspended.',
  );

/** Narrows a place. @returns nothing for what does not lie within it, or is suspended. */
export type Narrow = (place: Place, wish: NarrowingWish) => Promise<Place | undefined>;

/** Prepares the narrowing; tenants come from memory. */
export function narrowing(tenants: Pick<TenantDirectory, 'account' | 'isActive' | 'isWithin'>): Narrow {
  async function toAccount(accountSid: string, organizationSid: string): Promise<Place | undefined> {
    const account = await tenants.account(accountSid);
    if (account?.standing !== 'active' || !(await tenants.isWithin(account.organizationSid, organizationSid))) {
      return undefined;
    }
    return { organizationSid: account.organizationSid, accountSid };
  }

  return async (place, wish) => {
    if (place.organizationSid === undefined) return undefined;
    const { organizationSid = place.organizationSid, accountSid = place.accountSid } = wish;
    // One account is the least there is: it is that one or none.
    if (place.accountSid !== undefined && accountSid !== place.accountSid) return undefined;
    if (!(await tenants.isWithin(organizationSid, place.organizationSid))) return undefined;
    const narrowed = accountSid === undefined ? { organizationSid } : await toAccount(accountSid, organizationSid);
    return narrowed !== undefined && (await tenants.isActive(narrowed.organizationSid as string))
      ? narrowed
      : undefined;
  };
}
