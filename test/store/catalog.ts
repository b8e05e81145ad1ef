import type { TestDatabase } from '../support/database.ts';

/** One line for each thing in a database's catalogue, so that two databases can be compared line by line. */
const lines = `
  select format('column %I.%I %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then ' not null' end, ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
  union all
  select format('constraint %s.%I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'f', 'u', 'c', 'x')
  union all
  select format('index %s', pg_get_indexdef(indexrelid))
  from pg_index join pg_class c on c.oid = indexrelid where c.relnamespace = 'public'::regnamespace
  union all
  select format('enum %I (%s)', typname, string_agg(enumlabel, ', ' order by enumsortorder))
  from pg_enum join pg_type t on t.oid = enumtypid where t.typnamespace = 'public'::regnamespace group by typname
  union all
  select format('trigger %s.%I', tgrelid::regclass, tgname) from pg_trigger where not tgisinternal
  union all
  select format('function %I', proname) from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select format('sequence or view %I', relname) from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('S', 'v', 'm')`;

/** Everything in the schema, sorted; the bookkeeping of migrations is not part of it. */
export async function catalogOf({ sql }: TestDatabase): Promise<readonly string[]> {
  const rows = await sql.unsafe<Array<{ line: string }>>(lines);
  return rows
    .map(({ line }) => line)
    .filter((line) => !line.includes('_prisma_migrations'))
    .toSorted();
}
