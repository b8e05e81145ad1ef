import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../support/house.ts';
import { type Admin, dataOf, listOf, makeTenant, operatorOf, pointersOf, type Tenant } from '../../support/tenancy.ts';

let house: House;
let operator: Admin;
let acme: Tenant;
let rival: Tenant;
let owner: Admin;
beforeAll(async () => {
  house = await openHouse();
  operator = operatorOf(house);
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
  owner = acme.people.owner;
});
afterAll(() => house.close());

const make = async (name: string, more: Readonly<Record<string, unknown>> = {}) =>
  dataOf(await owner.post('/accounts', { name, ...more }));
const actionsOn = async (target: unknown) => {
  const rows = await house.database.sql`
    select action, detail from audit_events where target_id = ${String(target)} order by id`;
  return rows.map((row) => row['action']);
};
const sealedOf = async (sid: unknown) => {
  const [row] = await house.database.sql`select auth_token_sealed from accounts where sid = ${String(sid)}`;
  return row?.['auth_token_sealed'] as Buffer;
};

describe('an account', () => {
  it('is made in the caller’s organization, and shows its auth token this once', async () => {
    const created = await owner.post('/accounts', { name: 'Billing' });
    expect(created.status).toBe(201);
    const { auth_token, ...record } = dataOf(created);
    expect(auth_token).toMatch(/^[\w-]{43}$/);
    expect(record).toEqual({
      sid: expect.stringMatching(/^AC[0-9a-f]{32}$/),
      record_type: 'account',
      organization_sid: acme.organization,
      name: 'Billing',
      status: 'active',
      require_validation: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const path = `/accounts/${record['sid']}`;
    expect(dataOf(await owner.get(path))).toEqual(record);
    const renamed = dataOf(await owner.put(path, { name: 'Invoicing' }));
    expect(renamed).toMatchObject({ ...record, name: 'Invoicing', updated_at: expect.any(String) });
    expect(dataOf(await owner.put(path))).toEqual(renamed);
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
    expect(await actionsOn(record['sid'])).toEqual(['account.created', 'account.updated', 'account.deleted']);
  });

  it('gets another auth token, shown once and kept sealed; the audit log has none of it', async () => {
    const before = await make('Rotating');
    const path = `/accounts/${before['sid']}`;
    const sealed = await sealedOf(before['sid']);
    const rotated = dataOf(await owner.post(`${path}/auth_token`));
    expect(rotated['auth_token']).toMatch(/^[\w-]{43}$/);
    expect(rotated['auth_token']).not.toBe(before['auth_token']);
    expect(dataOf(await owner.get(path))).not.toHaveProperty('auth_token');
    const now = await sealedOf(before['sid']);
    expect(now.equals(sealed)).toBe(false);
    expect(now.includes(String(rotated['auth_token']))).toBe(false);
    expect(await actionsOn(before['sid'])).toEqual(['account.created', 'account.auth_token_rotated']);
    const events = await house.database.sql`select * from audit_events where target_id = ${String(before['sid'])}`;
    expect(JSON.stringify(events, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      rotated['auth_token'],
    );
  });

  it('is rotated once by a request that is repeated with its Idempotency-Key', async () => {
    const { sid } = await make('Repeated');
    const key = { 'idempotency-key': `rotate-${sid}` };
    const first = dataOf(await owner.post(`/accounts/${sid}/auth_token`, undefined, key));
    const again = await owner.post(`/accounts/${sid}/auth_token`, undefined, key);
    expect(dataOf(again)).toEqual(first);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await actionsOn(sid)).toEqual(['account.created', 'account.auth_token_rotated']);
  });

  it('is suspended and resumed; a second time changes nothing', async () => {
    const { sid } = await make('Paused');
    for (const [verb, status] of [
      ['suspend', 'suspended'],
      ['suspend', 'suspended'],
      ['resume', 'active'],
    ] as const) {
      expect(dataOf(await owner.post(`/accounts/${sid}/${verb}`))['status']).toBe(status);
    }
    expect(await actionsOn(sid)).toEqual(['account.created', 'account.suspended', 'account.resumed']);
  });

  it('is not deleted while it has a live API key; revoked ones go along', async () => {
    const { sid } = await make('Keyed');
    const key = dataOf(await owner.post('/api_keys', { name: 'Key', account_sid: sid, scopes: ['accounts:read'] }));
    const refused = await owner.delete(`/accounts/${sid}`);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('1 API key')]);
    expect((await owner.delete(`/api_keys/${key['sid']}`)).status).toBe(204);
    expect((await owner.delete(`/accounts/${sid}`)).status).toBe(204);
    expect((await owner.get(`/api_keys/${key['sid']}`)).status).toBe(404);
  });

  it('is made in an organization within reach, and in no other', async () => {
    const child = String(dataOf(await owner.post('/organizations', { name: 'Child' }))['sid']);
    expect((await make('In the child', { organization_sid: child }))['organization_sid']).toBe(child);
    for (const organization_sid of [rival.organization, `OR${'0'.repeat(32)}`]) {
      const refused = await owner.post('/accounts', { name: 'Elsewhere', organization_sid });
      expect([refused.status, pointersOf(refused)]).toEqual([422, ['/organization_sid']]);
    }
    const nowhere = await operator.post('/accounts', { name: 'Nowhere', organization_sid: `OR${'0'.repeat(32)}` });
    expect([nowhere.status, pointersOf(nowhere)]).toEqual([422, ['/organization_sid']]);
  });

  it('is not managed by who may only look', async () => {
    for (const member of [acme.people.developer, acme.people.viewer]) {
      expect((await member.get(`/accounts/${acme.account}`)).status).toBe(200);
      expect((await member.post(`/accounts/${acme.account}/auth_token`)).status).toBe(403);
      expect((await member.post('/accounts', { name: 'Mine' })).status).toBe(403);
    }
  });
});

describe('the list of accounts', () => {
  it('has those within reach, in order, by pages with exact totals and by filters', async () => {
    const tenant = await makeTenant(house, 'Lister');
    const by = tenant.people.admin;
    const child = String(dataOf(await by.post('/organizations', { name: 'Lister child' }))['sid']);
    const own = String(dataOf(await by.post('/accounts', { name: 'Own' }))['sid']);
    const below = String(dataOf(await by.post('/accounts', { name: 'Below', organization_sid: child }))['sid']);
    await by.post(`/accounts/${own}/suspend`);
    const sids = async (query: string) => listOf(await by.get(`/accounts?${query}`)).map(({ sid }) => sid);
    expect(await sids('')).toEqual([tenant.account, own, below]);
    expect(await sids('page[size]=2&page[number]=2')).toEqual([below]);
    expect(await sids(`filter[organization_sid]=${child}`)).toEqual([below]);
    expect(await sids('filter[name]=Own')).toEqual([own]);
    expect(await sids('filter[status]=suspended')).toEqual([own]);
    expect(await sids('filter[status]=active')).toEqual([tenant.account, below]);
    const page = await by.get('/accounts?page[size]=2');
    expect(page.body['meta']).toEqual({ page_number: 1, page_size: 2, total_pages: 2, total_results: 3 });
    const foreign = await by.get(`/accounts?filter[organization_sid]=${rival.organization}`);
    expect(foreign.body).toMatchObject({ data: [], meta: { total_results: 0, total_pages: 0 } });
    expect(listOf(await operator.get('/accounts?page[size]=100')).length).toBeGreaterThan(3);
  });

  it('refuses filters and pages that it does not know, all at once', async () => {
    const answer = await owner.get('/accounts?page[size]=101&filter[status]=gone&filter[colour]=red');
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('page[size]');
    expect(answer.text).toContain('filter[status]');
    expect(answer.text).toContain('filter[colour]');
  });
});
