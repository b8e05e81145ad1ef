import { available, type Sql } from '../../store/index.ts';
import type { PlainColumns, RefreshTokenDraft, SealedRefreshToken } from './types.ts';

/** A stored refresh token. */
export interface RefreshTokenRow extends SealedRefreshToken {
  /** Seconds since the epoch. */
  readonly spentAt: number | null;
  /** Spent, but so short a time ago that its successor may be given again. */
  readonly withinWindow: boolean;
}

/** The columns from `resource` to `rotations`. */
export const plainColumns = (sql: Sql, plain: PlainColumns | undefined) => sql`
  ${plain?.resource ?? null}::text, ${plain?.scope ?? null}::text, ${plain?.iat ?? null}::bigint,
  ${plain?.exp ?? null}::bigint, ${plain?.iiat ?? null}::bigint, ${plain?.rotations ?? null}::int`;

/**
 * Stores the first refresh token of a family, even when the family has just been revoked: of many uses of a code at once
 * one succeeds, whenever the others end its family, and a token of a revoked family is good for nothing.
 */
export async function insertRefreshToken(sql: Sql, draft: RefreshTokenDraft): Promise<void> {
  await available(sql`
    insert into refresh_tokens
      (id_hash, family_hash, user_sid, client_id, organization_sid, session_uid_hash, payload_sealed, expires_at,
        resource, scope, iat, exp, iiat, rotations)
    values (${draft.idHash}, ${draft.familyHash}, ${draft.userSid}, ${draft.clientId},
      (select g.organization_sid from families f join grants g on g.id = f.grant_id
       where f.id_hash = ${draft.familyHash}),
      ${draft.sessionUidHash}, ${draft.payloadSealed}, now() + make_interval(secs => ${draft.ttl}),
      ${plainColumns(sql, draft.plain)})`);
}

/**
 * Reads a refresh token, spent or not. What was suspended and is back has got its clients, users and organizations back,
 * not the tokens of before: they are not found. @param window seconds of grace after spending. */
export async function readRefreshToken(sql: Sql, idHash: Buffer, window: number): Promise<RefreshTokenRow | undefined> {
  const [row] = await available(sql<RefreshTokenRow[]>`
    select payload_sealed as "payloadSealed", family_hash as "familyHash", resource, iat::float8, exp::float8, rotations,
      extract(epoch from spent_at)::float8 as "spentAt",
      coalesce(spent_at > now() - make_interval(secs => ${window}), false) as "withinWindow"
    from refresh_tokens t join oauth_clients c on c.client_id = t.client_id
    where t.id_hash = ${idHash} and not exists (
      select from (values ('client', t.client_id), ('user', t.user_sid), ('organization', t.organization_sid),
        ('organization', c.organization_sid)) as subjects (kind, subject)
      join revocations r using (kind, subject) where r.revoked_before >= t.created_at)`);
  return row;
}

/**
 * Spends a refresh token and stores its successor, in one statement: there is no moment at which the old one is spent
 * and the new one missing. Of any number at once one does it.
 * @param salt what the successor's value is derived from, together with the old token.
 * @returns whether this call did it.
 */
export async function rotateRefreshToken(
  sql: Sql,
  spentHash: Buffer,
  successor: RefreshTokenDraft,
  salt: Buffer,
): Promise<boolean> {
  const { count } = await available(sql`
    with spent as (
      update refresh_tokens set spent_at = now(), successor_hash = ${successor.idHash},
        successor_salt = ${salt}
      where id_hash = ${spentHash} and spent_at is null
        and exists (select from families where id_hash = ${successor.familyHash} and revoked_at is null)
      returning organization_sid
    ), used as (
      update grants g set last_used_at = now() from families f
      where f.id_hash = ${successor.familyHash} and g.id = f.grant_id and exists (select from spent)
        and (g.last_used_at is null or g.last_used_at < now() - interval '1 minute')
    )
    insert into refresh_tokens
      (id_hash, family_hash, user_sid, client_id, organization_sid, session_uid_hash, payload_sealed, expires_at,
        resource, scope, iat, exp, iiat, rotations)
    select ${successor.idHash}, ${successor.familyHash}, ${successor.userSid}, ${successor.clientId},
      spent.organization_sid, ${successor.sessionUidHash}, ${successor.payloadSealed},
      now() + make_interval(secs => ${successor.ttl}), ${plainColumns(sql, successor.plain)}
    from spent`);
  return count === 1;
}

/**
 * The salt of the successor of a token that was spent within the window, if that successor is still unspent: a repeated
 * request gets the same again, a stolen chain gets nothing.
 */
export async function readSuccessorSalt(sql: Sql, spentHash: Buffer, window: number): Promise<Buffer | undefined> {
  const [row] = await available(sql<Array<{ salt: Buffer | null }>>`
    select old.successor_salt as salt
    from refresh_tokens old join refresh_tokens new on new.id_hash = old.successor_hash
    where old.id_hash = ${spentHash} and old.spent_at > now() - make_interval(secs => ${window})
      and new.spent_at is null`);
  return row?.salt ?? undefined;
}

/** Removes a refresh token that its client gave back. */
export async function deleteRefreshToken(sql: Sql, idHash: Buffer): Promise<void> {
  await available(sql`delete from refresh_tokens where id_hash = ${idHash}`);
}
