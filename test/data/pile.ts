import type { Sql } from 'postgres';

/**
 * Everything that the database holds, of every table of every schema: each row as PostgreSQL's text, in which bytes are
 * hexadecimal, and each value that is bytes as the bytes themselves.
 */
export async function dumpDatabase(sql: Sql): Promise<{ readonly tables: readonly string[]; readonly pile: Buffer }> {
  const tables = await sql<Array<{ name: string }>>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by 1`;
  const parts: Buffer[] = [];
  for (const { name } of tables) {
    const rows = await sql.unsafe(`select whole.*, whole::text as " whole" from ${name} whole`);
    for (const row of rows) {
      const bytes = Object.values(row).filter((value) => Buffer.isBuffer(value));
      parts.push(Buffer.from(`\n${row[' whole']}\n`), ...bytes);
    }
  }
  return { tables: tables.map(({ name }) => name), pile: Buffer.concat(parts) };
}
