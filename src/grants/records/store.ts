import type { Caller, Origin } from '../../api/index.ts';
import { available, type Sql } from '../../store/index.ts';

/** A consent record as it is managed. */
export interface GrantRow {
  readonly id: string;
  readonly userSid: string;
  readonly clientId: string;
  readonly organizationSid: string;
  readonly scopes: readonly string[];
  readonly permissions: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Which records a list is of, and which part of it. */
export interface GrantSelection {
  readonly clientId: string | undefined;
  readonly userSid: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

const columns = (sql: Sql) => sql`
  id, user_sid as "userSid", client_id as "clientId", organization_sid as "organizationSid", scopes,
  coalesce(permissions, '{}') as permissions, created_at as "createdAt", updated_at as "updatedAt",
  last_used_at as "lastUsedAt"`;

const within = (sql: Sql, { reach }: Caller) =>
  reach === 'everything' ? sql`true` : sql`organization_sid = any(${[...reach]}::text[])`;

/** One page of the records within reach, and how many there are. */
export async function listGrants(
  sql: Sql,
  caller: Caller,
  { clientId, userSid, limit, offset }: GrantSelection,
): Promise<{ readonly rows: readonly GrantRow[]; readonly total: number }> {
  const chosen = sql`${within(sql, caller)}
    and ${clientId === undefined ? sql`true` : sql`client_id = ${clientId}`}
    and ${userSid === undefined ? sql`true` : sql`user_sid = ${userSid}`}`;
  const [rows, [count]] = await Promise.all([
    available(sql<GrantRow[]>`
      select ${columns(sql)} from grants where ${chosen} order by created_at, id limit ${limit} offset ${offset}`),
    available(sql<Array<{ total: number }>>`select count(*)::int as total from grants where ${chosen}`),
  ]);
  return { rows, total: count?.total ?? 0 };
}

/** Reads one within reach. */
export async function readGrant(sql: Sql, caller: Caller, id: string): Promise<GrantRow | undefined> {
  const [row] = await available(sql<GrantRow[]>`
    select ${columns(sql)} from grants where id = ${id} and ${within(sql, caller)}`);
  return row;
}

/**
 * Deletes one within reach, and says so in the audit log: one statement. A trigger ends its families, and that their
 * tokens, at every node.
 * @returns the record as it was.
 */
export async function deleteGrant(
  sql: Sql,
  caller: Caller,
  { address, requestId }: Origin,
  id: string,
): Promise<GrantRow | undefined> {
  const [row] = await available(sql<GrantRow[]>`
    with gone as (
      delete from grants where id = ${id} and ${within(sql, caller)} returning *
    ), audited as (
      insert into audit_events
        (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
      select 'grant.revoked', ${caller.kind}::text, ${caller.id}::text, 'grant', id::text, organization_sid,
        ${address ?? null}::text, ${requestId ?? null}::text,
        jsonb_build_object('client_id', client_id, 'user', user_sid, 'scopes', scopes)
      from gone
    )
    select ${columns(sql)} from gone`);
  return row;
}
