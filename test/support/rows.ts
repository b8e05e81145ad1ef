import type { Sql } from 'postgres';

/** Tables in which a refused request may leave something: who tried what, how often, and what was seen once. */
const notes = new Set(['audit_events', 'last_uses', 'limits', 'replays', '_prisma_migrations']);

/** How many rows each table has, but for those that may note a refused request. */
export async function rowCounts(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const tables = await sql<Array<{ name: string }>>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const names = tables.map(({ name }) => name).filter((name) => !notes.has(name));
  const counting = names.map((name) => `select '${name}' as name, count(*)::int as count from ${name}`);
  const counts = await sql.unsafe<Array<{ name: string; count: number }>>(counting.join(' union all '));
  return Object.fromEntries(counts.map(({ name, count }) => [name, count]));
}
