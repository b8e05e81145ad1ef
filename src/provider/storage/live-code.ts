import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, newSecret, type Sealer } from '../../base/index.ts';
import { available, type Sql } from '../../store/index.ts';
import { payloadSeal } from './payload.ts';
import { refreshTokenRows } from './refresh-token-row.ts';
import { plainColumns } from './rotation.ts';
import type { RefreshTokenDraft } from './types.ts';

/** A code that may be redeemed, and its family, as the library stored them. */
export interface LiveCode {
  readonly familyHash: Buffer;
  readonly token: AdapterPayload;
  readonly family: AdapterPayload;
}

/** Redemption in two statements, for requests that need nothing else of the library. */
export interface LiveCodes {
  /** @returns nothing where there is anything to look at more closely: the library then looks. */
  find(value: string): Promise<LiveCode | undefined>;
  /**
   * Spends a code and stores the first refresh token of its family. @param ttl seconds.
   * @returns the refresh token's value; nothing for whoever comes second.
   */
  redeem(value: string, found: LiveCode, refreshToken: AdapterPayload, ttl: number): Promise<string | undefined>;
}

interface LiveCodeRow {
  readonly payloadSealed: Buffer;
  readonly familyHash: Buffer;
  readonly familySealed: Buffer;
}

/** Reads a code that is unspent and in its time, with all that must still be there for it to count. */
async function readLiveCode(sql: Sql, idHash: Buffer): Promise<LiveCodeRow | undefined> {
  const [row] = await available(sql<LiveCodeRow[]>`
    select a.payload_sealed as "payloadSealed", f.id_hash as "familyHash", f.payload_sealed as "familySealed"
    from artifacts a
    join families f on f.id_hash = a.family_hash and f.revoked_at is null
    join grants g on g.id = f.grant_id
    join users u on u.sid = g.user_sid and u.standing = 'active'
    where a.kind = 'AuthorizationCode' and a.id_hash = ${idHash} and a.consumed_at is null and a.expires_at > now()`);
  return row;
}

/** Of any number at once one does it: the row count of this one statement decides. */
async function redeemCode(sql: Sql, idHash: Buffer, draft: RefreshTokenDraft): Promise<boolean> {
  const { count } = await available(sql`
    with spent as (
      update artifacts set consumed_at = now()
      where kind = 'AuthorizationCode' and id_hash = ${idHash} and consumed_at is null
      returning family_hash
    ), used as (
      update grants g set last_used_at = now() from families f, spent
      where f.id_hash = spent.family_hash and g.id = f.grant_id
      returning g.organization_sid
    )
    insert into refresh_tokens
      (id_hash, family_hash, user_sid, client_id, organization_sid, session_uid_hash, payload_sealed, expires_at,
        resource, scope, iat, exp, iiat, rotations)
    select ${draft.idHash}, spent.family_hash, ${draft.userSid}, ${draft.clientId},
      (select organization_sid from used), ${draft.sessionUidHash}, ${draft.payloadSealed},
      now() + make_interval(secs => ${draft.ttl}), ${plainColumns(sql, draft.plain)}
    from spent`);
  return count === 1;
}

/** Opens the codes for redemption. */
export function liveCodes(sql: Sql, sealer: Sealer): LiveCodes {
  const codes = payloadSeal(sealer, 'AuthorizationCode');
  const families = payloadSeal(sealer, 'Grant');
  const refreshTokens = refreshTokenRows(sealer);
  return {
    async find(value) {
      const idHash = hashSecret(value);
      const row = await readLiveCode(sql, idHash);
      if (row === undefined) return undefined;
      const { familyHash, payloadSealed, familySealed } = row;
      return { familyHash, token: codes.open(idHash, payloadSealed), family: families.open(familyHash, familySealed) };
    },
    async redeem(value, found, refreshToken, ttl) {
      const id = newSecret();
      const draft = refreshTokens.draft(id, refreshToken, found.family, ttl);
      return (await redeemCode(sql, hashSecret(value), draft)) ? id : undefined;
    },
  };
}
