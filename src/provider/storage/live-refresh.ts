import { hashSecret, type Sealer } from '../../base/index.ts';
import { available, type Sql } from '../../store/index.ts';
import { newSalt, successorOf } from './successor.ts';

/** What a refresh is asked for, decided on beforehand: the statement only looks whether the token fits. */
export interface PlainRefresh {
  readonly clientId: string;
  /** Whose client it is. */
  readonly clientOrganizationSid: string | undefined;
  readonly resource: string;
  /** What the client may have at the resource, by spaces: the token must have some of it. */
  readonly scope: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Seconds that the successor lives when nobody uses it. */
  readonly idleTtl: number;
  /** Seconds that any token of its family lives, from the first one on. */
  readonly lifetime: number;
}

/** What an access token is issued on. */
export interface Rotated {
  /** The value of the successor. */
  readonly refreshToken: string;
  readonly userSid: string;
  readonly organizationSid: string | undefined;
  /** The family's hash in hexadecimal. */
  readonly family: string;
  /** All that the token is good for, by spaces. */
  readonly scope: string;
}

/** Rotation in one statement, for tokens that tell all that matters in columns. */
export interface LiveRefreshTokens {
  /** Spends a token and stores its successor. @returns nothing, and has changed nothing, where anything does not fit. */
  rotate(value: string, wanted: PlainRefresh): Promise<Rotated | undefined>;
  /** The resource of a plain token that is not spent. */
  resourceOf(value: string): Promise<string | undefined>;
}

interface RotatedRow {
  readonly userSid: string;
  readonly organizationSid: string | null;
  readonly family: string;
  readonly scope: string;
}

interface Exchange {
  readonly spentHash: Buffer;
  readonly successorHash: Buffer;
  readonly salt: Buffer;
  /** The id of the master key that seals now. What is sealed under an earlier one is not passed on. */
  readonly keyId: Buffer;
}

/**
 * One statement: it spends the token if all that it hangs on still counts, and stores the successor out of what it finds.
 * Whatever does not fit changes nothing, and of any number at once one does it. How long the successor lives is said in
 * `refreshTokenTtl` too.
 */
function rotateInOne(sql: Sql, exchange: Exchange, wanted: PlainRefresh): Promise<readonly RotatedRow[]> {
  const { now } = wanted;
  return available(sql<RotatedRow[]>`
    with spent as (
      update refresh_tokens t
      set spent_at = now(), successor_hash = ${exchange.successorHash}, successor_salt = ${exchange.salt}
      from families f, users u
      where t.id_hash = ${exchange.spentHash} and t.spent_at is null and t.exp > ${now}
        and t.client_id = ${wanted.clientId} and t.resource = ${wanted.resource}
        and string_to_array(t.scope, ' ') && string_to_array(${wanted.scope}, ' ')
        and substring(t.payload_sealed from 2 for 4) = ${exchange.keyId}
        and f.id_hash = t.family_hash and f.revoked_at is null and f.expires_at > to_timestamp(${now})
        and u.sid = t.user_sid and u.standing = 'active'
        and not exists (
          select from (values ('client', t.client_id), ('user', t.user_sid), ('organization', t.organization_sid),
            ('organization', ${wanted.clientOrganizationSid ?? null}::text)) as subjects (kind, subject)
          join revocations r using (kind, subject)
          where r.revoked_before >= least(t.created_at, to_timestamp(t.iat)))
      returning t.family_hash, t.user_sid, t.client_id, t.organization_sid, t.session_uid_hash, t.payload_sealed,
        t.resource, t.scope, t.iiat, t.rotations, f.grant_id, ${now}::bigint as now,
        greatest(1, least(${wanted.idleTtl}::bigint, t.iiat + ${wanted.lifetime}::bigint - ${now}::bigint)) as ttl
    ), used as (
      update grants g set last_used_at = now() from spent
      where g.id = spent.grant_id and (g.last_used_at is null or g.last_used_at < now() - interval '1 minute')
    )
    insert into refresh_tokens
      (id_hash, family_hash, user_sid, client_id, organization_sid, session_uid_hash, payload_sealed, expires_at,
        resource, scope, iat, exp, iiat, rotations)
    select ${exchange.successorHash}, family_hash, user_sid, client_id, organization_sid, session_uid_hash,
      payload_sealed, now() + make_interval(secs => ttl), resource, scope, now, now + ttl, iiat, rotations + 1
    from spent
    returning user_sid as "userSid", organization_sid as "organizationSid", encode(family_hash, 'hex') as family, scope`);
}

async function readResource(sql: Sql, idHash: Buffer): Promise<string | undefined> {
  const [row] = await available(sql<Array<{ resource: string | null }>>`
    select resource from refresh_tokens where id_hash = ${idHash} and spent_at is null`);
  return row?.resource ?? undefined;
}

/** Opens the refresh tokens for rotation. */
export function liveRefreshTokens(sql: Sql, sealer: Sealer): LiveRefreshTokens {
  const keyId = Buffer.from(sealer.keyId, 'hex');
  return {
    async rotate(value, wanted) {
      const salt = newSalt();
      const refreshToken = successorOf(value, salt);
      const exchange = { spentHash: hashSecret(value), successorHash: hashSecret(refreshToken), salt, keyId };
      const [row] = await rotateInOne(sql, exchange, wanted);
      if (row === undefined) return undefined;
      const { userSid, organizationSid, family, scope } = row;
      return { refreshToken, userSid, organizationSid: organizationSid ?? undefined, family, scope };
    },
    resourceOf: (value) => readResource(sql, hashSecret(value)),
  };
}
