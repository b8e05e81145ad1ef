import type { Role } from '../api/index.ts';
import { appendAudit } from '../audit/index.ts';
import { available, type ManagementTransaction, Prisma, type Sql } from '../store/index.ts';
import { policyDetail, type TokenPolicy } from './api-keys/token-policy.ts';
import type { Account, ApiKey, By, Credentials, Membership, Organization, User } from './types.ts';

type Bytes = Buffer<ArrayBuffer>;

export interface OrganizationRow {
  readonly sid: string;
  readonly name: string;
  readonly parentSid?: string | null;
  readonly demo?: boolean;
  /** Whether it runs this server. */
  readonly operator?: boolean;
}

export async function insertOrganization(
  transaction: ManagementTransaction,
  row: OrganizationRow,
  { actor, origin }: By,
): Promise<void> {
  await transaction.organization.create({
    data: {
      sid: row.sid,
      name: row.name,
      parentSid: row.parentSid ?? null,
      demo: row.demo ?? false,
      operator: row.operator ?? false,
    },
  });
  await appendAudit(transaction, {
    action: 'organization.created',
    actor,
    ...origin,
    target: { type: 'organization', id: row.sid },
    organizationSid: row.sid,
  });
}

export interface AccountRow {
  readonly sid: string;
  readonly organizationSid: string;
  readonly name: string;
  readonly authTokenSealed: Bytes;
}

export async function insertAccount(
  transaction: ManagementTransaction,
  row: AccountRow,
  { actor, origin }: By,
): Promise<void> {
  await transaction.account.create({ data: row });
  await appendAudit(transaction, {
    action: 'account.created',
    actor,
    ...origin,
    target: { type: 'account', id: row.sid },
    organizationSid: row.organizationSid,
  });
}

export interface ApiKeyRow {
  readonly sid: string;
  readonly name: string;
  readonly userSid: string;
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly scopes: readonly string[];
  readonly secretHash: Bytes;
  readonly secretSealed: Bytes;
  /** None: it may mint any AccessTokens. */
  readonly tokenPolicy?: TokenPolicy | null;
}

export async function insertApiKey(
  transaction: ManagementTransaction,
  { tokenPolicy = null, ...row }: ApiKeyRow,
  { actor, origin }: By,
): Promise<void> {
  const policy = storedPolicy(tokenPolicy);
  await transaction.apiKey.create({ data: { ...row, scopes: [...row.scopes], tokenPolicy: policy } });
  await appendAudit(transaction, {
    action: 'api_key.created',
    actor,
    ...origin,
    target: { type: 'api_key', id: row.sid },
    organizationSid: row.organizationSid,
    detail: { name: row.name, ...policyDetail(tokenPolicy) },
  });
}

/** A policy as Prisma stores it. */
export const storedPolicy = (policy: TokenPolicy | null) =>
  policy === null ? Prisma.DbNull : (policy as Prisma.InputJsonValue);

/** Reads an API key that may be used: not revoked, its user, account and organization active. */
export async function readApiKey(sql: Sql, sid: string): Promise<ApiKey | undefined> {
  const [row] = await available(sql<ApiKey[]>`
    select k.sid, k.user_sid as "userSid", k.organization_sid as "organizationSid", k.account_sid as "accountSid",
      k.scopes, k.secret_hash as "secretHash", k.secret_sealed as "secretSealed", k.token_policy as "tokenPolicy"
    from api_keys k
    join users u on u.sid = k.user_sid
    join accounts a on a.sid = k.account_sid
    join organizations o on o.sid = k.organization_sid
    where k.sid = ${sid} and k.revoked_at is null
      and u.standing = 'active' and a.standing = 'active' and o.standing = 'active'`);
  return row;
}

/** Reads an account with its public keys. */
export async function readWholeAccount(sql: Sql, sid: string): Promise<Account | undefined> {
  const [row] = await available(sql<Account[]>`
    select sid, organization_sid as "organizationSid", standing, auth_token_sealed as "authTokenSealed",
      require_validation as "requireValidation",
      (select coalesce(jsonb_object_agg(p.sid, p.public_key), '{}') from public_keys p
       where p.account_sid = accounts.sid) as "publicKeys"
    from accounts where sid = ${sid}`);
  return row;
}

/** Reads an organization's place in the tree. */
export async function readOrganization(sql: Sql, sid: string): Promise<Organization | undefined> {
  const [row] = await available(sql<Organization[]>`
    select sid, parent_sid as "parentSid", standing from organizations where sid = ${sid}`);
  return row;
}

/** Reads the first organizations, those that run this server before the others, the older before the younger. */
export async function readFirstOrganizations(
  sql: Sql,
  limit: number,
): Promise<ReadonlyArray<{ readonly sid: string; readonly operator: boolean }>> {
  return available(sql<Array<{ sid: string; operator: boolean }>>`
    select sid, operator from organizations order by operator desc, created_at, sid limit ${limit}`);
}

/** Reads an organization with those beneath it, and whether it runs this server. */
export async function readReach(
  sql: Sql,
  sid: string,
): Promise<{ readonly operator: boolean; readonly sids: readonly string[] }> {
  const [row] = await available(sql<Array<{ operator: boolean; sids: readonly string[] }>>`
    with recursive tree as (
      select sid, operator from organizations where sid = ${sid}
      union
      select o.sid, false from organizations o join tree on o.parent_sid = tree.sid
    )
    select bool_or(operator) as operator, array_agg(sid) as sids from tree having count(*) > 0`);
  return row ?? { operator: false, sids: [] };
}

/** Reads the role of an active user in an organization, or in the nearest above it where they have one. */
export async function readRole(sql: Sql, userSid: string, organizationSid: string): Promise<Role | undefined> {
  const [row] = await available(sql<Array<{ role: Role }>>`
    with recursive above as (
      select sid, parent_sid, 0 as height from organizations where sid = ${organizationSid}
      union
      select o.sid, o.parent_sid, above.height + 1 from organizations o join above on o.sid = above.parent_sid
      where above.height < 32
    )
    select m.role from above
    join memberships m on m.organization_sid = above.sid and m.user_sid = ${userSid}
    join users u on u.sid = m.user_sid and u.standing = 'active'
    order by above.height limit 1`);
  return row?.role;
}

/** Reads an active user. */
export async function readUser(sql: Sql, sid: string): Promise<User | undefined> {
  const [row] = await available(sql<User[]>`
    select sid, email, email_verified as "emailVerified", name from users
    where sid = ${sid} and standing = 'active'`);
  return row;
}

/**
 * The one organization that a user is a member of, as an expression of SQL; null where there is none or are several. It
 * is where an event of a person belongs that no organization is named in.
 * @param user the SID, as an expression of SQL.
 */
export const onlyOrganization = (sql: Sql, user: ReturnType<Sql>) => sql`(
  select min(m.organization_sid) from memberships m where m.user_sid = ${user} having count(*) = 1)`;

/** Reads what a sign-in needs of a user, active or not. @param email in its normal form. */
export async function readCredentials(sql: Sql, email: string): Promise<Credentials | undefined> {
  const [row] = await available(sql<Credentials[]>`
    select sid, email, email_verified as "emailVerified", name, password_hash as "passwordHash", standing,
      ${onlyOrganization(sql, sql`users.sid`)} as "organizationSid"
    from users where email = ${email}`);
  return row;
}

/** Reads an active user's organizations, but for those that are suspended or lie beneath one that is. */
export async function readMemberships(sql: Sql, userSid: string): Promise<readonly Membership[]> {
  return available(sql<Membership[]>`
    select o.sid as "organizationSid", o.name as "organizationName", m.role
    from memberships m
    join users u on u.sid = m.user_sid and u.standing = 'active'
    join organizations o on o.sid = m.organization_sid
    where m.user_sid = ${userSid} and not exists (
      with recursive above as (
        select sid, parent_sid, standing from organizations where sid = o.sid
        union
        select a.sid, a.parent_sid, a.standing from organizations a join above on a.sid = above.parent_sid
      ) select from above where standing = 'suspended')
    order by o.name, o.sid`);
}
