import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSid } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  type Desk,
  openDesk,
  openTenant,
  pointersIn,
  recordIn,
  recordsIn,
  type Tenant,
} from '../support/management.ts';

let house: House;
let tenant: Tenant;
let operator: Desk;
let desk: Desk;
let stranger: Desk;
beforeAll(async () => {
  house = await openHouse();
  tenant = await openTenant(house);
  operator = openDesk(house, house.demo['api_key']);
  desk = openDesk(house, tenant.key);
  stranger = openDesk(house, (await openTenant(house)).key);
});
afterAll(() => house.close());

const machine = {
  name: 'A machine',
  client_type: 'confidential',
  allowed_scopes: ['read'],
  allowed_grant_types: ['client_credentials'],
};
const make = async (from: Desk, wish: object = {}) => {
  const made = await from.post('/oauth_clients', { ...machine, ...wish });
  if (made.status !== 201) throw new Error(made.text);
  return String(recordIn(made)['client_id']);
};

/** A tenant's organization with somebody of a lesser role or lesser key. */
const lesser = async (role: 'developer' | 'viewer', scopes: readonly string[]) => {
  const found = await openTenant(house, role, scopes);
  return { ...found, desk: openDesk(house, found.key) };
};

describe('a stranger', () => {
  it('finds no client of another organization on any route, and changes none', async () => {
    const id = await make(desk);
    const before = recordIn(await desk.get(`/oauth_clients/${id}`));
    const [secret] = before['secrets'] as Array<{ id: string }>;
    const answers = [
      await stranger.get(`/oauth_clients/${id}`),
      await stranger.put(`/oauth_clients/${id}`, { name: 'Mine' }),
      await stranger.put(`/oauth_clients/${id}`, {}),
      await stranger.delete(`/oauth_clients/${id}`),
      await stranger.post(`/oauth_clients/${id}/secrets`),
      await stranger.delete(`/oauth_clients/${id}/secrets/${secret?.id}`),
      await stranger.post(`/oauth_clients/${id}/disable`),
      await stranger.post(`/oauth_clients/${id}/enable`),
      await stranger.post('/oauth_clients', { ...machine, org_id: tenant.organizationSid }),
    ];
    const missing = await stranger.get(`/oauth_clients/${newSid('client')}`);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect(answers.slice(0, 5).map(({ body }) => body)).toEqual(Array(5).fill(missing.body));
    expect(recordIn(await desk.get(`/oauth_clients/${id}`))).toEqual(before);
  });

  it('has none of them in a list, and none counted, whatever the filter', async () => {
    const id = await make(desk, { name: 'A secret project' });
    for (const query of [
      '',
      `?filter[client_id]=${id}`,
      '?filter[name]=A secret project',
      '?filter[name][contains]=a',
    ]) {
      const { body } = await stranger.get(`/oauth_clients${query}`);
      expect([query, body['data'], body['meta']]).toEqual([
        query,
        [],
        { page_number: 1, page_size: 20, total_pages: 0, total_results: 0 },
      ]);
    }
  });

  it('learns nothing from names that cannot be', async () => {
    for (const id of ['%00', 'x'.repeat(3000), '%F0%9F%92%A9', "'; drop table oauth_clients; --", '..%2f..']) {
      expect((await stranger.get(`/oauth_clients/${id}`)).status).toBe(404);
    }
  });
});

describe('an operator', () => {
  it('reaches every client, and makes them for any organization there is', async () => {
    const id = await make(operator, { org_id: tenant.organizationSid });
    expect(recordIn(await desk.get(`/oauth_clients/${id}`))['org_id']).toBe(tenant.organizationSid);
    expect((await operator.get(`/oauth_clients/${await make(desk)}`)).status).toBe(200);
    const nowhere = await operator.post('/oauth_clients', { ...machine, org_id: newSid('organization') });
    expect([nowhere.status, pointersIn(nowhere)]).toEqual([422, ['/org_id']]);
  });
});

describe('a parent organization', () => {
  it('reaches the clients of those beneath it, and makes some for them', async () => {
    const child = await openTenant(house);
    await house.database.sql`
      update organizations set parent_sid = ${tenant.organizationSid} where sid = ${child.organizationSid}`;
    const below = openDesk(house, child.key);
    const id = await make(below);
    expect((await desk.get(`/oauth_clients/${id}`)).status).toBe(200);
    const made = await make(desk, { org_id: child.organizationSid });
    const listed = recordsIn(await below.get('/oauth_clients')).map(({ client_id }) => client_id);
    expect(listed).toEqual([id, made]);
    expect((await below.get(`/oauth_clients/${await make(desk)}`)).status).toBe(404);
  });
});

describe('whoever has lesser rights', () => {
  it('needs clients:read to look and clients:write to change', async () => {
    const reader = await lesser('developer', ['clients:read']);
    expect((await reader.desk.get('/oauth_clients')).status).toBe(200);
    const refused = await reader.desk.post('/oauth_clients', machine);
    expect([refused.status, refused.body['error']]).toEqual([403, 'insufficient_scope']);
    const other = await lesser('developer', ['grants:read']);
    expect((await other.desk.get('/oauth_clients')).status).toBe(403);
    const viewer = await lesser('viewer', ['admin']);
    expect((await viewer.desk.get('/oauth_clients')).status).toBe(200);
    expect((await viewer.desk.post('/oauth_clients', machine)).status).toBe(403);
    expect((await openDesk(house).get('/oauth_clients')).status).toBe(401);
    expect((await openDesk(house, 'SK0.nothing').get('/oauth_clients')).status).toBe(401);
  });

  it('gives no client a management scope that they do not have', async () => {
    const { desk: writer } = await lesser('developer', ['clients:write', 'grants:read']);
    const own = await make(writer, { allowed_scopes: ['read', 'grants:read', 'clients:write'] });
    for (const scope of ['admin', 'users:write', 'clients:read']) {
      const wish = { allowed_scopes: ['read', scope] };
      const refused = await writer.post('/oauth_clients', { ...machine, ...wish });
      expect([scope, refused.status, pointersIn(refused)]).toEqual([scope, 403, ['/allowed_scopes/1']]);
      expect((await writer.put(`/oauth_clients/${own}`, wish)).status).toBe(403);
    }
  });

  it('gets no hold of a client that may do more than they may', async () => {
    const { desk: writer, organizationSid } = await lesser('developer', ['clients:write']);
    const strong = await make(operator, { org_id: organizationSid, allowed_scopes: ['admin'] });
    const redirect = { redirect_uris: ['https://attacker.example/cb'] };
    expect((await writer.put(`/oauth_clients/${strong}`, redirect)).status).toBe(403);
    expect((await writer.put(`/oauth_clients/${strong}`, { allowed_scopes: [] })).status).toBe(403);
    const rotated = await writer.post(`/oauth_clients/${strong}/secrets`);
    expect([rotated.status, recordIn(rotated)]).toEqual([403, {}]);
    expect((await writer.post(`/oauth_clients/${strong}/disable`)).status).toBe(200);
  });
});
