import { offsetOf, type Page } from '../../api/index.ts';
import { available, type ManagementTransaction, type Sql } from '../../store/index.ts';
import { type Counted, type Listed, listed } from '../lists.ts';

/** A public key with the organization of its account. */
export interface ManagedPublicKey {
  readonly sid: string;
  readonly name: string;
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which public keys are asked for. Null asks for all. */
export interface PublicKeyWish {
  readonly reach: string[] | null;
  /** The one account that is reached besides. */
  readonly ownAccount: string | null;
  readonly sid: string | null;
  readonly accountSid: string | null;
}

/** Reads a page of public keys, oldest first. */
export async function readPublicKeys(
  sql: Sql,
  { reach, ownAccount, sid: wanted, accountSid }: PublicKeyWish,
  page: Page,
): Promise<Listed<ManagedPublicKey>> {
  const rows = await available(sql<Array<Counted<ManagedPublicKey>>>`
    with found as not materialized (
      select p.*, a.organization_sid from public_keys p join accounts a on a.sid = p.account_sid
      where (${reach}::text[] is null or a.organization_sid = any(${reach}::text[]) or a.sid = ${ownAccount})
        and (${wanted}::text is null or p.sid = ${wanted})
        and (${accountSid}::text is null or p.account_sid = ${accountSid})
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select sid, name, organization_sid as "organizationSid", account_sid as "accountSid",
        public_key as "publicKey", fingerprint, created_at as "createdAt", updated_at as "updatedAt"
      from found order by created_at, sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, ({ sid }) => sid !== null);
}

/** Reads one public key. */
export async function findPublicKey(transaction: ManagementTransaction, sid: string): Promise<ManagedPublicKey | null> {
  const row = await transaction.publicKey.findUnique({
    where: { sid },
    include: { account: { select: { organizationSid: true } } },
  });
  if (row === null) return null;
  const { account, ...key } = row;
  return { ...key, organizationSid: account.organizationSid };
}

/** Reads a public key and locks it until the transaction ends. */
export async function lockPublicKey(transaction: ManagementTransaction, sid: string): Promise<ManagedPublicKey | null> {
  await transaction.$queryRaw`select 1 as found from public_keys where sid = ${sid} for update`;
  return findPublicKey(transaction, sid);
}

/** How many public keys an account has. */
export function countPublicKeys(transaction: ManagementTransaction, accountSid: string): Promise<number> {
  return transaction.publicKey.count({ where: { accountSid } });
}

/** The account of an API key. */
export async function accountOfKey(transaction: ManagementTransaction, keySid: string): Promise<string | undefined> {
  const row = await transaction.apiKey.findUnique({ where: { sid: keySid }, select: { accountSid: true } });
  return row?.accountSid;
}
