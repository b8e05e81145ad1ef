import { onlyOrganization } from '../../accounts/index.ts';
import { available, type Sql } from '../../store/index.ts';
import type { RequestOrigin } from './origin.ts';
import type { SealedRow } from './store.ts';

export interface SessionDraft {
  readonly idHash: Buffer;
  readonly uidHash: Buffer;
  readonly userSid: string | null;
  readonly payloadSealed: Buffer;
  readonly ttl: number;
}

/**
 * Stores a login session, or what changed of it. Changing comes first: requests of one browser at once all store its
 * session, and `on conflict` guards one unique index, while an insert beside an update may fail on the other.
 */
export async function upsertSession(sql: Sql, draft: SessionDraft): Promise<void> {
  const expiresAt = sql`now() + make_interval(secs => ${draft.ttl})`;
  await available(sql`
    with changed as (
      update sessions set uid_hash = ${draft.uidHash}, user_sid = ${draft.userSid},
        payload_sealed = ${draft.payloadSealed}, expires_at = ${expiresAt}
      where id_hash = ${draft.idHash}
      returning 1
    )
    insert into sessions (id_hash, uid_hash, user_sid, payload_sealed, expires_at)
    select ${draft.idHash}, ${draft.uidHash}, ${draft.userSid}, ${draft.payloadSealed}, ${expiresAt}
    where not exists (select from changed)
    on conflict (id_hash) do update set uid_hash = excluded.uid_hash, user_sid = excluded.user_sid,
      payload_sealed = excluded.payload_sealed, expires_at = excluded.expires_at`);
}

/** Reads a session by the hash of its cookie. */
export async function readSession(sql: Sql, idHash: Buffer): Promise<SealedRow | undefined> {
  const [row] = await available(sql<SealedRow[]>`
    select payload_sealed as "payloadSealed", null as "consumedAt" from sessions where id_hash = ${idHash}`);
  return row;
}

/** Reads a session by the hash of its uid, which tokens refer to. */
export async function readSessionByUid(
  sql: Sql,
  uidHash: Buffer,
): Promise<(SealedRow & { readonly idHash: Buffer }) | undefined> {
  const [row] = await available(sql<Array<SealedRow & { readonly idHash: Buffer }>>`
    select id_hash as "idHash", payload_sealed as "payloadSealed", null as "consumedAt" from sessions
    where uid_hash = ${uidHash}`);
  return row;
}

/**
 * Stores what changed of a session that is there, under a new id where it got one. One that is gone stays gone.
 * @param before the hash of the id that it had.
 */
export async function changeSession(sql: Sql, before: Buffer, draft: SessionDraft): Promise<void> {
  await available(sql`
    update sessions set id_hash = ${draft.idHash}, user_sid = ${draft.userSid},
      payload_sealed = ${draft.payloadSealed}, expires_at = now() + make_interval(secs => ${draft.ttl})
    where id_hash = ${before}`);
}

/** Ends a session and the families that end with it, which is recorded where somebody was signed in. */
export async function endSession(sql: Sql, idHash: Buffer, { address, requestId }: RequestOrigin): Promise<void> {
  const [gone] = await available(sql<Array<{ uidHash: Buffer }>>`
    with gone as (delete from sessions where id_hash = ${idHash} returning uid_hash, user_sid), ended as (
      update families f set revoked_at = now() from gone
      where f.session_uid_hash = gone.uid_hash and f.revoked_at is null
    ), audited as (
      insert into audit_events
        (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id)
      select 'user.signed_out', 'user', user_sid, 'user', user_sid, ${onlyOrganization(sql, sql`gone.user_sid`)},
        ${address}::text, ${requestId}::text
      from gone where user_sid is not null
    )
    select uid_hash as "uidHash" from gone`);
  if (gone === undefined) return;
  // A family that was being stored when the session went was not there yet for that statement; now it is.
  await available(sql`
    update families set revoked_at = now() where session_uid_hash = ${gone.uidHash} and revoked_at is null`);
}
