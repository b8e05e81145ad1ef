import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DocumentedOperation } from '../api/document.ts';
import { recipes } from '../api/recipes.ts';
import { sample } from '../api/samples.ts';
import { openScene, type Scene } from '../api/scene.ts';
import { anyText, frame, headerValue } from './arbitraries.ts';
import { breakBody, unreadableBody } from './bad-bodies.ts';
import { patience, tries } from './runs.ts';
import { openTarget, type Target } from './target.ts';

/** An operation, and an address at which it would succeed. */
interface Aim {
  readonly operation: DocumentedOperation;
  readonly path: string;
}

/** A request that cannot be a good one, whatever the rest of it is. */
interface Shot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

let target: Target;
let scene: Scene;
let aims: readonly Aim[];
beforeAll(async () => {
  target = await openTarget(async (house) => {
    scene = await openScene(house, recipes);
    const managed = scene.operations.filter((operation) => operation.managed);
    const paths: string[] = [];
    for (const { id } of managed) paths.push((await scene.prepare(id)).path);
    aims = managed.map((operation, index) => ({ operation, path: paths[index] ?? '' }));
  });
}, 120_000);
afterAll(() => target.close());

const nothing = new Uint8Array();
const authorized = () => ({ authorization: `Bearer ${target.house.demo['api_key']}` });
const asJson = (value: unknown) => Buffer.from(JSON.stringify(value));
const json = { 'content-type': 'application/json' };

/** A body that would do, for requests that are wrong elsewhere. */
function fitting({ body }: DocumentedOperation): Pick<Shot, 'headers' | 'body'> {
  if (body === undefined) return { headers: {}, body: nothing };
  return { headers: json, body: asJson(sample(body, target.house.demo)) };
}

type Flaw = (aim: Aim) => fc.Arbitrary<Shot> | undefined;

const whole = ({ operation, path }: Aim, more: Partial<Shot> = {}): Shot => {
  const { headers, body } = fitting(operation);
  return { method: operation.method, path, body, ...more, headers: { ...authorized(), ...headers, ...more.headers } };
};

const joined = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

/** What is wrong with a request. Each is enough to have it refused. */
const flaws: Readonly<Record<string, Flaw>> = {
  body(aim) {
    const { body } = aim.operation;
    if (body === undefined) return undefined;
    return breakBody(body, target.house.demo).map((value) => whole(aim, { headers: json, body: asJson(value) }));
  },
  'unreadable body'(aim) {
    if (aim.operation.body === undefined) return undefined;
    return unreadableBody.map((body) => whole(aim, { headers: json, body }));
  },
  'media type'(aim) {
    if (aim.operation.body === undefined) return undefined;
    const odd = fc.constantFrom('text/plain', 'application/xml', 'application/json; charset=utf-16', '', '/', 'json');
    return fc
      .tuple(odd, fc.string({ minLength: 1 }))
      .map(([type, text]) =>
        whole(aim, { headers: { 'content-type': type }, body: Buffer.from(`{"${text.replaceAll(/["\\]/g, '')}":1}`) }),
      );
  },
  query(aim) {
    const known = aim.operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    if (known.length === 0) return undefined;
    return fc.tuple(fc.constantFrom(...known), anyText, anyText).map(([name, one, other]) => {
      const [value, again] = [one, other].map((text) => encodeURIComponent(Buffer.from(text).toString()));
      return whole(aim, {
        path: joined(aim.path, `${encodeURIComponent(name)}=${value}&${name}=${again}`).slice(0, 7_000),
      });
    });
  },
  'unknown query'(aim) {
    return fc
      .tuple(anyText, anyText)
      .map(([name, value]) => `x${encodeURIComponent(Buffer.from(name).toString())}=${spelled(value)}`.slice(0, 3_000))
      .map((pair) => whole(aim, { path: joined(aim.path, `${pair}&${pair}`) }));
  },
  path(aim) {
    const { path } = aim.operation;
    if (!path.includes('{')) return undefined;
    return anyText.map((text) => {
      const odd = `${spelled(text).replaceAll('/', '%2F').slice(0, 3_000)}x`;
      return whole(aim, { path: path.replaceAll(/\{\w+\}/g, odd) });
    });
  },
  credential(aim) {
    return headerValue.map((value) => whole(aim, { headers: { authorization: value } }));
  },
  'Idempotency-Key'(aim) {
    if (aim.operation.method !== 'POST') return undefined;
    return headerValue.map((value) => whole(aim, { headers: { 'idempotency-key': `x${value} x` } }));
  },
  'If-Match'(aim) {
    const { method, refusals } = aim.operation;
    if (method === 'POST' || !refusals.includes(412)) return undefined;
    return headerValue.map((value) => whole(aim, { headers: { 'if-match': `"${value.replaceAll('*', '')}"` } }));
  },
};

/** Percent-encoded, or as wrongly written as it may stand in a request line. */
function spelled(text: string): string {
  const encoded = encodeURIComponent(Buffer.from(text).toString());
  return text.startsWith('%') && /^[!-~]*$/.test(text) ? text.replaceAll('#', '') : encoded;
}

/** How often a flaw comes: bodies have the most ways to be wrong. */
const weights: Readonly<Record<string, number>> = { body: 10 };

/** Every operation with every flaw that it can have. */
function shots(): fc.Arbitrary<readonly [name: string, flaw: string, shot: Shot]> {
  const all = aims.flatMap((aim) =>
    Object.entries(flaws).flatMap(([flaw, make]) => {
      const arbitrary = make(aim)?.map((shot) => [aim.operation.id, flaw, shot] as const);
      return arbitrary === undefined ? [] : [{ weight: weights[flaw] ?? 1, arbitrary }];
    }),
  );
  return fc.oneof(...all);
}

describe('the management API under bad requests', () => {
  it(
    'refuses each, and says why in its own dialect',
    async () => {
      const statuses = new Map<string, Set<number>>();
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(shots(), async ([id, flaw, { method, path, headers, body }]) => {
          const prefix = path.length % 2 === 0 ? '' : '/v2';
          const answer = await target.attack(frame(method, `${prefix}${path}`, headers, body));
          expect(answer.status).not.toBe(429);
          if (method !== 'GET' || answer.status >= 400) {
            expect(answer.status).toBeGreaterThanOrEqual(400);
            expect(JSON.parse(answer.body)).toMatchObject({
              error: expect.any(String),
              error_description: expect.any(String),
            });
          }
          statuses.set(flaw, (statuses.get(flaw) ?? new Set()).add(answer.status));
          seen.add(id);
        }),
        tries(5_000),
      );
      expect([...seen].sort()).toEqual(aims.map(({ operation }) => operation.id).sort());
      // Requests that are all turned away at the door would prove little.
      expect(statuses.get('body')).toContain(422);
      expect(statuses.get('unreadable body')).toContain(400);
      expect(statuses.get('media type')).toContain(415);
      expect(statuses.get('path')).toContain(404);
      expect(statuses.get('credential')).toContain(401);
      expect(statuses.get('If-Match')).toContain(412);
    },
    patience,
  );
});

describe('the server, after all that,', () => {
  it('has its database as it was, has counted no error of its own, and serves', () => target.expectUnharmed());
});
