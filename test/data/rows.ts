import type { Sql } from 'postgres';

/** The tables whose rows end by themselves, each with what a row needs besides its `expires_at`. */
const columns = {
  artifacts: {
    names: 'kind, id_hash, client_id, payload_sealed',
    values: `'ClientCredentials', $id, $client, $payload`,
  },
  refresh_tokens: { names: 'id_hash, client_id, payload_sealed', values: '$id, $client, $payload' },
  sessions: { names: 'id_hash, uid_hash, payload_sealed', values: '$id, $id, $payload' },
  families: { names: 'id_hash, payload_sealed', values: '$id, $payload' },
  replays: { names: 'id_hash', values: '$id' },
  revocations: { names: 'kind, subject, revoked_before', values: `'jti', encode($id, 'hex'), now()` },
} as const;

export type SweptTable = keyof typeof columns;
export const sweptTables = Object.keys(columns) as SweptTable[];

/**
 * Inserts rows like those that tokens leave, spread over the second before a moment.
 * @param name tells this batch's rows from others'.
 * @param expiry when they end, as an SQL interval from now.
 */
export async function insertRows(
  sql: Sql,
  table: SweptTable,
  name: string,
  count: number,
  expiry: string,
): Promise<void> {
  const { names, values } = columns[table];
  const filled = values
    .replaceAll('$id', `sha256(('${name}' || i)::bytea)`)
    .replaceAll('$client', `'OQ' || md5((i % 1000)::text)`)
    // As long as the sealed payload of an opaque token.
    .replaceAll('$payload', `decode(repeat(md5(i::text), 24), 'hex')`);
  await sql.unsafe(`
    insert into ${table} (${names}, expires_at)
    select ${filled}, now() + interval '${expiry}' - i * interval '1 second' / ${count}
    from generate_series(1, ${count}) i`);
}

/** How many rows of a batch are there. */
export async function countRows(sql: Sql, table: SweptTable, name: string, count: number): Promise<number> {
  const key = table === 'revocations' ? `decode(subject, 'hex')` : 'id_hash';
  const [row] = await sql.unsafe(`
    select count(*)::int as found from ${table}
    where ${key} in (select sha256(('${name}' || i)::bytea) from generate_series(1, ${count}) i)`);
  return row?.['found'] as number;
}
