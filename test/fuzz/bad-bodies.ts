import fc from 'fast-check';
import { z } from 'zod';
import type { JsonSchema } from '../../src/api/index.ts';
import { sample } from '../api/samples.ts';
import type { DemoFile } from '../support/house.ts';
import { anyText } from './arbitraries.ts';

/** Values that are seldom what a member wants. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, '', ' ', '\0', '\ud800'),
  fc.constantFrom<unknown>([], [null], [[]], {}, { a: 1 }, { toString: 1 }, 'x'.repeat(30_000)),
  anyText,
  fc.double({ noNaN: true }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(anyText, { maxLength: 150 }),
);

type Change = { readonly at: number } & (
  | { readonly kind: 'set' | 'add'; readonly value: unknown; readonly name: string }
  | { readonly kind: 'leave out' }
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: odd, name: fc.constant('') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.nat(), value: odd, name: anyText }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave out' as const), at: fc.nat() }) },
);

/** One for the most part, since a fault beside others could go unseen. */
const changes = fc.oneof(
  { weight: 2, arbitrary: change.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 4 }) },
);

/** Every object within a value, itself first. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}

function apply(value: unknown, change: Change): void {
  const objects = objectsIn(value);
  const object = objects[change.at % Math.max(objects.length, 1)];
  if (object === undefined) return;
  const names = Object.keys(object);
  const name =
    change.kind === 'add' ? change.name.slice(0, 300) : names[Math.floor(change.at / 7) % Math.max(names.length, 1)];
  if (name === undefined) return;
  if (change.kind === 'leave out') delete object[name];
  // Not by assignment, which would set a prototype rather than a member.
  else
    Object.defineProperty(object, name, {
      value: structuredClone(change.value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

/** Bodies near to those that an operation takes, none of which it takes. */
export function breakBody(schema: JsonSchema, demo: DemoFile): fc.Arbitrary<unknown> {
  const accepted = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const near = fc.tuple(fc.boolean(), changes).map(([full, list]) => {
    const value = sample(schema, demo, full);
    for (const change of list) apply(value, change);
    return JSON.parse(JSON.stringify(value)) as unknown;
  });
  return fc.oneof({ weight: 6, arbitrary: near }, { weight: 1, arbitrary: odd }).filter((value) => {
    const parsed = accepted.safeParse(JSON.parse(JSON.stringify(value)));
    return !parsed.success;
  });
}

const text = (value: string) => Buffer.from(value);

/** Bytes that are no JSON object. */
export const unreadableBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .filter((bytes) => !/^\s*\{.*\}\s*$/s.test(Buffer.from(bytes).toString('latin1'))),
  fc.constantFrom(
    text('{'),
    text('{"name":'),
    text('{"name":"a","name":"b"}'),
    text('{"name":"a",}'),
    text("{'name':'a'}"),
    text('[]'),
    text('null'),
    text('"name"'),
    text('\ufeff{}x'),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.alloc(80_000, '{"a":'),
    text(`{"a":${'['.repeat(5_000)}`),
  ),
);
