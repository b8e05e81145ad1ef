import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeLastUse } from '../../../src/accounts/api-keys/store.ts';
import { type House, openHouse } from '../../support/house.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import {
  type Admin,
  adminOf,
  dataOf,
  listOf,
  makeTenant,
  newAddress,
  operatorOf,
  pointersOf,
  type Tenant,
} from '../../support/tenancy.ts';
import { send } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';
import { machineToken } from '../../tokens/questions.ts';

let house: House;
let registry: Registry;
let acme: Tenant;
let rival: Tenant;
let owner: Admin;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
  owner = acme.people.owner;
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

const wish = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: 'Key',
  account_sid: acme.account,
  scopes: ['accounts:read'],
  ...more,
});
const make = async (by: Admin = owner, more: Readonly<Record<string, unknown>> = {}) =>
  dataOf(await by.post('/api_keys', wish(more)));
const statusOf = async (key: unknown, path = '/accounts') =>
  (await adminOf(house.address, String(key)).get(path)).status;

describe('an API key', () => {
  it('shows its secret once, works as Bearer and as Basic, and does what its scopes say', async () => {
    const created = await owner.post('/api_keys', wish());
    expect(created.status).toBe(201);
    const { secret, key, ...record } = dataOf(created);
    expect(record).toEqual({
      sid: expect.stringMatching(/^SK[0-9a-f]{32}$/),
      record_type: 'api_key',
      name: 'Key',
      organization_sid: acme.organization,
      account_sid: acme.account,
      user_sid: acme.people.owner.user,
      scopes: ['accounts:read'],
      token_policy: null,
      status: 'active',
      last_used_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(key).toBe(`${record['sid']}.${secret}`);
    expect(dataOf(await owner.get(`/api_keys/${record['sid']}`))).toEqual(record);
    const authorization = `Basic ${Buffer.from(`${record['sid']}:${secret}`).toString('base64')}`;
    expect((await send(`${house.address}/accounts`, { headers: { authorization } })).status).toBe(200);
    expect([await statusOf(key), await statusOf(key, '/users')]).toEqual([200, 403]);
    const rows = await house.database.sql`select * from api_keys where sid = ${String(record['sid'])}`;
    expect(rows[0]?.['secret_sealed'].includes(String(secret))).toBe(false);
  });

  it('is renamed, narrowed and revoked, each with its audit event; its record stays', async () => {
    const { sid, key } = await make(owner, { scopes: ['accounts:read', 'users:read'] });
    const path = `/api_keys/${sid}`;
    expect(await statusOf(key, '/users')).toBe(200);
    const changed = dataOf(await owner.put(path, { name: 'Narrow', scopes: ['accounts:read'] }));
    expect(changed).toMatchObject({ name: 'Narrow', scopes: ['accounts:read'] });
    expect(dataOf(await owner.put(path))['updated_at']).toBe(changed['updated_at']);
    await within(5_000, async () => (await statusOf(key, '/users')) === 403);
    expect((await owner.delete(path)).status).toBe(204);
    await within(5_000, async () => (await statusOf(key)) === 401);
    expect((await owner.delete(path)).status).toBe(204);
    expect(dataOf(await owner.get(path))['status']).toBe('revoked');
    expect((await owner.put(path, { name: 'Again' })).status).toBe(422);
    const events = await house.database.sql`
      select action, detail from audit_events where target_id = ${String(sid)} order by id`;
    expect([...events]).toMatchObject([
      { action: 'api_key.created' },
      { action: 'api_key.updated', detail: { changed: 'name scopes' } },
      { action: 'api_key.revoked' },
    ]);
  });

  it('has no scopes that its maker does not have, or that nobody has', async () => {
    const narrow = adminOf(
      house.address,
      String((await make(owner, { scopes: ['api_keys:write', 'clients:read'] }))['key']),
    );
    for (const scopes of [['admin'], ['users:write'], ['clients:read', 'accounts:write']]) {
      expect((await narrow.post('/api_keys', wish({ scopes }))).status).toBe(403);
    }
    const unknown = await owner.post('/api_keys', wish({ scopes: ['accounts:read', 'moon:write'] }));
    expect([unknown.status, pointersOf(unknown)]).toEqual([422, ['/scopes/1']]);
    const child = await make(narrow, { scopes: ['clients:read'] });
    expect((await narrow.put(`/api_keys/${child['sid']}`, { scopes: ['clients:read', 'users:read'] })).status).toBe(
      403,
    );
    const { sid } = await make(owner, { scopes: ['users:read', 'accounts:read'] });
    expect(dataOf(await narrow.put(`/api_keys/${sid}`, { scopes: ['users:read'] }))['scopes']).toEqual(['users:read']);
  });

  it('of a developer does no more than a developer may, whatever its scopes', async () => {
    const { developer } = acme.people;
    expect((await developer.post('/api_keys', wish({ scopes: ['admin'] }))).status).toBe(403);
    const { key } = await make(owner, { scopes: ['admin'], user_sid: developer.user });
    const theirs = adminOf(house.address, String(key));
    expect((await theirs.get('/users')).status).toBe(200);
    expect((await theirs.post('/accounts', { name: 'Mine' })).status).toBe(403);
  });

  it('is made for no user with a higher role, of other organizations or of nobody', async () => {
    const { admin, owner: boss } = acme.people;
    expect((await admin.post('/api_keys', wish({ user_sid: boss.user }))).status).toBe(403);
    for (const user_sid of [rival.people.viewer.user, `US${'0'.repeat(32)}`]) {
      const refused = await owner.post('/api_keys', wish({ user_sid }));
      expect([refused.status, pointersOf(refused)]).toEqual([422, ['/user_sid']]);
    }
    for (const account_sid of [rival.account, `AC${'0'.repeat(32)}`]) {
      const refused = await owner.post('/api_keys', wish({ account_sid }));
      expect([refused.status, pointersOf(refused)]).toEqual([422, ['/account_sid']]);
    }
  });

  it('is made for no user of the organization above, who is out of reach though they have a role', async () => {
    const child = await makeTenant(house, 'Child', acme.organization);
    const body = wish({ account_sid: child.account, user_sid: acme.people.viewer.user });
    const refused = await child.people.owner.post('/api_keys', body);
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/user_sid']]);
    expect((await owner.post('/api_keys', body)).status).toBe(201);
  });

  it('is made by a machine client only for a user that it names, who is no owner', async () => {
    const client = await registry.makeClient({
      organizationSid: acme.organization,
      userSid: acme.people.owner.user,
      allowedScopes: ['api_keys:write', 'accounts:read'],
    });
    const machine = adminOf(house.address, await machineToken(house.address, client));
    const nobody = await machine.post('/api_keys', wish());
    expect([nobody.status, pointersOf(nobody)]).toEqual([422, ['/user_sid']]);
    expect((await machine.post('/api_keys', wish({ user_sid: acme.people.owner.user }))).status).toBe(403);
    expect((await machine.post('/api_keys', wish({ user_sid: acme.people.developer.user }))).status).toBe(201);
  });

  it('tells when it was last used, and notes it no more than once a minute', async () => {
    const { sid, key } = await make();
    const lastUse = async () => dataOf(await owner.get(`/api_keys/${sid}`))['last_used_at'];
    const start = Date.now();
    await statusOf(key);
    await within(5_000, async () => (await lastUse()) !== null);
    const first = String(await lastUse());
    expect(Math.abs(Date.parse(first) - start)).toBeLessThan(60_000);
    await statusOf(key);
    house.moveClock(61_000);
    await statusOf(key);
    await within(5_000, async () => (await lastUse()) !== first);
    expect(Date.parse(String(await lastUse())) - Date.parse(first)).toBeGreaterThanOrEqual(60_000);
    await statusOf(`${sid}.wrong`);
    expect(listOf(await owner.get('/api_keys')).find((row) => row['sid'] === sid)?.['last_used_at']).toBe(
      await lastUse(),
    );
  });

  it('leaves no note of its use behind when it is revoked or goes with its user, nor does a late one stay', async () => {
    const { sql } = house.database;
    const notes = (sid: unknown) => sql`select from last_uses where kind = 'api_key' and id = ${String(sid)}`;
    const person = { email: newAddress(), name: 'Leaver', role: 'developer' };
    const leaver = String(dataOf(await owner.post('/users', person))['sid']);
    const [revoked, deleted] = [await make(), await make(owner, { user_sid: leaver })];
    for (const { sid, key } of [revoked, deleted]) {
      await statusOf(key);
      await within(10_000, async () => (await notes(sid)).count === 1);
    }
    expect((await owner.delete(`/api_keys/${revoked['sid']}`)).status).toBeLessThan(300);
    expect((await owner.delete(`/users/${leaver}`)).status).toBe(204);
    for (const { sid } of [revoked, deleted]) {
      await writeLastUse(sql, String(sid), new Date());
      expect(await notes(sid)).toHaveLength(0);
    }
  });
});

describe('the list of API keys', () => {
  it('has those of organizations within reach, by account, user and status', async () => {
    const tenant = await makeTenant(house, 'Lister');
    const { owner: by, developer } = tenant.people;
    const account = String(dataOf(await by.post('/accounts', { name: 'Second' }))['sid']);
    const extra = await make(by, { account_sid: account, user_sid: developer.user });
    await by.delete(`/api_keys/${extra['sid']}`);
    const sids = async (query: string) => listOf(await by.get(`/api_keys?${query}`)).map(({ sid }) => sid);
    const standing = Object.values(tenant.people).map(({ keySid }) => keySid);
    expect(await sids('')).toEqual([...standing, extra['sid']]);
    expect(await sids(`filter[account_sid]=${account}`)).toEqual([extra['sid']]);
    expect(await sids(`filter[user_sid]=${developer.user}`)).toEqual([developer.keySid, extra['sid']]);
    expect(await sids('filter[status]=active')).toEqual(standing);
    expect(await sids('filter[status]=revoked')).toEqual([extra['sid']]);
    expect(await sids(`filter[account_sid]=${acme.account}`)).toEqual([]);
    expect((await by.get('/api_keys?page[size]=2')).body['meta']).toMatchObject({ total_pages: 3, total_results: 5 });
    expect(listOf(await operatorOf(house).get('/api_keys?page[size]=100')).length).toBeGreaterThan(5);
  });
});
