import { onlyOrganization } from '../accounts/index.ts';
import { available, type Sql } from '../store/index.ts';
import type { ConsentKey, ConsentOrigin } from './types.ts';

export interface ConsentRow extends ConsentKey {
  readonly id: string;
  readonly permissions: readonly string[];
}

/** Reads a consent record. */
export async function readConsent(sql: Sql, key: ConsentKey): Promise<ConsentRow | undefined> {
  const [row] = await available(sql<ConsentRow[]>`
    select id, user_sid as "userSid", client_id as "clientId", organization_sid as "organizationSid",
      coalesce(permissions, '{}') as permissions
    from grants
    where user_sid = ${key.userSid} and client_id = ${key.clientId} and organization_sid = ${key.organizationSid}`);
  return row;
}

/**
 * Adds to a consent record, making it where there is none, and says so in the audit log: one statement. The user must be
 * a member of the organization at this very moment. @returns nothing where they are not.
 */
export async function growConsent(
  sql: Sql,
  key: ConsentKey,
  permissions: readonly string[],
  scopes: readonly string[],
  origin: ConsentOrigin,
): Promise<ConsentRow | undefined> {
  const [row] = await available(sql<ConsentRow[]>`
    with grown as (
      insert into grants as g (id, user_sid, client_id, organization_sid, scopes, permissions)
      select gen_random_uuid(), m.user_sid, ${key.clientId}, m.organization_sid, ${[...scopes]}::text[],
        ${[...permissions]}::text[]
      from memberships m
      where m.user_sid = ${key.userSid} and m.organization_sid = ${key.organizationSid}
      on conflict (user_sid, client_id, organization_sid) do update set
        scopes = array(select distinct unnest(g.scopes || excluded.scopes) order by 1),
        permissions = array(select distinct unnest(g.permissions || excluded.permissions) order by 1),
        updated_at = now()
      returning *
    ), audited as (
      insert into audit_events (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
      select 'grant.allowed', 'user', user_sid, 'grant', id::text, organization_sid,
        ${origin.address ?? null}::text, ${origin.requestId ?? null}::text,
        jsonb_build_object('client_id', client_id, 'scopes', ${[...scopes]}::text[])
      from grown
    )
    select id, user_sid as "userSid", client_id as "clientId", organization_sid as "organizationSid", permissions
    from grown`);
  return row;
}

/** Says in the audit log that a user did not allow what a client asked for. */
export async function insertRefusal(
  sql: Sql,
  { userSid, clientId }: Pick<ConsentKey, 'userSid' | 'clientId'>,
  { address, requestId }: ConsentOrigin,
): Promise<void> {
  await available(sql`
    insert into audit_events
      (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
    values ('grant.declined', 'user', ${userSid}, 'client', ${clientId}, ${onlyOrganization(sql, sql`${userSid}`)},
      ${address ?? null}, ${requestId ?? null}, jsonb_build_object('client_id', ${clientId}::text))`);
}
