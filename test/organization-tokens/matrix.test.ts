import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSid } from '../../src/base/index.ts';
import type { DocumentedOperation } from '../api/document.ts';
import { recipes } from '../api/recipes.ts';
import { type Call, openScene, type Scene } from '../api/scene.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { rowCounts } from '../support/rows.ts';
import { send } from '../support/tokens.ts';
import { openTenants } from '../tokens/tenants.ts';
import { type Estate, openEstate } from './estate.ts';
import { type Held, holdTokens, type Reach } from './held-tokens.ts';

/** Whose things are tried. The operator is a stranger here. */
type Place = 'own' | 'parent' | 'sibling' | 'operator';

let estate: Estate;
let residents: Residents;
/** An account of `own` that has nothing to do with the things that are made there. */
let account: string;
let tokens: readonly Held[];
let scenes: Readonly<Record<Place, Scene>>;

const organization = (name: keyof Estate['tree']) => estate.tree[name].organizationSid;

/** A scene in which everything is made by an organization's own key. */
function sceneOf(name: keyof Estate['tree']): Promise<Scene> {
  const { apiKey: api_key, organizationSid: organization_sid, accountSid: account_sid } = estate.tree[name];
  const demo = { ...estate.house.demo, api_key, organization_sid, account_sid };
  return openScene({ ...estate.house, demo }, recipes, true);
}

beforeAll(async () => {
  estate = await openEstate();
  residents = await openResidents(estate.house);
  account = await openTenants(estate.house).makeAccount(organization('own'));
  tokens = await holdTokens(estate, residents, account);
  scenes = {
    own: await sceneOf('own'),
    parent: await sceneOf('parent'),
    sibling: await sceneOf('sibling'),
    operator: await openScene(estate.house, recipes, true),
  };
}, 120_000);
afterAll(async () => {
  await residents.close();
  await estate.close();
});

const identifying = /[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const idsIn = (text: string): readonly string[] => text.match(identifying) ?? [];

const isNamed = ({ path }: DocumentedOperation) => path.includes('{');
const isForOperators = ({ said }: DocumentedOperation) => said['x-operator-only'] === true;
const managed = () => scenes.operator.operations.filter((operation) => operation.managed);

/** Whether a token reaches what a place has. */
const reaches = (reach: Reach, place: Place) => reach === 'own' && place === 'own';

/** Sends a call with each of some tokens, all at once. */
function tryAll({ path, init }: Call, some: readonly Held[]) {
  return Promise.all(
    some.map(async (held) => {
      const headers = { ...init.headers, authorization: `Bearer ${held.token}` };
      return { held, answer: await send(`${estate.house.address}${path}`, { ...init, headers }) };
    }),
  );
}

/** How many rows there are, and how many changes were recorded. */
async function state() {
  const { sql } = estate.house.database;
  const [events] = await sql`select count(*)::int as count from audit_events`;
  return { ...(await rowCounts(sql)), events: events?.['count'] };
}

/** What people did in a browser: their recipes take the first that there is, whoever's. */
const ofPeople = new Set(['retrieveOAuthGrant', 'deleteOAuthGrant', 'retrieveSession', 'deleteSession']);

describe.each<Place>(['parent', 'sibling', 'operator', 'own'])('of what belongs to another place (%s)', (place) => {
  it('every operation finds nothing for any token that does not reach it, changes nothing and names nothing', async () => {
    const scene = scenes[place];
    const routes = managed().filter((one) => isNamed(one) && !ofPeople.has(one.id));
    expect(routes.length).toBeGreaterThan(20);
    const tried = routes.filter((one) => place === 'operator' || !isForOperators(one));
    const calls: Array<readonly [DocumentedOperation, Call]> = [];
    for (const operation of tried) calls.push([operation, await scene.prepare(operation.id)]);
    const before = await state();
    for (const [operation, call] of calls) {
      const asked = new Set(idsIn(`${call.path} ${String(call.init.body ?? '')}`));
      const expected = isForOperators(operation) ? 403 : 404;
      const others = tokens.filter(({ reach }) => !reaches(reach, place));
      for (const { held, answer } of await tryAll(call, others)) {
        expect([operation.id, held.name, answer.status]).toEqual([operation.id, held.name, expected]);
        expect(idsIn(answer.text).filter((id) => !asked.has(id))).toEqual([]);
      }
    }
    expect(await state()).toEqual(before);
  }, 120_000);

  it('nothing is made in its name', async () => {
    const { organization_sid: sid, account_sid: accountSid = '' } = scenes[place].house.demo;
    const values = { organization_sid: sid, org_id: sid, parent_sid: sid, account_sid: accountSid };
    const makers = managed().filter((route) => route.method === 'POST' && route.body !== undefined);
    const calls: Array<readonly [string, Call]> = [];
    for (const operation of makers) {
      const { properties = {} } = operation.body as { properties?: Readonly<Record<string, unknown>> };
      for (const [owner, value] of Object.entries(values).filter(([name]) => name in properties)) {
        const { path, init } = await scenes[place].prepare(operation.id);
        const body = JSON.stringify({ ...JSON.parse(String(init.body)), [owner]: value });
        calls.push([`${operation.id} ${owner}`, { path, init: { ...init, body } }]);
      }
    }
    const before = await state();
    for (const [what, call] of calls) {
      const others = tokens.filter(({ reach }) => !reaches(reach, place));
      for (const { held, answer } of await tryAll(call, others)) {
        expect([what, held.name, [403, 404, 422].includes(answer.status)]).toEqual([what, held.name, true]);
      }
    }
    expect(await state()).toEqual(before);
  }, 120_000);
});

describe('of what people allowed and where they are signed in', () => {
  it('every operation finds nothing for any token that does not reach it', async () => {
    const { sql } = estate.house.database;
    const { init, path } = await scenes.operator.prepare('userInfo');
    expect((await send(`${estate.house.address}${path}`, init)).status).toBe(200);
    const records = await sql<Array<{ path: string; organization: string }>>`
      select '/oauth_grants/' || g.id as path, g.organization_sid as organization from grants g
      union all
      select '/sessions/' || encode(s.uid_hash, 'hex'), m.organization_sid
      from sessions s join memberships m on m.user_sid = s.user_sid`;
    const before = await state();
    for (const sid of [organization('own'), estate.house.demo.organization_sid]) {
      const there = records.filter((record) => record.organization === sid);
      expect(there.length).toBeGreaterThanOrEqual(2);
      const others = tokens.filter(({ reach }) => !(reach === 'own' && sid === organization('own')));
      for (const { path: named } of there) {
        for (const method of ['GET', 'DELETE']) {
          for (const { held, answer } of await tryAll({ path: named, init: { method, headers: {} } }, others)) {
            expect([named, method, held.name, answer.status]).toEqual([named, method, held.name, 404]);
          }
        }
      }
    }
    expect(await state()).toEqual(before);
  });
});

/** Every list and export there is. */
const lists = () => managed().filter((route) => route.method === 'GET' && !isNamed(route) && !isForOperators(route));

async function read(path: string, bearer: string) {
  return send(`${estate.house.address}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
}

describe('a list', () => {
  it.each<'own' | 'child'>(['own', 'child'])(
    'shows and counts for a token of %s what its key shows, no more',
    async (reach) => {
      for (const { path } of lists()) {
        const expected = await read(path, estate.tree[reach].apiKey);
        expect(expected.status).toBe(200);
        for (const held of tokens.filter((one) => one.reach === reach)) {
          const answer = await read(path, held.token);
          expect([path, held.name, answer.status, answer.text]).toEqual([path, held.name, 200, expected.text]);
        }
      }
    },
  );

  it('shows and counts for a token of an account that account, its keys, and what is the platform’s', async () => {
    const { sql } = estate.house.database;
    const platform = (await sql`select id from resources where organization_sid is null`).length;
    const totals: Readonly<Record<string, number>> = { listAccounts: 1, listApiKeys: 0, listResources: platform };
    for (const { id, path } of lists()) {
      for (const held of tokens.filter((one) => one.reach === 'account')) {
        const { status, body, text } = await read(path, held.token);
        expect([id, held.name, status]).toEqual([id, held.name, 200]);
        const total = (body['meta'] as { total_results?: number } | undefined)?.total_results;
        expect([id, total ?? text]).toEqual([id, id === 'exportAuditEvents' ? '' : (totals[id] ?? 0)]);
      }
    }
  });

  it('finds nothing by filters that name what is out of reach', async () => {
    const { tree, house } = estate;
    const named = [tree.parent, tree.sibling, tree.own].flatMap((one) => [one.accountSid, one.userSid, one.apiKeySid]);
    const organizations = [tree.parent, tree.sibling].map((one) => one.organizationSid);
    const needles = [
      ...named,
      ...organizations,
      house.demo.organization_sid,
      house.demo.client_id,
      estate.machine.clientId,
    ];
    const narrow = tokens.filter(({ reach }) => reach !== 'own');
    for (const { path, parameters } of lists()) {
      const filters = parameters.map(({ name }) => name).filter((name) => name.startsWith('filter['));
      const questions = filters.flatMap((name) => needles.map((needle) => ({ name, needle })));
      await Promise.all(
        questions.map(async ({ name, needle }, index) => {
          const held = narrow[index % narrow.length] as Held;
          const { status, body, text } = await read(`${path}?${new URLSearchParams({ [name]: needle })}`, held.token);
          const found = status === 200 ? (body['data'] ?? [text].filter((line) => line !== '')) : [];
          expect([path, name, needle, held.name, found]).toEqual([path, name, needle, held.name, []]);
          expect([200, 403, 422]).toContain(status);
        }),
      );
    }
  }, 60_000);
});

describe('what a token reaches', () => {
  it('it does reach: an organization beneath, and what is in it', async () => {
    for (const held of tokens.filter(({ reach }) => reach === 'child')) {
      for (const name of ['child', 'grandchild'] as const) {
        expect((await read(`/organizations/${organization(name)}`, held.token)).status).toBe(200);
        expect((await read(`/accounts/${estate.tree[name].accountSid}`, held.token)).status).toBe(200);
      }
    }
    const { machine } = estate;
    for (const held of tokens.filter(({ reach }) => reach === 'own')) {
      expect((await read(`/oauth_clients/${machine.clientId}`, held.token)).status).toBe(200);
      expect((await read(`/oauth_clients/${newSid('client')}`, held.token)).status).toBe(404);
    }
  });
});
