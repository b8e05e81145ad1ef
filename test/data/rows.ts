import type { Sql } from 'postgres';

/** The tables whose rows end by themselves, each with what a row needs besides the column that says when. */
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
  consent_tokens: { names: 'id_hash, interaction_sealed, client_id', values: '$id, $payload, $client' },
  idempotent_answers: { names: 'id_hash, request_hash, answer_sealed', values: '$id, $id, $payload' },
  limits: { names: 'key, points', values: `encode($id, 'hex'), 1` },
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
  const end = `now() + interval '${expiry}' - i * interval '1 second' / ${count}`;
  const [column, moment] =
    table === 'limits' ? ['expire', `(extract(epoch from ${end}) * 1000)::bigint`] : ['expires_at', end];
  const filled = values
    .replaceAll('$id', `sha256(('${name}' || i)::bytea)`)
    .replaceAll('$client', `'OQ' || md5((i % 1000)::text)`)
    // As long as the sealed payload of an opaque token.
    .replaceAll('$payload', `decode(repeat(md5(i::text), 24), 'hex')`);
  await sql.unsafe(`
    insert into ${table} (${names}, ${column})
    select ${filled}, ${moment}
    from generate_series(1, ${count}) i`);
}

const keys: Partial<Record<SweptTable, string>> = {
  revocations: `decode(subject, 'hex')`,
  limits: `decode(key, 'hex')`,
};

/** How many rows of a batch are there. */
export async function countRows(sql: Sql, table: SweptTable, name: string, count: number): Promise<number> {
  const key = keys[table] ?? 'id_hash';
  const [row] = await sql.unsafe(`
    select count(*)::int as found from ${table}
    where ${key} in (select sha256(('${name}' || i)::bytea) from generate_series(1, ${count}) i)`);
  return row?.['found'] as number;
}
