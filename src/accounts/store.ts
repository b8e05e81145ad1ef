import { type AuditEvent, appendAudit } from '../audit/index.ts';
import type { ManagementTransaction } from '../store/index.ts';
import type { Role } from './types.ts';

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
