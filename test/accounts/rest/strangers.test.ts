import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantOperations } from '../../../src/accounts/index.ts';
import { createSealer } from '../../../src/base/index.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Admin, adminOf, dataOf, makeTenant, newAddress, type Tenant } from '../../support/tenancy.ts';
import { type Answer, send } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';

let house: House;
let acme: Tenant;
let stranger: Tenant;
let operations: ReturnType<typeof tenantOperations>;
/** SID of a public key of Acme. */
let publicKey: string;
beforeAll(async () => {
  house = await openHouse();
  acme = await makeTenant(house, 'Acme');
  stranger = await makeTenant(house, 'Stranger');
  const { publicKey: pem } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const body = { name: 'Acme key', public_key: pem.export({ type: 'spki', format: 'pem' }).toString() };
  publicKey = String(dataOf(await acme.people.owner.post('/public_keys', body))['sid']);
  operations = tenantOperations({ sql: house.database.sql, sealer: createSealer(Buffer.alloc(32)), scopeNames: [] });
});
afterAll(() => house.close());

type Text = Readonly<Record<string, string>>;

/** What a body must have for the stranger's call to fail by nothing but their reach. */
const bodies: Readonly<Record<string, Text>> = {
  setMembership: { role: 'viewer' },
  addMember: { email: 'anybody@example.com' },
};

const paths = (): Readonly<Record<string, string>> => ({
  organizations: acme.organization,
  accounts: acme.account,
  users: acme.people.viewer.user,
  api_keys: acme.people.viewer.keySid,
  public_keys: publicKey,
});

/** The path of an operation with the ids of Acme. */
function pathAtAcme(template: string): string {
  const kind = template.split('/')[1] ?? '';
  return template.replace('{sid}', paths()[kind] ?? '').replace('{user_sid}', acme.people.viewer.user);
}

/** All that Acme has, as the database has it. */
async function acmeNow(): Promise<string> {
  const { sql } = house.database;
  const users = Object.values(acme.people).map(({ user }) => user);
  const rows = await Promise.all([
    sql`select * from organizations where sid = ${acme.organization}`,
    sql`select * from accounts where organization_sid = ${acme.organization} order by sid`,
    sql`select * from memberships where organization_sid = ${acme.organization} order by user_sid`,
    sql`select * from users where sid = any(${users}) order by sid`,
    sql`select * from api_keys where organization_sid = ${acme.organization} order by sid`,
    sql`select * from public_keys where account_sid = ${acme.account} order by sid`,
  ]);
  return JSON.stringify(rows);
}

function call(method: string, path: string, bearer: string | undefined, body: Text | undefined): Promise<Answer> {
  const headers = {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const init = { method: method.toUpperCase(), headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return send(`${house.address}${path}`, init);
}

describe('the owner of another organization', () => {
  it('gets 404 at every route that names something of Acme, and changes nothing', async () => {
    const before = await acmeNow();
    const named = operations.filter(({ path }) => path.includes('{'));
    expect(named.length).toBeGreaterThan(20);
    for (const { id, method, path } of named) {
      for (const prefix of ['', '/v2']) {
        const answer = await call(method, prefix + pathAtAcme(path), stranger.people.owner.key, bodies[id]);
        expect([id, answer.status]).toEqual([id, 404]);
        expect([id, answer.text]).not.toEqual([id, expect.stringContaining('Acme')]);
      }
    }
    expect(await acmeNow()).toBe(before);
  });

  it('gets the same words for what is Acme’s and for what is nobody’s', async () => {
    const by = stranger.people.owner;
    for (const [kind, sid] of Object.entries(paths())) {
      const nobodys = `${sid.slice(0, 2)}${'0'.repeat(32)}`;
      const [theirs, none] = [await by.get(`/${kind}/${sid}`), await by.get(`/${kind}/${nobodys}`)];
      const wordsOf = ({ body }: Answer) => JSON.stringify(body['errors']);
      expect([kind, wordsOf(theirs)]).toEqual([kind, wordsOf(none)]);
    }
  });

  it('finds nothing of Acme in any list, nor in a total', async () => {
    const lists = operations.filter(({ method, path }) => method === 'get' && !path.includes('{'));
    expect(lists).toHaveLength(5);
    const acmes = [
      acme.organization,
      acme.account,
      publicKey,
      ...Object.values(acme.people).flatMap((who) => [who.user, who.keySid]),
    ];
    const expected: Readonly<Record<string, number>> = {
      '/organizations': 1,
      '/accounts': 1,
      '/users': 4,
      '/api_keys': 4,
      '/public_keys': 0,
    };
    for (const { path } of lists) {
      const answer = await stranger.people.owner.get(`${path}?page[size]=100`);
      expect([path, answer.body['meta']]).toMatchObject([path, { total_results: expected[path] }]);
      for (const sid of acmes) expect(answer.text).not.toContain(sid);
    }
  });

  it('does not make somebody of Acme a member, by SID or by address', async () => {
    const { organization, people } = stranger;
    const answer = await people.owner.put(`/organizations/${organization}/memberships/${acme.people.viewer.user}`, {
      role: 'viewer',
    });
    expect(answer.status).toBe(404);
    const { email } = acme.people.viewer;
    expect((await people.owner.post(`/organizations/${organization}/memberships`, { email })).status).toBe(422);
  });

  it('has no more reach by a key of their own beneath Acme, or by a parent that Acme lies beneath', async () => {
    const child = await makeTenant(house, 'Child', acme.organization);
    const below: Admin = child.people.owner;
    expect((await below.get(`/organizations/${acme.organization}`)).status).toBe(404);
    expect((await below.get(`/accounts/${acme.account}`)).status).toBe(404);
    expect((await below.get(`/users/${acme.people.owner.user}`)).status).toBe(404);
    expect((await acme.people.owner.get(`/accounts/${child.account}`)).status).toBe(200);
    expect((await acme.people.owner.get(`/users/${child.people.viewer.user}`)).status).toBe(200);
  });
});

describe('somebody', () => {
  it('without credentials, or with wrong ones, gets 401 at every route', async () => {
    for (const { id, method, path } of operations) {
      for (const bearer of [undefined, 'nonsense', `${acme.people.owner.keySid}.wrong`]) {
        const answer = await call(method, pathAtAcme(path), bearer, undefined);
        expect([id, answer.status]).toEqual([id, 401]);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      }
    }
  });

  it('without the scope gets 403 at every route, before anything is looked up', async () => {
    const made = dataOf(
      await acme.people.owner.post('/api_keys', { name: 'None', account_sid: acme.account, scopes: ['audit:read'] }),
    );
    for (const { id, method, path } of operations) {
      for (const target of [pathAtAcme(path), path.replaceAll('{sid}', 'x').replaceAll('{user_sid}', 'y')]) {
        const answer = await call(method, target, String(made['key']), undefined);
        expect([id, answer.status]).toEqual([id, 403]);
      }
    }
  });

  it('who looks only changes nothing', async () => {
    const { viewer } = acme.people;
    for (const { id, method, path } of operations.filter((operation) => operation.method !== 'get')) {
      const answer = await call(method, pathAtAcme(path), viewer.key, bodies[id]);
      expect([id, answer.status]).toEqual([id, 403]);
    }
  });

  it('with ids that cannot be gets 404', async () => {
    const { owner } = acme.people;
    for (const id of ['x', 'OR', '%00', '..%2f..', 'O'.repeat(500), `${acme.organization}0`]) {
      for (const kind of ['organizations', 'accounts', 'users', 'api_keys', 'public_keys']) {
        expect([kind, id, (await owner.get(`/${kind}/${id}`)).status]).toEqual([kind, id, 404]);
      }
    }
  });
});

describe('a suspended member', () => {
  it('is nobody any more', async () => {
    const { owner } = acme.people;
    const user = dataOf(await owner.post('/users', { email: newAddress(), name: 'Gone', role: 'admin' }))['sid'];
    const wish = { name: 'Theirs', account_sid: acme.account, scopes: ['admin'], user_sid: user };
    const theirs = adminOf(house.address, String(dataOf(await owner.post('/api_keys', wish))['key']));
    expect((await theirs.get('/accounts')).status).toBe(200);
    dataOf(await owner.post(`/users/${user}/suspend`));
    await within(5_000, async () => (await theirs.get('/accounts')).status === 401);
  });
});
