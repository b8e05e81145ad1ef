import { available, type Sql } from '../../store/index.ts';

/** A sealed object of the protocol. */
export interface SealedRow {
  readonly payloadSealed: Buffer;
  readonly consumedAt: Date | null;
}

export interface ArtifactDraft {
  readonly kind: string;
  readonly idHash: Buffer;
  readonly familyHash: Buffer | null;
  readonly clientId: string | null;
  readonly userCodeHash: Buffer | null;
  readonly payloadSealed: Buffer;
  /** Seconds from now, by the database's clock, which all nodes share. */
  readonly ttl: number;
}

/** Stores an artifact, or what changed of it. A spent one stays spent. */
export async function upsertArtifact(sql: Sql, draft: ArtifactDraft): Promise<void> {
  await available(sql`
    insert into artifacts (kind, id_hash, family_hash, client_id, user_code_hash, payload_sealed, expires_at)
    values (${draft.kind}, ${draft.idHash}, ${draft.familyHash}, ${draft.clientId}, ${draft.userCodeHash},
      ${draft.payloadSealed}, now() + make_interval(secs => ${draft.ttl}))
    on conflict (kind, id_hash) do update
      set payload_sealed = excluded.payload_sealed, expires_at = excluded.expires_at`);
}

/** Reads an artifact, expired or not: the protocol judges its expiry, and asks for expired ones to spend them. */
export async function readArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<SealedRow | undefined> {
  const [row] = await available(sql<SealedRow[]>`
    select payload_sealed as "payloadSealed", consumed_at as "consumedAt" from artifacts
    where kind = ${kind} and id_hash = ${idHash}`);
  return row;
}

/** Reads a device code by the keyed hash of its user code. */
export async function readByUserCode(
  sql: Sql,
  userCodeHash: Buffer,
): Promise<(SealedRow & { readonly idHash: Buffer }) | undefined> {
  const [row] = await available(sql<Array<SealedRow & { readonly idHash: Buffer }>>`
    select id_hash as "idHash", payload_sealed as "payloadSealed", consumed_at as "consumedAt" from artifacts
    where user_code_hash = ${userCodeHash}`);
  return row;
}

/**
 * Spends an artifact: the row count of this one statement decides who was first. Whoever comes second ends the family
 * of what the first one got: a code that is used twice may be in the wrong hands (RFC 6749 section 4.1.2).
 * @returns whether this call spent it.
 */
export async function spendArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<boolean> {
  const [row] = await available(sql<Array<{ spent: boolean }>>`
    with spent as (
      update artifacts set consumed_at = now()
      where kind = ${kind} and id_hash = ${idHash} and consumed_at is null
      returning 1
    ), reused as (
      update families f set revoked_at = now() from artifacts a
      where a.kind = ${kind} and a.id_hash = ${idHash} and not exists (select from spent)
        and f.id_hash = a.family_hash and f.revoked_at is null
    )
    select exists (select from spent) as spent`);
  return row?.spent === true;
}

/** Removes an artifact. */
export async function deleteArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<void> {
  await available(sql`delete from artifacts where kind = ${kind} and id_hash = ${idHash}`);
}

/** Stores a family, or what changed of it. */
export async function upsertFamily(
  sql: Sql,
  family: { readonly idHash: Buffer; readonly payloadSealed: Buffer; readonly ttl: number },
): Promise<void> {
  await available(sql`
    insert into families (id_hash, payload_sealed, expires_at)
    values (${family.idHash}, ${family.payloadSealed}, now() + make_interval(secs => ${family.ttl}))
    on conflict (id_hash) do update
      set payload_sealed = excluded.payload_sealed, expires_at = excluded.expires_at`);
}

/** Reads a family unless it was revoked. */
export async function readFamily(sql: Sql, idHash: Buffer): Promise<SealedRow | undefined> {
  const [row] = await available(sql<SealedRow[]>`
    select payload_sealed as "payloadSealed", null as "consumedAt" from families
    where id_hash = ${idHash} and revoked_at is null`);
  return row;
}

/** Ends a family. A trigger revokes the access tokens that carry it. */
export async function revokeFamily(sql: Sql, idHash: Buffer): Promise<void> {
  await available(sql`update families set revoked_at = now() where id_hash = ${idHash} and revoked_at is null`);
}

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

/** Ends a session. */
export async function deleteSession(sql: Sql, idHash: Buffer): Promise<void> {
  await available(sql`delete from sessions where id_hash = ${idHash}`);
}

/**
 * Notes that something was seen, to be refused when it is seen again: one statement, whose row count decides.
 * @param expiresAt seconds since the epoch; kept an hour longer.
 * @returns whether it had not been seen before.
 */
export async function noteOnce(sql: Sql, idHash: Buffer, expiresAt: number): Promise<boolean> {
  const { count } = await available(sql`
    insert into replays (id_hash, expires_at)
    values (${idHash}, to_timestamp(${expiresAt}) + interval '1 hour')
    on conflict do nothing`);
  return count === 1;
}

/**
 * Finds a live opaque token by its hash: an access token of a machine or a user, or an unspent refresh token, whose
 * family has not been revoked.
 */
export async function readOpaqueToken(
  sql: Sql,
  idHash: Buffer,
): Promise<{ readonly model: string; readonly payloadSealed: Buffer } | undefined> {
  const [row] = await available(sql<Array<{ model: string; payloadSealed: Buffer }>>`
    select kind as model, payload_sealed as "payloadSealed" from artifacts a
    where kind in ('AccessToken', 'ClientCredentials') and id_hash = ${idHash}
      and not exists (select from families f where f.id_hash = a.family_hash and f.revoked_at is not null)
    union all
    select 'RefreshToken', payload_sealed from refresh_tokens r
    where id_hash = ${idHash} and spent_at is null
      and exists (select from families f where f.id_hash = r.family_hash and f.revoked_at is null)`);
  return row;
}
