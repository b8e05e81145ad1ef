import { available, type Sql } from '../store/index.ts';

/** A row of artifacts: one short-lived object of the protocol, its payload sealed. */
export interface ArtifactRow {
  readonly payloadSealed: Buffer;
  readonly consumedAt: Date | null;
}

export interface ArtifactDraft {
  readonly kind: string;
  readonly idHash: Buffer;
  readonly clientId: string | undefined;
  readonly payloadSealed: Buffer;
  /** Seconds from now. */
  readonly ttl: number;
}

/** Stores an artifact. Its expiry is by the database's clock, which all nodes share. */
export async function insertArtifact(sql: Sql, draft: ArtifactDraft): Promise<void> {
  await available(sql`
    insert into artifacts (kind, id_hash, client_id, payload_sealed, expires_at)
    values (${draft.kind}, ${draft.idHash}, ${draft.clientId ?? null}, ${draft.payloadSealed},
      now() + make_interval(secs => ${draft.ttl}))
    on conflict (kind, id_hash) do update
      set payload_sealed = excluded.payload_sealed, expires_at = excluded.expires_at`);
}

/** Reads an artifact that has not expired: expiry is decided here, not by whoever sweeps. */
export async function readArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<ArtifactRow | undefined> {
  const [row] = await available(sql<ArtifactRow[]>`
    select payload_sealed as "payloadSealed", consumed_at as "consumedAt" from artifacts
    where kind = ${kind} and id_hash = ${idHash} and expires_at > now()`);
  return row;
}

/** Removes an artifact. */
export async function deleteArtifact(sql: Sql, kind: string, idHash: Buffer): Promise<void> {
  await available(sql`delete from artifacts where kind = ${kind} and id_hash = ${idHash}`);
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
