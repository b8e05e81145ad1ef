import fc from 'fast-check';
import type { Cast, CastClient } from './plain-cast.ts';

export type Pair = readonly [name: string, value: string];

/** How a request says who asks. */
export interface Authentication {
  readonly header?: string;
  readonly fields: readonly Pair[];
}

/** Mostly the usual thing, now and then one of the others. */
export const mostly = <Value>(usual: Value, share: number, ...others: readonly Value[]) =>
  fc.oneof(
    { weight: share, arbitrary: fc.constant(usual) },
    { weight: 100 - share, arbitrary: fc.constantFrom(...others) },
  );

/** The first two clients of the cast are ordinary ones. */
const client = (cast: Cast) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...cast.clients.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...cast.clients) },
  );

function secret(cast: Cast, of: CastClient): fc.Arbitrary<string> {
  const own = of.secrets[0] ?? '';
  const others = cast.clients.flatMap(({ secrets }) => secrets);
  const near = [
    `${own}x`,
    own.slice(0, -1),
    ` ${own}`,
    `${own} `,
    own.toUpperCase(),
    '',
    'wrong',
    'a:b',
    'é',
    '%41',
    'a+b',
  ];
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(own) },
    { weight: 3, arbitrary: fc.constantFrom(...of.secrets) },
    { weight: 2, arbitrary: fc.constantFrom(...others, ...near) },
  );
}

const encode = (text: string) => Buffer.from(text).toString('base64');
const percent = (text: string) =>
  text.replace(/./gsu, (c) => `%${Buffer.from(c).toString('hex').match(/../g)?.join('%')}`);

/** Ways to write HTTP Basic, from the usual one to what nobody should. */
const basicStyles: ReadonlyArray<(id: string, secret: string) => string> = [
  (id, secret) => `Basic ${encode(`${id}:${secret}`)}`,
  (id, secret) => `basic ${encode(`${id}:${secret}`)}`,
  (id, secret) => `BASIC ${encode(`${id}:${secret}`)}`,
  (id, secret) => `Basic ${encode(`${id}:${secret}`).replaceAll('=', '')}`,
  (id, secret) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64url')}`,
  (id, secret) => `Basic ${encode(`${percent(id)}:${percent(secret)}`)}`,
  (id, secret) => `Basic ${encode(`${id}:${secret.slice(0, 1)}${percent(secret.slice(1, 2))}${secret.slice(2)}`)}`,
  (id, secret) => `Basic  ${encode(`${id}:${secret}`)}`,
  (id, secret) => `Basic ${encode(`${id}:${secret}`)} x`,
  (id, secret) => `Basic ${encode(`${id}:${secret}`)}=`,
  (id, secret) => `Basic ${encode(`${id}:${secret}:`)}`,
  (id, secret) => `Basic ${encode(`${id}:${secret}\n`)}`,
  (id, secret) => `Basic ${encode(`${id}\u0000:${secret}`)}`,
  (id) => `Basic ${encode(id)}`,
  (id) => `Basic ${encode(`${id}:`)}`,
  (_id, secret) => `Basic ${encode(`:${secret}`)}`,
  (id, secret) => `Basic ${id}:${secret}`,
  (id, secret) => `Bearer ${id}.${secret}`,
  (id, secret) => `DPoP ${encode(`${id}:${secret}`)}`,
  (_id, secret) => `Basic ${encode(`AC${'0'.repeat(32)}:${secret}`)}`,
  (_id, secret) => `Basic ${encode(`SK${'0'.repeat(32)}:${secret}`)}`,
  () => 'Basic',
  () => 'Basic ',
  () => '',
];

type Shape = (header: string, id: string, secret: string, other: string) => Authentication;

const inBody = (id: string, secret: string): readonly Pair[] => [
  ['client_id', id],
  ['client_secret', secret],
];

/** Where the credentials stand, and how often. */
const shapes: ReadonlyArray<readonly [weight: number, shape: Shape]> = [
  [45, (header) => ({ header, fields: [] })],
  [30, (_header, id, secret) => ({ fields: inBody(id, secret) })],
  [7, (header, id) => ({ header, fields: [['client_id', id]] })],
  [3, (header, _id, _secret, other) => ({ header, fields: [['client_id', other]] })],
  [3, (header, id, secret) => ({ header, fields: inBody(id, secret) })],
  [2, (header, _id, secret) => ({ header, fields: [['client_secret', secret]] })],
  [2, (_header, id, secret) => ({ header: `Bearer ${secret}`, fields: inBody(id, secret) })],
  [2, (_header, id) => ({ fields: [['client_id', id]] })],
  [1, (_header, _id, secret) => ({ fields: [['client_secret', secret]] })],
  [1, (_header, id, secret) => ({ fields: inBody(`${id} `, secret) })],
  [1, (_header, id, secret) => ({ fields: inBody(id.toLowerCase(), secret) })],
  [1, (_header, id, secret) => ({ fields: [['client_id', id], ...inBody(id, secret)] })],
  [1, (_header, id, secret) => ({ fields: [...inBody(id, secret), ['client_secret', '']] })],
  [1, () => ({ fields: [] })],
];

/** Credentials of somebody in the cast: mostly right, in one of all the places and spellings. */
export function authentication(cast: Cast): fc.Arbitrary<Authentication> {
  const usual = basicStyles[0] as (typeof basicStyles)[number];
  return client(cast).chain((who) =>
    fc
      .record({
        given: secret(cast, who),
        other: client(cast),
        write: mostly(usual, 85, ...basicStyles),
        shape: fc.oneof(...shapes.map(([weight, shape]) => ({ weight, arbitrary: fc.constant(shape) }))),
      })
      .map(({ given, other, write, shape }) => shape(write(who.id, given), who.id, given, other.id)),
  );
}
