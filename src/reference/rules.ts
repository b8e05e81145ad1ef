import type { JsonSchema } from '../api/index.ts';
import type { MemberView, TypeView } from './types.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as HTML: escaped, with code where it stands between backquotes. */
export function markUp(text: string): string {
  const escaped = text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
  return escaped.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** Something as the name of a place in the page. */
export const anchorOf = (kind: string, name: string): string =>
  `${kind}-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

const nameIn = (reference: unknown) => String(reference).slice(String(reference).lastIndexOf('/') + 1);

/** Alternatives of a schema, without null. */
const alternativesOf = (schema: JsonSchema) =>
  ((schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined)?.filter(({ type }) => type !== 'null');

const isNullable = (schema: JsonSchema) =>
  ((schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined)?.some(({ type }) => type === 'null') ===
  true;

const quoted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(' | ');

/** The kind of a value, in words. */
export function typeOf(schema: JsonSchema): TypeView {
  if (schema['$ref'] !== undefined) {
    const name = nameIn(schema['$ref']);
    return { text: name, href: `#${anchorOf('schema', name)}` };
  }
  const alternatives = alternativesOf(schema);
  if (alternatives !== undefined) {
    const types = alternatives.map(typeOf);
    const text = types.map((type) => type.text).join(' | ');
    return {
      text: isNullable(schema) ? `${text} | null` : text,
      href: types.length === 1 ? types[0]?.href : undefined,
    };
  }
  if (schema['const'] !== undefined) return { text: quoted([schema['const']]), href: undefined };
  if (Array.isArray(schema['enum'])) return { text: quoted(schema['enum']), href: undefined };
  if (schema['type'] === 'array') {
    const item = typeOf((schema['items'] ?? {}) as JsonSchema);
    return { text: `list of ${item.text}`, href: item.href };
  }
  const { type = 'anything', format } = schema as { readonly type?: string; readonly format?: string };
  return { text: format === undefined ? String(type) : `${type} (${format})`, href: undefined };
}

const bounds: ReadonlyArray<readonly [keyword: string, say: (value: unknown) => string]> = [
  ['minimum', (value) => `at least ${value}`],
  ['maximum', (value) => `at most ${value}`],
  ['minLength', (value) => (value === 1 ? 'not empty' : `at least ${value} characters`)],
  ['maxLength', (value) => `at most ${value} characters`],
  ['minItems', (value) => `at least ${value} entries`],
  ['maxItems', (value) => `at most ${value} entries`],
  ['pattern', (value) => `matches ${value}`],
  ['default', (value) => `default ${JSON.stringify(value)}`],
];

/** Bounds and the default of a value, in words. */
function rulesOf(schema: JsonSchema): string {
  const own = bounds.filter(([keyword]) => schema[keyword] !== undefined).map(([keyword, say]) => say(schema[keyword]));
  const inner = alternativesOf(schema);
  return [...(inner?.length === 1 ? [rulesOf(inner[0] ?? {})] : []), ...own].filter((rule) => rule !== '').join(', ');
}

const objectIn = (schema: JsonSchema): { readonly suffix: string; readonly schema: JsonSchema } | undefined => {
  if (schema['properties'] !== undefined) return { suffix: '', schema };
  const { items } = schema as { readonly items?: JsonSchema };
  if (schema['type'] === 'array' && items?.['properties'] !== undefined) return { suffix: '[]', schema: items };
  return undefined;
};

/** A member as it is said. */
export function memberOf(name: string, schema: JsonSchema, required: boolean): MemberView {
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  return { name, type: typeOf(schema), required, rules: rulesOf(schema), description: markUp(description) };
}

/** The members of an object, and those of objects within it that have no name of their own, with dots between. */
export function membersOf(schema: JsonSchema, before = ''): MemberView[] {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).flatMap(([name, member]) => {
    const inner = objectIn(member);
    const own = memberOf(`${before}${name}`, member, required.includes(name));
    return inner === undefined ? [own] : [own, ...membersOf(inner.schema, `${before}${name}${inner.suffix}.`)];
  });
}
