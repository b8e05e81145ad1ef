import { z } from 'zod';
import type { JsonSchema, Parameter } from './types.ts';

/** Collects the schemas that have a name (`meta({ id })`), and turns any into what stands in a document. */
export interface SchemaBook {
  /** @param io whether it is what comes in, before defaults and transformations, or what goes out. */
  describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** The members of an object as parameters. */
  parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Parameter[];
  /** The named schemas met so far. */
  readonly named: Readonly<Record<string, JsonSchema>>;
}

type Writable = Record<string, unknown>;

/** What zod says beyond what helps: patterns of well-known formats, and the bounds of JavaScript's whole numbers. */
function tidy({ jsonSchema }: { readonly jsonSchema: object }): void {
  const schema = jsonSchema as Writable;
  if (schema['format'] === 'uuid' || schema['format'] === 'date-time') delete schema['pattern'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  delete schema['propertyNames'];
}

/** References lead into the components of the document. */
function withReferences(schema: unknown, nameOf: (name: string) => string): unknown {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string'
      ? `#/components/schemas/${nameOf(value.slice('#/$defs/'.length))}`
      : value,
  );
  return JSON.parse(text) as unknown;
}

/** Opens an empty book. */
export function createSchemaBook(): SchemaBook {
  const named: Record<string, JsonSchema> = {};

  /** Where input and output of one schema differ, the second to come is told apart by its name. */
  function keep(definitions: Readonly<Record<string, unknown>>, io: 'input' | 'output'): (name: string) => string {
    const suffix = io === 'input' ? 'Input' : 'Output';
    const plain = (name: string) => name;
    const clashes = Object.entries(definitions).filter(([name, definition]) => {
      const known = named[name];
      return known !== undefined && JSON.stringify(known) !== JSON.stringify(withReferences(definition, plain));
    });
    const clashing = new Set(clashes.map(([name]) => name));
    const nameOf = (name: string) => (clashing.has(name) ? `${name}${suffix}` : name);
    for (const [name, definition] of Object.entries(definitions)) {
      named[nameOf(name)] = withReferences(definition, nameOf) as JsonSchema;
    }
    return nameOf;
  }

  function describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Within another object, so that a schema with a name of its own becomes a reference.
    const whole = z.toJSONSchema(z.object({ root: schema }), {
      io,
      unrepresentable: 'any',
      override: tidy,
    }) as Writable;
    const nameOf = keep((whole['$defs'] ?? {}) as Writable, io);
    const { root } = whole['properties'] as { readonly root: JsonSchema };
    return withReferences(root, nameOf) as JsonSchema;
  }

  return {
    named,
    describe,
    parameters(schema, place) {
      if (schema === undefined) return [];
      const { properties = {}, required = [] } = describe(schema, 'input') as {
        readonly properties?: Readonly<Record<string, JsonSchema>>;
        readonly required?: readonly string[];
      };
      return Object.entries(properties).map(([name, { description, ...member }]) => ({
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        ...(typeof description === 'string' ? { description } : {}),
        schema: member,
      }));
    },
  };
}
