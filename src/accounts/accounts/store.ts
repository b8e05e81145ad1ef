import { offsetOf, type Page } from '../../api/index.ts';
import { available, type ManagementTransaction, type Sql } from '../../store/index.ts';
import { type Counted, type Listed, listed } from '../lists.ts';

/** An account as it is managed: without its auth token. */
export interface ManagedAccount {
  readonly sid: string;
  readonly organizationSid: string;
  readonly name: string;
  readonly standing: 'active' | 'suspended';
  readonly requireValidation: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which accounts are asked for. Null asks for all. */
export interface AccountWish {
  readonly reach: string[] | null;
  /** The one that a caller is narrowed to, who reaches nothing else. */
  readonly own: string | null;
  readonly organizationSid: string | null;
  readonly name: string | null;
  readonly status: string | null;
}

/** Reads a page of accounts, oldest first. */
export async function readAccounts(
  sql: Sql,
  { reach, own, organizationSid, name, status }: AccountWish,
  page: Page,
): Promise<Listed<ManagedAccount>> {
  const rows = await available(sql<Array<Counted<ManagedAccount>>>`
    with found as not materialized (
      select * from accounts
      where (${reach}::text[] is null or organization_sid = any(${reach}::text[]) or sid = ${own}::text)
        and (${organizationSid}::text is null or organization_sid = ${organizationSid})
        and (${name}::text is null or name = ${name})
        and (${status}::standing is null or standing = ${status}::standing)
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select sid, organization_sid as "organizationSid", name, standing, require_validation as "requireValidation",
        created_at as "createdAt", updated_at as "updatedAt"
      from found order by created_at, sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, ({ sid }) => sid !== null);
}

/** Reads one account. */
export async function readAccount(sql: Sql, sid: string): Promise<ManagedAccount | undefined> {
  const [row] = await available(sql<ManagedAccount[]>`
    select sid, organization_sid as "organizationSid", name, standing, require_validation as "requireValidation",
      created_at as "createdAt", updated_at as "updatedAt"
    from accounts where sid = ${sid}`);
  return row;
}

/** Reads an account and locks it until the transaction ends. */
export async function lockAccount(transaction: ManagementTransaction, sid: string): Promise<ManagedAccount | null> {
  await transaction.$queryRaw`select 1 as found from accounts where sid = ${sid} for update`;
  return transaction.account.findUnique({ where: { sid }, omit: { authTokenSealed: true } });
}

/** How many API keys of an account are not revoked. */
export function countLiveKeys(transaction: ManagementTransaction, accountSid: string): Promise<number> {
  return transaction.apiKey.count({ where: { accountSid, revokedAt: null } });
}

/** Deletes an account with its API keys, all of which are revoked. */
export async function deleteAccountRows(transaction: ManagementTransaction, sid: string): Promise<void> {
  await transaction.apiKey.deleteMany({ where: { accountSid: sid } });
  await transaction.account.delete({ where: { sid } });
}
