import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSignIn } from '../../../src/accounts/index.ts';
import { createSealer } from '../../../src/base/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { createMetrics } from '../../../src/telemetry/index.ts';
import { openNode, silentLogger } from '../../limits/stores.ts';
import { type House, openHouse } from '../../support/house.ts';
import {
  type Admin,
  dataOf,
  listOf,
  makeTenant,
  newAddress,
  operatorOf,
  pointersOf,
  type Tenant,
} from '../../support/tenancy.ts';
import { attempt, goodPassword } from '../scene.ts';

let house: House;
let store: Store;
let operator: Admin;
let acme: Tenant;
let rival: Tenant;
let owner: Admin;
beforeAll(async () => {
  house = await openHouse();
  store = await openNode(house.database.target);
  operator = operatorOf(house);
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
  owner = acme.people.owner;
});
afterAll(async () => {
  await store.close();
  await house.close();
});

const make = async (more: Readonly<Record<string, unknown>> = {}, by = owner) =>
  dataOf(await by.post('/users', { email: newAddress(), name: 'Person', ...more }));
const eventsOn = (target: unknown) => house.database.sql`
  select action, actor_id as actor, organization_sid as organization, detail from audit_events
  where target_id = ${String(target)} and action not like 'user.sign%' order by id`;

/** Somebody of both tenants. */
async function makeShared() {
  const shared = await make();
  dataOf(await operator.post(`/organizations/${rival.organization}/memberships`, { email: shared['email'] }));
  return shared;
}

function canSignIn(email: unknown, password: string): Promise<boolean> {
  const config = { attemptsPerAccount: 100, attemptsPerAddress: 1_000, exempt: [] };
  const parts = {
    sql: store.sql,
    sealer: createSealer(Buffer.alloc(32, 7)),
    clock: Date.now,
    metrics: createMetrics(),
  };
  return createSignIn({ ...parts, logger: silentLogger, config })(attempt(String(email), password)).then(
    ({ ok }) => ok,
  );
}

describe('a user', () => {
  it('is made as a member, read, changed and deleted, each with its audit event', async () => {
    const email = newAddress();
    const created = await owner.post('/users', {
      email: ` ${email.toUpperCase()}`,
      name: 'Ada',
      password: goodPassword,
    });
    expect(created.status).toBe(201);
    const record = dataOf(created);
    expect(record).toEqual({
      sid: expect.stringMatching(/^US[0-9a-f]{32}$/),
      record_type: 'user',
      email,
      email_verified: false,
      name: 'Ada',
      has_password: true,
      status: 'active',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(created.text).not.toContain('argon2');
    const path = `/users/${record['sid']}`;
    expect(dataOf(await owner.get(path))).toEqual(record);
    expect(dataOf(await owner.put(path))).toEqual(record);
    const other = newAddress();
    const changed = dataOf(await owner.put(path, { name: 'Ada L.', email: other, password: `${goodPassword} 2` }));
    expect(changed).toMatchObject({ name: 'Ada L.', email: other, email_verified: false });
    expect([await canSignIn(other, goodPassword), await canSignIn(other, `${goodPassword} 2`)]).toEqual([false, true]);
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
    const stands = { actor: acme.people.owner.keySid, organization: acme.organization };
    expect([...(await eventsOn(record['sid']))]).toMatchObject([
      { action: 'user.created', ...stands, detail: { role: 'viewer' } },
      { action: 'user.updated', ...stands, detail: { changed: 'name email' } },
      { action: 'user.password_changed', ...stands },
      { action: 'user.deleted', ...stands },
    ]);
  });

  it('who was made without a password signs in with none, until one is set', async () => {
    const user = await make();
    expect(user['has_password']).toBe(false);
    for (const password of ['', 'none', goodPassword]) expect(await canSignIn(user['email'], password)).toBe(false);
    const set = dataOf(await owner.put(`/users/${user['sid']}`, { password: goodPassword }));
    expect(set['has_password']).toBe(true);
    expect(await canSignIn(user['email'], goodPassword)).toBe(true);
  });

  it('gets no bad password, no impossible or taken address, and no second place', async () => {
    const { sid, email } = await make();
    const faulty: ReadonlyArray<readonly [Readonly<Record<string, unknown>>, string]> = [
      [{ password: 'short' }, '/password'],
      [{ password: 'password123' }, '/password'],
      [{ password: 'x'.repeat(1025) }, '/password'],
      [{ password: '\u{1f600}'.repeat(400) }, '/password'],
      [{ email: 'nobody' }, '/email'],
      [{ email: acme.people.owner.email }, '/email'],
      [{ email: rival.people.owner.email.toUpperCase() }, '/email'],
      [{ email_verified: 'yes' }, '/email_verified'],
      [{ name: null }, '/name'],
    ];
    for (const [body, pointer] of faulty) {
      const changed = await owner.put(`/users/${sid}`, body);
      expect([body, changed.status, pointersOf(changed)]).toEqual([body, 422, [pointer]]);
      const made = await owner.post('/users', { email: newAddress(), name: 'Person', ...body });
      expect([body, made.status, pointersOf(made)]).toEqual([body, 422, [pointer]]);
    }
    const own = await owner.put(`/users/${sid}`, { password: email });
    expect([own.status, pointersOf(own)]).toEqual([422, ['/password']]);
    const elsewhere = await owner.post('/users', {
      email: newAddress(),
      name: 'Person',
      organization_sid: rival.organization,
    });
    expect([elsewhere.status, pointersOf(elsewhere)]).toEqual([422, ['/organization_sid']]);
  });

  it('has an address that an operator vouches for, and that counts as unverified once it is another', async () => {
    const { sid } = await make();
    expect((await owner.put(`/users/${sid}`, { email_verified: true })).status).toBe(403);
    const wish = { email: newAddress(), name: 'Person', email_verified: true };
    expect((await owner.post('/users', wish)).status).toBe(403);
    expect(dataOf(await operator.put(`/users/${sid}`, { email_verified: true }))['email_verified']).toBe(true);
    expect(dataOf(await owner.put(`/users/${sid}`, { email: newAddress() }))['email_verified']).toBe(false);
  });

  it('of other organizations too keeps name, address, password and standing, and stays', async () => {
    const shared = await makeShared();
    const path = `/users/${shared['sid']}`;
    const refusals = [
      await owner.put(path, { name: 'Renamed' }),
      await owner.put(path, { email: newAddress() }),
      await owner.put(path, { password: goodPassword }),
      await owner.post(`${path}/suspend`),
      await owner.post(`${path}/resume`),
      await owner.delete(path),
    ];
    for (const { status, text } of refusals) {
      expect([status, text]).toEqual([403, expect.stringContaining('only their membership')]);
    }
    expect(dataOf(await owner.get(path))).toEqual(shared);
    expect(dataOf(await operator.put(path, { name: 'By the operator' }))['name']).toBe('By the operator');
  });

  it('with a higher role is not taken over by changing their password, address or standing', async () => {
    const { admin } = acme.people;
    const path = `/users/${acme.people.owner.user}`;
    for (const refused of [
      await admin.put(path, { password: goodPassword }),
      await admin.put(path, { email: newAddress() }),
      await admin.post(`${path}/suspend`),
      await admin.delete(path),
    ]) {
      expect(refused.status).toBe(403);
    }
    expect((await admin.put(`/users/${acme.people.developer.user}`, { name: 'Dev' })).status).toBe(200);
  });

  it('who is the last owner is neither suspended nor deleted', async () => {
    const tenant = await makeTenant(house, 'Small');
    const path = `/users/${tenant.people.owner.user}`;
    for (const by of [tenant.people.owner, operator]) {
      for (const refused of [await by.post(`${path}/suspend`), await by.delete(path)]) {
        expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('last owner')]);
      }
    }
    await make({ role: 'owner' }, tenant.people.owner);
    expect((await operator.delete(path)).status).toBe(204);
  });

  it('is given no role above that of who makes them', async () => {
    const wish = { email: newAddress(), name: 'Person', role: 'owner' };
    expect((await acme.people.admin.post('/users', wish)).status).toBe(403);
    expect((await acme.people.admin.post('/users', { ...wish, role: 'admin' })).status).toBe(201);
  });

  it('is not deleted while OAuth clients are theirs', async () => {
    const { sid } = await make();
    await house.database.sql`
      insert into oauth_clients (client_id, name, organization_sid, user_sid, client_type, token_endpoint_auth_method,
        allowed_grant_types, allowed_scopes, allowed_resources, redirect_uris)
      values (${`OQ${String(sid).slice(2)}`}, 'Theirs', ${acme.organization}, ${String(sid)}, 'public', 'none',
        '{}', '{}', '{}', '{}')`;
    const refused = await owner.delete(`/users/${sid}`);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('OAuth clients')]);
  });
});

describe('the list of users', () => {
  it('has the members of organizations within reach, once each, and finds by address and organization', async () => {
    const tenant = await makeTenant(house, 'Lister');
    const by = tenant.people.owner;
    const people = [by, tenant.people.admin, tenant.people.developer, tenant.people.viewer].map(({ user }) => user);
    const child = String(dataOf(await by.post('/organizations', { name: 'Child' }))['sid']);
    const below = await make({ organization_sid: child }, by);
    await by.put(`/organizations/${child}/memberships/${people[1]}`, { role: 'viewer' });
    const sids = async (query: string) => listOf(await by.get(`/users?${query}`)).map(({ sid }) => sid);
    expect(await sids('')).toEqual([...people, below['sid']]);
    expect(await sids(`filter[organization_sid]=${child}`)).toEqual([people[1], below['sid']]);
    expect(await sids(`filter[email]=${String(below['email']).toUpperCase()}`)).toEqual([below['sid']]);
    expect(await sids(`filter[email]=${acme.people.owner.email}`)).toEqual([]);
    expect(await sids(`filter[organization_sid]=${acme.organization}`)).toEqual([]);
    const page = await by.get('/users?page[size]=2&page[number]=3');
    expect(listOf(page).map(({ sid }) => sid)).toEqual([below['sid']]);
    expect(page.body['meta']).toEqual({ page_number: 3, page_size: 2, total_pages: 3, total_results: 5 });
  });
});
