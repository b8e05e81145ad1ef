import { available, type Sql } from '../../store/index.ts';
import { auditReuse, type Reuse } from './reuse.ts';
import type { SealedRefreshToken } from './types.ts';

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

/** Stores what changed of an artifact. One that is gone stays gone. */
export async function changeArtifact(sql: Sql, draft: ArtifactDraft): Promise<void> {
  await available(sql`
    update artifacts set payload_sealed = ${draft.payloadSealed}, expires_at = now() + make_interval(secs => ${draft.ttl})
    where kind = ${draft.kind} and id_hash = ${draft.idHash}`);
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
 * of what the first one got, which is recorded: a code that is used twice may be in the wrong hands (RFC 6749 section
 * 4.1.2).
 * @returns whether this call spent it.
 */
export async function spendArtifact(sql: Sql, kind: string, idHash: Buffer, reuse: Reuse): Promise<boolean> {
  const [row] = await available(sql<Array<{ spent: boolean }>>`
    with spent as (
      update artifacts set consumed_at = now()
      where kind = ${kind} and id_hash = ${idHash} and consumed_at is null
      returning 1
    ), ended as (
      update families f set revoked_at = now() from artifacts a
      where a.kind = ${kind} and a.id_hash = ${idHash} and not exists (select from spent)
        and f.id_hash = a.family_hash and f.revoked_at is null
      returning f.id_hash, f.grant_id
    ), audited as (
      ${auditReuse(sql, reuse)}
    ), used as (
      update grants g set last_used_at = now() from families f join artifacts a on a.family_hash = f.id_hash
      where a.kind = ${kind} and a.id_hash = ${idHash} and g.id = f.grant_id and exists (select from spent)
    )
    select exists (select from spent) as spent`);
  return row?.spent === true;
}

/** Removes an artifact. @returns whether it was there. */
export async function deleteArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<boolean> {
  const { count } = await available(sql`delete from artifacts where kind = ${kind} and id_hash = ${idHash}`);
  return count === 1;
}

/** A family to be stored with its code. */
export interface FamilyDraft {
  readonly idHash: Buffer;
  readonly payloadSealed: Buffer;
  /** Seconds from now. */
  readonly ttl: number;
  /** The consent record that it hangs on. */
  readonly consentId: string | null;
  /** The session that it ends with. */
  readonly sessionUidHash: Buffer | null;
  /** The session that must still be there; none where it is only about to be stored. */
  readonly signedInUidHash: Buffer | null;
}

/**
 * Stores a code and its family in one statement, if the consent still stands and nobody signed out meanwhile. Both are
 * locked: who takes them away at this moment does so before, and is seen here, or after, and finds the family.
 * @returns whether it was stored.
 */
export async function insertAuthorization(sql: Sql, code: ArtifactDraft, family: FamilyDraft): Promise<boolean> {
  const { count } = await available(sql`
    with signed_in as (
      select 1 from sessions where uid_hash = ${family.signedInUidHash}::bytea for key share
    ), consent as (
      select id from grants where id = ${family.consentId}
        and (${family.signedInUidHash}::bytea is null or exists (select from signed_in))
      for key share
    ), family as (
      insert into families (id_hash, grant_id, session_uid_hash, payload_sealed, expires_at)
      select ${family.idHash}, consent.id, ${family.sessionUidHash}, ${family.payloadSealed},
        now() + make_interval(secs => ${family.ttl})
      from consent
      returning id_hash
    )
    insert into artifacts (kind, id_hash, family_hash, client_id, payload_sealed, expires_at)
    select ${code.kind}, ${code.idHash}, family.id_hash, ${code.clientId}, ${code.payloadSealed},
      now() + make_interval(secs => ${code.ttl})
    from family`);
  return count === 1;
}

/**
 * Burns a code that its own client presented wrongly (a wrong verifier, another redirect URI): whoever tries has one
 * attempt.
 */
export async function burnCode(sql: Sql, idHash: Buffer, clientId: string): Promise<void> {
  await available(sql`
    update artifacts set consumed_at = now()
    where kind = 'AuthorizationCode' and id_hash = ${idHash} and client_id = ${clientId} and consumed_at is null
      and expires_at > now()`);
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

/** A stored token, with what it is opened by; an access token needs its payload alone. */
export interface OpaqueTokenRow extends SealedRefreshToken {
  readonly model: string;
  /** Whose refresh token it is; an access token says so itself. */
  readonly organizationSid: string | null;
}

/**
 * Finds a live opaque token by its hash: an access token of a machine or a user, or an unspent refresh token, whose
 * family has not been revoked.
 */
export async function readOpaqueToken(sql: Sql, idHash: Buffer): Promise<OpaqueTokenRow | undefined> {
  const [row] = await available(sql<OpaqueTokenRow[]>`
    select kind as model, payload_sealed as "payloadSealed", null as "organizationSid", family_hash as "familyHash",
      null as resource, null::float8 as iat, null::float8 as exp, null::int as rotations
    from artifacts a
    where kind in ('AccessToken', 'ClientCredentials') and id_hash = ${idHash}
      and not exists (select from families f where f.id_hash = a.family_hash and f.revoked_at is not null)
    union all
    select 'RefreshToken', payload_sealed, organization_sid, family_hash, resource, iat, exp, rotations
    from refresh_tokens r
    where id_hash = ${idHash} and spent_at is null
      and exists (select from families f where f.id_hash = r.family_hash and f.revoked_at is null)`);
  return row;
}
