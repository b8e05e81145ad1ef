import { available, type Sql } from '../store/index.ts';
import type { Revocation, RevocationKind, TokenFacts } from './types.ts';

interface Row {
  readonly kind: RevocationKind;
  readonly subject: string;
  readonly revokedBefore: Date;
  readonly expiresAt: Date;
}

const fromRow = (row: Row): Revocation => ({
  kind: row.kind,
  subject: row.subject,
  revokedBefore: row.revokedBefore.getTime(),
  expiresAt: row.expiresAt.getTime(),
});

/** Records a revocation; a second one of the same subject only ever reaches further. A trigger tells all nodes. */
export async function insertRevocation(
  sql: Sql,
  { kind, subject, revokedBefore, expiresAt }: Revocation,
): Promise<void> {
  await available(sql`
    insert into revocations as r (kind, subject, revoked_before, expires_at)
    values (${kind}, ${subject}, ${new Date(revokedBefore)}, ${new Date(expiresAt)})
    on conflict (kind, subject) do update set
      revoked_before = greatest(r.revoked_before, excluded.revoked_before),
      expires_at = greatest(r.expires_at, excluded.expires_at),
      created_at = now()`);
}

/** Most single tokens that a node reads into memory. */
export const maxTokens = 200_000;

/** What was read, and what there was no room for. */
export interface Reading {
  readonly revocations: readonly Revocation[];
  /** When the last single token that was left out expires, in milliseconds since the epoch; 0 when none was. */
  readonly omittedUntil: number;
}

/** The live revocations recorded since a moment; of single tokens the newest, as many as a node keeps. */
export async function readRevocations(sql: Sql, since: Date): Promise<Reading> {
  const rows = await available(sql<Row[]>`
    (select kind, subject, revoked_before as "revokedBefore", expires_at as "expiresAt" from revocations
      where kind <> 'jti' and created_at >= ${since} and expires_at > now())
    union all
    (select kind, subject, revoked_before, expires_at from revocations
      where kind = 'jti' and created_at >= ${since} and expires_at > now()
      order by created_at desc limit ${maxTokens})`);
  const tokens = rows.filter((row) => row.kind === 'jti').length;
  return { revocations: rows.map(fromRow), omittedUntil: tokens < maxTokens ? 0 : await lastExpiry(sql) };
}

async function lastExpiry(sql: Sql): Promise<number> {
  const [row] = await available(sql<Array<{ at: Date | null }>>`
    select max(expires_at) as at from revocations where kind = 'jti'`);
  return row?.at?.getTime() ?? 0;
}

/** Asks the database itself whether a token is revoked. Expired rows count: the clock of who asks may be behind. */
export async function isRevokedInDatabase(sql: Sql, { iat, subjects }: TokenFacts): Promise<boolean> {
  const pairs = Object.entries(subjects).flatMap(([kind, named = []]) =>
    [named].flat().map((subject) => [kind, subject] as const),
  );
  const [row] = await available(sql<Array<{ revoked: boolean }>>`
    select exists (
      select from revocations r
      join unnest(${pairs.map(([kind]) => kind)}::text[], ${pairs.map(([, subject]) => subject)}::text[]) as t (kind, subject)
        on t.kind = r.kind and t.subject = r.subject
      where r.revoked_before >= ${new Date(iat * 1000)}) as revoked`);
  return row?.revoked === true;
}
