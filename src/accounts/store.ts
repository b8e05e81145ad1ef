import { type AuditEvent, appendAudit } from '../audit/index.ts';
import { available, type ManagementTransaction, type Sql } from '../store/index.ts';
import type { ApiKey, Organization, Role } from './types.ts';

type Actor = AuditEvent['actor'];
type Bytes = Buffer<ArrayBuffer>;

export interface OrganizationRow {
  readonly sid: string;
  readonly name: string;
  readonly parentSid?: string;
  readonly demo?: boolean;
}

export async function insertOrganization(
  transaction: ManagementTransaction,
  row: OrganizationRow,
  actor: Actor,
): Promise<void> {
  await transaction.organization.create({
    data: { sid: row.sid, name: row.name, parentSid: row.parentSid ?? null, demo: row.demo ?? false },
  });
  await appendAudit(transaction, {
    action: 'organization.created',
    actor,
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

export async function insertAccount(transaction: ManagementTransaction, row: AccountRow, actor: Actor): Promise<void> {
  await transaction.account.create({ data: row });
  await appendAudit(transaction, {
    action: 'account.created',
    actor,
    target: { type: 'account', id: row.sid },
    organizationSid: row.organizationSid,
  });
}

export interface UserRow {
  readonly sid: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

/** Inserts a user with a first membership. */
export async function insertMember(
  transaction: ManagementTransaction,
  row: UserRow,
  membership: { readonly organizationSid: string; readonly role: Role },
  actor: Actor,
): Promise<void> {
  await transaction.user.create({ data: { ...row, memberships: { create: membership } } });
  await appendAudit(transaction, {
    action: 'user.created',
    actor,
    target: { type: 'user', id: row.sid },
    organizationSid: membership.organizationSid,
    detail: { role: membership.role },
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
}

export async function insertApiKey(transaction: ManagementTransaction, row: ApiKeyRow, actor: Actor): Promise<void> {
  await transaction.apiKey.create({ data: { ...row, scopes: [...row.scopes] } });
  await appendAudit(transaction, {
    action: 'api_key.created',
    actor,
    target: { type: 'api_key', id: row.sid },
    organizationSid: row.organizationSid,
    detail: { name: row.name },
  });
}

/** Reads an API key that may be used: not revoked, its user, account and organization active. */
export async function readApiKey(sql: Sql, sid: string): Promise<ApiKey | undefined> {
  const [row] = await available(sql<ApiKey[]>`
    select k.sid, k.user_sid as "userSid", k.organization_sid as "organizationSid", k.account_sid as "accountSid",
      k.scopes, k.secret_hash as "secretHash"
    from api_keys k
    join users u on u.sid = k.user_sid
    join accounts a on a.sid = k.account_sid
    join organizations o on o.sid = k.organization_sid
    where k.sid = ${sid} and k.revoked_at is null
      and u.standing = 'active' and a.standing = 'active' and o.standing = 'active'`);
  return row;
}

/** Reads an organization's place in the tree. */
export async function readOrganization(sql: Sql, sid: string): Promise<Organization | undefined> {
  const [row] = await available(sql<Organization[]>`
    select sid, parent_sid as "parentSid", standing from organizations where sid = ${sid}`);
  return row;
}

/** Whether a user exists and may act. */
export async function readUserIsActive(sql: Sql, sid: string): Promise<boolean> {
  const rows = await available(sql`select from users where sid = ${sid} and standing = 'active'`);
  return rows.count === 1;
}
