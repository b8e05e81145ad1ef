import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../support/house.ts';
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

let house: House;
let acme: Tenant;
let rival: Tenant;
let owner: Admin;
let members: string;
beforeAll(async () => {
  house = await openHouse();
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
  owner = acme.people.owner;
  members = `/organizations/${acme.organization}/memberships`;
});
afterAll(() => house.close());

const makeUser = async (by: Admin = owner, more: Readonly<Record<string, unknown>> = {}) =>
  String(dataOf(await by.post('/users', { email: newAddress(), name: 'Person', ...more }))['sid']);

describe('a membership', () => {
  it('is listed, given, changed and taken, each with its audit event', async () => {
    const child = String(dataOf(await owner.post('/organizations', { name: 'Child' }))['sid']);
    const path = `/organizations/${child}/memberships`;
    const user = await makeUser();
    const given = await owner.put(`${path}/${user}`, { role: 'developer' });
    expect(given.status).toBe(200);
    const record = dataOf(given);
    expect(record).toEqual({
      record_type: 'membership',
      organization_sid: child,
      user_sid: user,
      email: expect.any(String),
      name: 'Person',
      role: 'developer',
      created_at: expect.any(String),
    });
    expect(dataOf(await owner.get(`${path}/${user}`))).toEqual(record);
    expect(dataOf(await owner.put(`${path}/${user}`, { role: 'developer' }))).toEqual(record);
    expect(dataOf(await owner.put(`${path}/${user}`, { role: 'admin' }))).toEqual({ ...record, role: 'admin' });
    const list = await owner.get(path);
    expect(listOf(list)).toEqual([{ ...record, role: 'admin' }]);
    expect(list.body['meta']).toMatchObject({ total_results: 1 });
    expect((await owner.delete(`${path}/${user}`)).status).toBe(204);
    expect((await owner.get(`${path}/${user}`)).status).toBe(404);
    expect((await owner.delete(`${path}/${user}`)).status).toBe(404);
    const events = await house.database.sql`
      select action, detail from audit_events where target_id = ${user} and organization_sid = ${child} order by id`;
    expect([...events]).toEqual([
      { action: 'membership.created', detail: { role: 'developer' } },
      { action: 'membership.updated', detail: { role: 'admin', before: 'developer' } },
      { action: 'membership.deleted', detail: null },
    ]);
  });

  it('of an owner is made and unmade by owners only', async () => {
    const { admin } = acme.people;
    const user = await makeUser();
    expect((await admin.put(`${members}/${user}`, { role: 'owner' })).status).toBe(403);
    expect((await admin.post(members, { email: acme.people.viewer.email, role: 'owner' })).status).toBe(403);
    expect((await owner.put(`${members}/${user}`, { role: 'owner' })).status).toBe(200);
    expect((await admin.put(`${members}/${user}`, { role: 'viewer' })).status).toBe(403);
    expect((await admin.delete(`${members}/${user}`)).status).toBe(403);
    expect((await owner.put(`${members}/${user}`, { role: 'viewer' })).status).toBe(200);
    expect((await admin.delete(`${members}/${user}`)).status).toBe(204);
  });

  it('as owner or admin is given and taken with the scope admin only, whoever holds the key', async () => {
    const { key } = dataOf(
      await owner.post('/api_keys', {
        name: 'People',
        account_sid: acme.account,
        scopes: ['users:read', 'users:write'],
      }),
    );
    const clerk = adminOf(house.address, String(key));
    const [admin, viewer] = [await makeUser(owner, { role: 'admin' }), await makeUser()];
    const child = String(dataOf(await owner.post('/organizations', { name: 'Offices' }))['sid']);
    const email = String(dataOf(await owner.get(`/users/${viewer}`))['email']);
    for (const role of ['owner', 'admin']) {
      const refused = [
        await clerk.post('/users', { email: newAddress(), name: 'Heir', password: newAddress(), role }),
        await clerk.put(`${members}/${viewer}`, { role }),
        await clerk.post(`/organizations/${child}/memberships`, { email, role }),
      ];
      expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
      for (const { text } of refused) expect(text).toContain('takes the scope admin');
    }
    const upon = [
      await clerk.put(`${members}/${admin}`, { role: 'viewer' }),
      await clerk.delete(`${members}/${admin}`),
      await clerk.put(`/users/${admin}`, { password: newAddress() }),
      await clerk.put(`/users/${admin}`, { email: newAddress() }),
      await clerk.delete(`/users/${admin}`),
    ];
    expect(upon.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(dataOf(await owner.get(`${members}/${admin}`))['role']).toBe('admin');
    const { status } = await clerk.post('/users', { email: newAddress(), name: 'Builder', role: 'developer' });
    expect([status, (await clerk.put(`${members}/${viewer}`, { role: 'developer' })).status]).toEqual([201, 200]);
  });

  it('of the last owner stays, also when two owners unmake each other at once', async () => {
    const tenant = await makeTenant(house, 'Duel');
    const path = `/organizations/${tenant.organization}/memberships`;
    const first = tenant.people.owner;
    for (const refused of [
      await first.put(`${path}/${first.user}`, { role: 'admin' }),
      await first.delete(`${path}/${first.user}`),
      await operatorOf(house).delete(`${path}/${first.user}`),
    ]) {
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('last owner')]);
    }
    const duels = Array.from({ length: 6 }, async () => {
      const arena = String(dataOf(await first.post('/organizations', { name: 'Arena' }))['sid']);
      const wish = { organization_sid: arena, role: 'owner' };
      const [left, right] = [await makeUser(first, wish), await makeUser(first, wish)];
      return [arena, left, right] as const;
    });
    const answers = await Promise.all(
      (await Promise.all(duels)).map(([arena, left, right]) =>
        Promise.all([
          first.delete(`/organizations/${arena}/memberships/${left}`),
          first.delete(`/organizations/${arena}/memberships/${right}`),
        ]),
      ),
    );
    for (const pair of answers) expect(pair.map(({ status }) => status).toSorted()).toEqual([204, 422]);
  });

  it('is given to users within reach only, by SID or exact address, and to others by operators', async () => {
    const { user, email } = rival.people.viewer;
    expect((await owner.put(`${members}/${user}`, { role: 'viewer' })).status).toBe(404);
    expect((await owner.put(`${members}/US${'0'.repeat(32)}`, { role: 'viewer' })).status).toBe(404);
    const nobody = await owner.post(members, { email: newAddress() });
    const theirs = await owner.post(members, { email });
    expect([theirs.status, pointersOf(theirs)]).toEqual([422, ['/email']]);
    expect(theirs.body['errors']).toEqual(nobody.body['errors']);
    // Their own tenant goes on managing them.
    expect((await rival.people.owner.put(`/users/${user}`, { name: 'Still theirs' })).status).toBe(200);
    const child = String(dataOf(await owner.post('/organizations', { name: 'Child' }))['sid']);
    const own = await owner.post(`/organizations/${child}/memberships`, { email: acme.people.viewer.email });
    expect([own.status, dataOf(own)]).toMatchObject([201, { user_sid: acme.people.viewer.user, role: 'viewer' }]);
    const added = await operatorOf(house).post(members, { email: email.toUpperCase() });
    expect([added.status, dataOf(added)]).toMatchObject([201, { user_sid: user, role: 'viewer' }]);
    const again = await owner.post(members, { email });
    expect([again.status, pointersOf(again)]).toEqual([422, ['/email']]);
    const unknown = await owner.post(members, { email: newAddress() });
    expect([unknown.status, pointersOf(unknown)]).toEqual([422, ['/email']]);
  });

  it('is changed by nobody who read it before it was another', async () => {
    const path = `${members}/${await makeUser()}`;
    const etag = String((await owner.get(path)).headers.get('etag'));
    expect((await owner.put(path, { role: 'developer' }, { 'if-match': etag })).status).toBe(200);
    expect((await owner.put(path, { role: 'admin' }, { 'if-match': etag })).status).toBe(412);
    expect((await owner.delete(path, { 'if-match': etag })).status).toBe(412);
    const nobody = `/organizations/${acme.organization}/memberships/${await makeUser()}`;
    await owner.delete(nobody);
    expect((await owner.put(nobody, { role: 'admin' }, { 'if-match': etag })).status).toBe(404);
  });

  it('takes a role, and no other words', async () => {
    const user = await makeUser();
    const wrong = await owner.put(`${members}/${user}`, { role: 'king', since: 'ever' });
    expect([wrong.status, [...pointersOf(wrong)].toSorted()]).toEqual([422, ['/role', '/since']]);
    const nothing = await owner.put(`${members}/${user}`);
    expect([nothing.status, pointersOf(nothing)]).toEqual([422, ['/role']]);
  });
});
