import { offsetOf, type Page } from '../../api/index.ts';
import { available, type ManagementTransaction, type Sql } from '../../store/index.ts';
import { type Counted, type Listed, listed } from '../lists.ts';

/** An API key as it is managed: without its secret. */
export interface ManagedKey {
  readonly sid: string;
  readonly name: string;
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly userSid: string;
  readonly scopes: readonly string[];
  /** As it was stored; null is any. */
  readonly tokenPolicy: unknown;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which API keys are asked for. Null asks for all. */
export interface KeyWish {
  readonly reach: string[] | null;
  /** The account that a caller is narrowed to, who reaches nothing else. */
  readonly own: string | null;
  readonly sid: string | null;
  readonly accountSid: string | null;
  readonly userSid: string | null;
  readonly revoked: boolean | null;
}

/** Reads a page of API keys, oldest first. */
export async function readApiKeys(
  sql: Sql,
  { reach, own, sid: wanted, accountSid, userSid, revoked }: KeyWish,
  page: Page,
): Promise<Listed<ManagedKey>> {
  const rows = await available(sql<Array<Counted<ManagedKey>>>`
    with found as not materialized (
      select * from api_keys
      where (${reach}::text[] is null or organization_sid = any(${reach}::text[]) or account_sid = ${own}::text)
        and (${wanted}::text is null or sid = ${wanted})
        and (${accountSid}::text is null or account_sid = ${accountSid})
        and (${userSid}::text is null or user_sid = ${userSid})
        and (${revoked}::boolean is null or (revoked_at is not null) = ${revoked}::boolean)
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select sid, name, organization_sid as "organizationSid", account_sid as "accountSid", user_sid as "userSid",
        scopes, token_policy as "tokenPolicy", revoked_at as "revokedAt", created_at as "createdAt", updated_at as "updatedAt",
        (select used_at from last_uses l where l.kind = 'api_key' and l.id = found.sid) as "lastUsedAt"
      from found order by created_at, sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, ({ sid }) => sid !== null);
}

/** Reads an API key and locks it until the transaction ends. */
export async function lockKey(transaction: ManagementTransaction, sid: string): Promise<ManagedKey | null> {
  await transaction.$queryRaw`select 1 as found from api_keys where sid = ${sid} for update`;
  const row = await transaction.apiKey.findUnique({ where: { sid }, omit: { secretHash: true, secretSealed: true } });
  if (row === null) return null;
  const use = await transaction.lastUse.findUnique({ where: { kind_id: { kind: 'api_key', id: sid } } });
  return { ...row, lastUsedAt: use?.usedAt ?? null };
}

/** Reads the policy of the key that a change is made with. Without a lock: two keys may change each other. */
export async function readPolicy(transaction: ManagementTransaction, sid: string): Promise<unknown> {
  const [row] = await transaction.$queryRaw<Array<{ policy: unknown }>>`
    select token_policy as policy from api_keys where sid = ${sid}`;
  return row?.policy ?? null;
}

/** What stands in the way of a key, usable or not. */
export interface KeyStanding {
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly isRevoked: boolean;
  readonly isUserActive: boolean;
  readonly isAccountActive: boolean;
}

/** Reads why a key may not be used. Not from memory. */
export async function readKeyStanding(sql: Sql, sid: string): Promise<KeyStanding | undefined> {
  const [row] = await available(sql<KeyStanding[]>`
    select k.organization_sid as "organizationSid", k.account_sid as "accountSid",
      k.revoked_at is not null as "isRevoked", u.standing = 'active' as "isUserActive",
      a.standing = 'active' as "isAccountActive"
    from api_keys k
    join users u on u.sid = k.user_sid
    join accounts a on a.sid = k.account_sid
    where k.sid = ${sid}`);
  return row;
}

/** Writes down that an API key was used. It ends meanwhile or after, and a trigger takes this along. */
export async function writeLastUse(sql: Sql, sid: string, at: Date): Promise<void> {
  await available(sql`
    insert into last_uses as l (kind, id, used_at)
    select 'api_key', sid, ${at} from api_keys where sid = ${sid} and revoked_at is null for share
    on conflict (kind, id) do update set used_at = excluded.used_at where l.used_at < excluded.used_at`);
}

/** Whose keys are looked at: one user's, or those of the members of some organizations. */
export type Holders = { readonly userSid: string } | { readonly membersOf: readonly string[] };

/**
 * Revokes keys to an organization and those beneath whose users have no role there any more, neither of their own nor
 * from above. Keys to the very organization of a membership that ends are revoked by a trigger already.
 */
export async function revokeOrphans(
  transaction: ManagementTransaction,
  organizationSid: string,
  holders: Holders,
): Promise<void> {
  const userSid = 'userSid' in holders ? holders.userSid : null;
  const membersOf = 'membersOf' in holders ? [...holders.membersOf] : null;
  await transaction.$executeRaw`
    with recursive tree as (
      select sid from organizations where sid = ${organizationSid}
      union
      select o.sid from organizations o join tree on o.parent_sid = tree.sid
    )
    update api_keys k set revoked_at = now(), updated_at = now()
    where k.organization_sid in (select sid from tree) and k.revoked_at is null
      and (${userSid}::text is null or k.user_sid = ${userSid})
      and (${membersOf}::text[] is null or exists (
        select from memberships m where m.user_sid = k.user_sid and m.organization_sid = any(${membersOf}::text[])))
      and not exists (
        with recursive above as (
          select sid, parent_sid from organizations where sid = k.organization_sid
          union
          select o.sid, o.parent_sid from organizations o join above on o.sid = above.parent_sid
        ) select from memberships m join above on above.sid = m.organization_sid where m.user_sid = k.user_sid)`;
}
