import { type Account, type ApiKey, readKeyStanding, type TenantDirectory } from '../../accounts/index.ts';
import { fault, isSid, ok, type Result } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import type { Reason, Sees } from '../types.ts';

/** Finds the key that a token names, or says why it does not count. */
export type LookUp<Found> = (sid: string) => Promise<Result<Found, Reason>>;

const reason = (code: Reason['code'], message: string) => fault<Reason>({ code, message });

const unknownKey = reason('unknown_key', 'There is no API key with the SID of its iss.');
const unknownAccount = reason('unknown_account', 'There is no account with the SID of its iss.');
const accountSuspended = reason('account_suspended', 'Its account is suspended.');
const organizationSuspended = reason('organization_suspended', 'The organization of its account is suspended.');

/** From memory, without a word why: for the path of tokens. */
export function keyLookUp(tenants: Pick<TenantDirectory, 'apiKey'>): LookUp<ApiKey> {
  return async (sid) => {
    const key = isSid('apiKey', sid) ? await tenants.apiKey(sid) : undefined;
    return key === undefined ? unknownKey : ok(key);
  };
}

export interface ExplainingParts {
  readonly tenants: Pick<TenantDirectory, 'apiKey' | 'account' | 'isActive'>;
  readonly sql: Sql;
}

/** The same for somebody who is told why. What lies beyond their reach is not there. */
export function explainingKeyLookUp({ tenants, sql }: ExplainingParts, sees: Sees): LookUp<ApiKey> {
  async function explain(sid: string): Promise<Result<ApiKey, Reason>> {
    const standing = isSid('apiKey', sid) ? await readKeyStanding(sql, sid) : undefined;
    if (standing === undefined || !sees(standing)) return unknownKey;
    if (standing.isRevoked) return reason('revoked_key', 'Its API key has been revoked.');
    if (!standing.isUserActive) return reason('user_suspended', 'The user of its API key is suspended.');
    if (!standing.isAccountActive) return accountSuspended;
    return (await tenants.isActive(standing.organizationSid)) ? unknownKey : organizationSuspended;
  }

  return async (sid) => {
    const key = isSid('apiKey', sid) ? await tenants.apiKey(sid) : undefined;
    if (key === undefined) return explain(sid);
    return sees(key) ? ok(key) : unknownKey;
  };
}

/** Finds an account that may act. @param sees none sees all. */
export function accountLookUp(
  tenants: Pick<TenantDirectory, 'account' | 'isActive'>,
  sees: Sees = () => true,
): LookUp<Account> {
  return async (sid) => {
    const account = isSid('account', sid) ? await tenants.account(sid) : undefined;
    if (account === undefined || !sees({ ...account, accountSid: account.sid })) return unknownAccount;
    if (account.standing === 'suspended') return accountSuspended;
    return (await tenants.isActive(account.organizationSid)) ? ok(account) : organizationSuspended;
  };
}
