import { hashSecret } from '../../src/base/index.ts';
import { payloadSeal } from '../../src/provider/storage/payload.ts';
import { refreshTokenRows } from '../../src/provider/storage/refresh-token-row.ts';
import { successorOf } from '../../src/provider/storage/successor.ts';
import type { Engines } from './plain-engines.ts';
import type { PeopleCast } from './plain-people-cast.ts';

/** What lies in the database about one family, opened: what a case left behind. */
export interface Stored {
  readonly family: object | undefined;
  readonly tokens: readonly object[];
  readonly artifacts: readonly object[];
}

interface Row {
  readonly id: Buffer;
  readonly kind: string;
  readonly sealed: Buffer;
  readonly [column: string]: unknown;
}

/** A payload is opened by what its row tells, if it is a refresh token's. */
function openPayload({ sealer }: Engines, { id, kind, sealed, ...columns }: Row): object {
  if (kind !== 'RefreshToken') return payloadSeal(sealer, kind).open(id, sealed);
  const { family_hash: familyHash, resource, iat, exp, rotations } = columns;
  const row = { payloadSealed: sealed, familyHash, resource, iat, exp, rotations };
  return refreshTokenRows(sealer).open(id, row as never);
}

/** Moments as whether there is one, hashes in hex, payloads opened. */
function describeRow(engines: Engines, row: Row): object {
  const { id: _id, kind, sealed: _sealed, ...columns } = row;
  const payload = openPayload(engines, row);
  const shown = Object.entries(columns).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? value.toString('hex') : value,
  ]);
  return { kind, payload, ...Object.fromEntries(shown) };
}

/** Opens the database's own view of a family. */
export function storedReader({ house }: PeopleCast, engines: Engines) {
  const { sql } = house.database;
  return {
    /** @param value the token that was presented, which opens what was sealed for its holder. */
    async family(grantId: string, value: string): Promise<Stored> {
      const hash = hashSecret(grantId);
      const families = await sql<Row[]>`
        select 'Grant' as kind, f.id_hash as id, f.payload_sealed as sealed, f.session_uid_hash, f.grant_id::text,
          revoked_at is not null as revoked, extract(epoch from f.expires_at)::float8 as expires_at,
          (select last_used_at is not null from grants g where g.id = f.grant_id) as used
        from families f where id_hash = ${hash}`;
      const tokens = await sql<Array<Row & { salt: Buffer | null }>>`
        select 'RefreshToken' as kind, id_hash as id, payload_sealed as sealed, user_sid, client_id, organization_sid,
          session_uid_hash, extract(epoch from expires_at)::float8 as expires_at, spent_at is not null as spent,
          family_hash, resource, scope, iat::float8, exp::float8, iiat::float8, rotations,
          successor_salt as salt, exists (select from refresh_tokens n where n.id_hash = t.successor_hash) as replaced
        from refresh_tokens t where family_hash = ${hash} order by spent_at is null, id_hash = ${hashSecret(value)} desc`;
      const artifacts = await sql<Row[]>`
        select kind, id_hash as id, payload_sealed as sealed, client_id, consumed_at is not null as spent,
          extract(epoch from expires_at)::float8 as expires_at
        from artifacts where family_hash = ${hash} order by kind`;
      return {
        family: families[0] === undefined ? undefined : describeRow(engines, families[0]),
        tokens: tokens.map(({ salt, ...row }) => ({
          ...describeRow(engines, row as Row),
          // It is random; that the holder of the token derives it, and what, is compared.
          successor: salt === null ? null : successorOf(value, salt),
        })),
        artifacts: artifacts.map((row) => describeRow(engines, row)),
      };
    },
    /** The id of the family of a code. */
    async familyOfCode(code: string): Promise<string | undefined> {
      const id = hashSecret(code);
      const [row] = await sql<Array<{ sealed: Buffer }>>`
        select payload_sealed as sealed from artifacts where kind = 'AuthorizationCode' and id_hash = ${id}`;
      return row === undefined
        ? undefined
        : payloadSeal(engines.sealer, 'AuthorizationCode').open(id, row.sealed).grantId;
    },
  };
}
