import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { rowCounts } from '../support/rows.ts';
import { makeTenant, type Tenant } from '../support/tenant.ts';
import { send } from '../support/tokens.ts';
import type { DocumentedOperation } from './document.ts';
import { recipes } from './recipes.ts';
import { openScene, type Scene } from './scene.ts';

let house: House;
let scene: Scene;
let stranger: Tenant;
/** What names something of the demo organization. */
let needles: readonly string[];

const identifying = /^([A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Every SID and UUID in something. */
function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return identifying.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(idsIn);
}

const managed = () => scene.operations.filter((operation) => operation.managed);
const isNamed = ({ path }: DocumentedOperation) => path.includes('{');
const isForOperators = ({ said }: DocumentedOperation) => said['x-operator-only'] === true;

beforeAll(async () => {
  house = await openHouse();
  scene = await openScene(house, recipes);
  stranger = await makeTenant(house);
  const made: unknown[] = [];
  for (const { id } of managed().filter(({ method, success }) => method === 'POST' && success === 201)) {
    made.push(await scene.make(id));
  }
  needles = [...new Set(idsIn([house.demo, made]))];
}, 120_000);
afterAll(() => house.close());

/** Sends what would succeed with the demo's key, as the stranger. */
async function asStranger(id: string, more: Readonly<Record<string, string>> = {}) {
  const { path, init } = await scene.prepare(id);
  const before = await rowCounts(house.database.sql);
  const headers = { ...init.headers, ...more, authorization: `Bearer ${stranger.apiKey}` };
  const answer = await send(`${house.address}${path}`, { ...init, headers });
  return { answer, path, before };
}

describe('a stranger’s key, at what belongs to another organization,', () => {
  it('finds nothing, by whichever route, and changes nothing', async () => {
    const routes = managed().filter(isNamed);
    expect(routes.length).toBeGreaterThan(0);
    for (const operation of routes) {
      const { answer, path, before } = await asStranger(operation.id);
      const expected = isForOperators(operation) ? 403 : 404;
      expect([operation.id, answer.status]).toEqual([operation.id, expected]);
      const asked = new Set(idsIn(path.split(/[/?]/)));
      expect(needles.filter((needle) => !asked.has(needle) && answer.text.includes(needle))).toEqual([]);
      expect(await rowCounts(house.database.sql)).toEqual(before);
    }
  }, 300_000);

  it('is told the same as of what is not there at all', async () => {
    for (const operation of managed().filter((route) => isNamed(route) && !isForOperators(route))) {
      const { path, init } = await scene.prepare(operation.id);
      const nothing = path.replaceAll(
        /\/([A-Z]{2}|)([0-9a-f-]{32,36})(?=[/?]|$)/g,
        (_whole, prefix: string) =>
          `/${prefix}${prefix === '' ? '00000000-0000-4000-8000-000000000000' : '0'.repeat(32)}`,
      );
      const headers = { ...init.headers, authorization: `Bearer ${stranger.apiKey}` };
      const [there, notThere] = [
        await send(`${house.address}${path}`, { ...init, headers }),
        await send(`${house.address}${nothing}`, { ...init, headers }),
      ];
      expect([operation.id, there.status, there.text]).toEqual([operation.id, notThere.status, notThere.text]);
    }
  }, 300_000);

  it('is told nothing of it by lists and exports', async () => {
    for (const operation of managed().filter((route) => route.method === 'GET' && !isNamed(route))) {
      const { answer } = await asStranger(operation.id);
      expect([operation.id, answer.status]).toEqual([operation.id, isForOperators(operation) ? 403 : 200]);
      expect(needles.filter((needle) => answer.text.includes(needle))).toEqual([]);
    }
  }, 120_000);

  it('finds nothing by filters that name it', async () => {
    const lists = managed().filter((route) => route.method === 'GET' && !isNamed(route));
    const questions = lists.flatMap(({ path, parameters }) =>
      parameters
        .filter(({ name }) => name.startsWith('filter['))
        .flatMap(({ name }) => needles.map((needle) => `${path}?${new URLSearchParams({ [name]: needle })}`)),
    );
    for (const question of questions) {
      const headers = { authorization: `Bearer ${stranger.apiKey}` };
      const answer = await send(`${house.address}${question}`, { headers });
      // An empty page, or nothing in an export; or it is refused, because the filter takes something else.
      const found = answer.status === 200 ? (answer.body['data'] ?? [answer.text].filter((text) => text !== '')) : [];
      expect([question, found]).toEqual([question, []]);
      expect([200, 403, 422]).toContain(answer.status);
    }
  }, 300_000);

  it('makes nothing in its name', async () => {
    const owners = ['organization_sid', 'org_id', 'parent_sid', 'account_sid', 'user_sid'];
    const values: Readonly<Record<string, string | undefined>> = {
      account_sid: house.demo['account_sid'],
      user_sid: (
        await house.database.sql<Array<{ sid: string }>>`
          select user_sid as sid from memberships where organization_sid = ${house.demo.organization_sid} limit 1`
      )[0]?.sid,
    };
    for (const operation of managed().filter((route) => route.method === 'POST' && route.body !== undefined)) {
      const { properties = {} } = operation.body as { properties?: Readonly<Record<string, unknown>> };
      for (const owner of owners.filter((name) => name in properties)) {
        const { path, init } = await scene.prepare(operation.id);
        const named = { ...JSON.parse(String(init.body)), [owner]: values[owner] ?? house.demo.organization_sid };
        const before = await rowCounts(house.database.sql);
        const headers = { ...init.headers, authorization: `Bearer ${stranger.apiKey}` };
        const answer = await send(`${house.address}${path}`, { ...init, headers, body: JSON.stringify(named) });
        expect([403, 404, 422]).toContain(answer.status);
        expect(await rowCounts(house.database.sql)).toEqual(before);
      }
    }
  }, 120_000);
});
