import type { Caller, Origin } from '../../api/index.ts';
import { available, type Sql } from '../../store/index.ts';

/** A login session as it is managed. */
export interface SessionRow {
  readonly uidHash: Buffer;
  readonly userSid: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Whether a user is a member of an organization within reach. */
const isWithin = (sql: Sql, { reach }: Caller, user: ReturnType<Sql>) =>
  reach === 'everything'
    ? sql`true`
    : sql`exists (
        select from memberships m where m.user_sid = ${user} and m.organization_sid = any(${[...reach]}::text[]))`;

const columns = (sql: Sql) => sql`
  uid_hash as "uidHash", user_sid as "userSid", created_at as "createdAt", expires_at as "expiresAt"`;

/** The live sessions of signed-in users within reach. Nobody is signed in to the others yet. */
const visible = (sql: Sql, caller: Caller) => sql`
  user_sid is not null and expires_at > now() and ${isWithin(sql, caller, sql`sessions.user_sid`)}`;

/** One page of the sessions within reach, and how many there are. */
export async function listSessions(
  sql: Sql,
  caller: Caller,
  { userSid, limit, offset }: { readonly userSid: string | undefined; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: readonly SessionRow[]; readonly total: number }> {
  const chosen = sql`${visible(sql, caller)} and ${userSid === undefined ? sql`true` : sql`user_sid = ${userSid}`}`;
  const [rows, [count]] = await Promise.all([
    available(sql<SessionRow[]>`
      select ${columns(sql)} from sessions where ${chosen}
      order by created_at, uid_hash limit ${limit} offset ${offset}`),
    available(sql<Array<{ total: number }>>`select count(*)::int as total from sessions where ${chosen}`),
  ]);
  return { rows, total: count?.total ?? 0 };
}

/** Reads one within reach. */
export async function readSession(sql: Sql, caller: Caller, uidHash: Buffer): Promise<SessionRow | undefined> {
  const [row] = await available(sql<SessionRow[]>`
    select ${columns(sql)} from sessions where uid_hash = ${uidHash} and ${visible(sql, caller)}`);
  return row;
}

/** Whether there is such a user within reach. */
export async function hasUser(sql: Sql, caller: Caller, userSid: string): Promise<boolean> {
  const [row] = await available(sql<Array<{ there: boolean }>>`
    select exists (select from users where sid = ${userSid} and ${isWithin(sql, caller, sql`users.sid`)}) as there`);
  return row?.there === true;
}

/**
 * Ends sessions within reach and the families that hang on them, each with its audit event: one statement, as a sign-out
 * does it. Triggers revoke the families' access tokens at every node.
 * @param which one session, or all of a user.
 * @returns how many.
 */
export async function endSessions(
  sql: Sql,
  caller: Caller,
  { address, requestId }: Origin,
  which: { readonly uidHash: Buffer } | { readonly userSid: string },
): Promise<number> {
  const chosen = 'uidHash' in which ? sql`uid_hash = ${which.uidHash}` : sql`user_sid = ${which.userSid}`;
  const gone = await available(sql<Array<{ id: string }>>`
    with gone as (
      delete from sessions where ${chosen} and ${visible(sql, caller)} returning uid_hash, user_sid
    ), ended as (
      update families f set revoked_at = now() from gone
      where f.session_uid_hash = gone.uid_hash and f.revoked_at is null
    ), audited as (
      insert into audit_events
        (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
      select 'session.ended', ${caller.kind}::text, ${caller.id}::text, 'session', encode(uid_hash, 'hex'),
        ${caller.organizationSid}::text, ${address ?? null}::text, ${requestId ?? null}::text,
        jsonb_build_object('user', user_sid)
      from gone
    )
    select encode(uid_hash, 'hex') as id from gone`);
  if (gone.length === 0) return 0;
  // A family that was being stored when its session went was not there yet for that statement; now it is.
  await available(sql`
    update families set revoked_at = now()
    where revoked_at is null
      and session_uid_hash in (select decode(id, 'hex') from unnest(${gone.map(({ id }) => id)}::text[]) id)`);
  return gone.length;
}
