import type { JsonSchema } from '../../src/api/index.ts';
import type { DemoFile } from '../support/house.ts';

let made = 0;

/** Values of well-known formats, another one each time where they have to differ. */
const formats: Readonly<Record<string, () => string>> = {
  uri: () => `https://sample-${++made}.example/`,
  email: () => `sample-${++made}@example.com`,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  'date-time': () => '2030-01-01T00:00:00.000Z',
};

/** The demo's own, by the letters with which its SID begins. */
const sids: Readonly<Record<string, keyof DemoFile & string>> = {
  OR: 'organization_sid',
  AC: 'account_sid',
  SK: 'api_key_sid',
  OQ: 'client_id',
};

function sampleString(schema: JsonSchema, demo: DemoFile): string {
  const { format, pattern, minLength = 0 } = schema as { format?: string; pattern?: string; minLength?: number };
  const prefix = /^\^([A-Z]{2})\[0-9a-f\]\{32\}\$$/.exec(pattern ?? '')?.[1];
  if (prefix !== undefined) return demo[sids[prefix] ?? ''] ?? `${prefix}${'0'.repeat(32)}`;
  return formats[format ?? '']?.() ?? `sample-${++made}`.padEnd(minLength, '.');
}

/** What a schema takes. @param full whether members that may be left out are there too. */
export function sample(schema: JsonSchema, demo: DemoFile, full = false): unknown {
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  const alternatives = (schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined;
  if (alternatives?.[0] !== undefined) return sample(alternatives[0], demo, full);
  const { type } = schema as { type?: string | readonly string[] };
  switch (Array.isArray(type) ? (type[0] as string) : type) {
    case 'object':
      return sampleObject(schema, demo, full);
    case 'array': {
      const least = Math.max(Number(schema['minItems'] ?? 0), full ? 1 : 0);
      return Array.from({ length: least }, () => sample((schema['items'] ?? {}) as JsonSchema, demo, full));
    }
    case 'integer':
    case 'number':
      return schema['default'] ?? schema['minimum'] ?? 1;
    case 'boolean':
      return false;
    default:
      return sampleString(schema, demo);
  }
}

function sampleObject(schema: JsonSchema, demo: DemoFile, full: boolean): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  const members = Object.entries(properties).filter(([name]) => full || required.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, sample(member, demo, full)]));
}
