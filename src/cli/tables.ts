type Row = Readonly<Record<string, unknown>>;

const widest = 40;

/** One cell: lists joined, moments without their milliseconds, nothing for what is not there. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cell).join(' ');
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value)
    .replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$/, '$1Z')
    .replaceAll(/\s+/g, ' ');
}

const shorten = (text: string) => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text);

function align(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The columns worth their room: what names a record first, then what is short, at most seven. */
function columnsOf(rows: readonly Row[]): readonly string[] {
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== 'record_type' && name !== 'updated_at');
  const isShort = (name: string) =>
    rows.every((row) => cell(row[name]).length <= widest && typeof row[name] !== 'object');
  const [id = '', ...rest] = names;
  return [id, ...rest.filter((name) => isShort(name) && rows.some((row) => cell(row[name]) !== ''))].slice(0, 7);
}

/** Records as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  if (rows.length === 0) return 'None.\n';
  const columns = columnsOf(rows);
  const heads = columns.map((name) => name.toUpperCase().replaceAll('_', ' '));
  return align([
    heads,
    ...rows.map((row) => columns.map((name) => (name === columns[0] ? cell(row[name]) : shorten(cell(row[name]))))),
  ]);
}

/** One record, a line for each of its members. */
export function recordOf(record: Row): string {
  return align(Object.entries(record).map(([name, value]) => [name.replaceAll('_', ' '), cell(value)]));
}
