import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../support/house.ts';
import { type Admin, dataOf, listOf, makeTenant, operatorOf, pointersOf, type Tenant } from '../../support/tenancy.ts';

let house: House;
let operator: Admin;
let acme: Tenant;
let rival: Tenant;
beforeAll(async () => {
  house = await openHouse();
  operator = operatorOf(house);
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
});
afterAll(() => house.close());

const make = async (by: Admin, name: string, more: Readonly<Record<string, unknown>> = {}) =>
  String(dataOf(await by.post('/organizations', { name, ...more }))['sid']);
const refusal = ({ status, text }: { status: number; text: string }) => ({ status, text });
const eventsOf = (target: string) => house.database.sql`
  select action, actor_id as actor, organization_sid as organization, address, request_id as request, detail
  from audit_events where target_id = ${target} order by id`;

describe('an organization', () => {
  it('is made beneath the caller’s, read, renamed and deleted, each with its audit event', async () => {
    const { owner } = acme.people;
    const created = await owner.post('/organizations', { name: 'Acme Labs' });
    expect(created.status).toBe(201);
    const record = dataOf(created);
    expect(record).toEqual({
      sid: expect.stringMatching(/^OR[0-9a-f]{32}$/),
      record_type: 'organization',
      name: 'Acme Labs',
      parent_sid: acme.organization,
      status: 'active',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const path = `/organizations/${record['sid']}`;
    expect(dataOf(await owner.get(path))).toEqual(record);
    const renamed = dataOf(await owner.put(path, { name: 'Acme Research' }));
    expect(renamed).toMatchObject({ name: 'Acme Research', parent_sid: acme.organization });
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
    const actor = owner.keySid;
    const from = { address: '127.0.0.1', request: expect.any(String) };
    expect([...(await eventsOf(String(record['sid'])))]).toMatchObject([
      { action: 'organization.created', actor, ...from },
      { action: 'organization.updated', actor, ...from, detail: { changed: 'name' } },
      { action: 'organization.deleted', actor, ...from, organization: acme.organization },
    ]);
  });

  it('is unchanged by an update without a body, and refuses what it does not know', async () => {
    const { owner } = acme.people;
    const path = `/organizations/${acme.organization}`;
    const before = dataOf(await owner.get(path));
    expect(dataOf(await owner.put(path))).toEqual(before);
    const wrong = await owner.put(path, { name: 7, status: 'suspended', operator: true });
    expect([wrong.status, [...pointersOf(wrong)].toSorted()]).toEqual([422, ['/name', '/operator', '/status']]);
    expect(dataOf(await owner.get(path))).toEqual(before);
  });

  it('is not changed by who read it before somebody else changed it', async () => {
    const { owner, admin } = acme.people;
    const path = `/organizations/${await make(owner, 'Contended')}`;
    const etag = String((await owner.get(path)).headers.get('etag'));
    expect((await admin.put(path, { name: 'By the admin' }, { 'if-match': etag })).status).toBe(200);
    expect((await owner.put(path, { name: 'By the owner' }, { 'if-match': etag })).status).toBe(412);
    expect(dataOf(await owner.get(path))['name']).toBe('By the admin');
  });
});

describe('the list of organizations', () => {
  it('has the caller’s and those beneath, in order, with exact totals, and nothing of others', async () => {
    const tenant = await makeTenant(house, 'Lister');
    const { owner } = tenant.people;
    const children = [await make(owner, 'One'), await make(owner, 'Two'), await make(owner, 'Three')];
    const all = await owner.get('/organizations');
    expect(listOf(all).map(({ sid }) => sid)).toEqual([tenant.organization, ...children]);
    expect(all.body['meta']).toEqual({ page_number: 1, page_size: 20, total_pages: 1, total_results: 4 });
    const page = await owner.get('/organizations?page[number]=2&page[size]=3');
    expect(listOf(page).map(({ sid }) => sid)).toEqual([children[2]]);
    expect(page.body['meta']).toEqual({ page_number: 2, page_size: 3, total_pages: 2, total_results: 4 });
    const beyond = await owner.get('/organizations?page[number]=9');
    expect(listOf(beyond)).toEqual([]);
    expect(beyond.body['meta']).toMatchObject({ page_number: 9, total_results: 4 });
  });

  it('is filtered by what it lies beneath and by name', async () => {
    const { owner } = rival.people;
    const child = await make(owner, 'Rival child');
    const beneath = await owner.get(`/organizations?filter[parent_sid]=${rival.organization}`);
    expect(listOf(beneath).map(({ sid }) => sid)).toEqual([child]);
    expect(listOf(await owner.get('/organizations?filter[name]=Rival')).map(({ sid }) => sid)).toEqual([
      rival.organization,
    ]);
    const foreign = await owner.get(`/organizations?filter[parent_sid]=${acme.organization}`);
    expect(foreign.body).toMatchObject({ data: [], meta: { total_results: 0 } });
  });

  it('does not name what lies above the caller', async () => {
    const child = await makeTenant(house, 'Subsidiary', acme.organization);
    const { owner } = child.people;
    expect(dataOf(await owner.get(`/organizations/${child.organization}`))['parent_sid']).toBeNull();
    expect(dataOf(await acme.people.owner.get(`/organizations/${child.organization}`))['parent_sid']).toBe(
      acme.organization,
    );
    const above = await owner.get(`/organizations?filter[parent_sid]=${acme.organization}`);
    expect(above.body).toMatchObject({ data: [], meta: { total_results: 0 } });
    expect((await owner.get(`/organizations/${acme.organization}`)).status).toBe(404);
  });
});

describe('the tree', () => {
  it('has roots made by operators only', async () => {
    expect((await acme.people.owner.post('/organizations', { name: 'Root', parent_sid: null })).status).toBe(403);
    const child = await make(acme.people.owner, 'Would be a root');
    expect((await acme.people.owner.put(`/organizations/${child}`, { parent_sid: null })).status).toBe(403);
    expect(dataOf(await operator.put(`/organizations/${child}`, { parent_sid: null }))['parent_sid']).toBeNull();
  });

  it('takes nothing beneath organizations of others, or of nobody', async () => {
    const child = await make(acme.people.owner, 'Stays');
    for (const parent_sid of [rival.organization, `OR${'0'.repeat(32)}`]) {
      for (const answer of [
        await acme.people.owner.post('/organizations', { name: 'Cuckoo', parent_sid }),
        await acme.people.owner.put(`/organizations/${child}`, { parent_sid }),
      ]) {
        expect([answer.status, pointersOf(answer)]).toEqual([422, ['/parent_sid']]);
      }
    }
  });

  it('never gets a cycle, also not by two moves at once', async () => {
    const { owner } = acme.people;
    const top = await make(owner, 'Top');
    const below = await make(owner, 'Below', { parent_sid: top });
    for (const parent_sid of [top, below]) {
      expect((await owner.put(`/organizations/${top}`, { parent_sid })).status).toBe(422);
    }
    const pairs = await Promise.all(
      Array.from({ length: 8 }, async () => [await make(owner, 'Left'), await make(owner, 'Right')] as const),
    );
    const moves = pairs.map(([left, right]) =>
      Promise.all([
        owner.put(`/organizations/${left}`, { parent_sid: right }),
        owner.put(`/organizations/${right}`, { parent_sid: left }),
      ]),
    );
    for (const answers of await Promise.all(moves)) {
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    }
  });

  it('has at most 16 levels, by additions and by moves', async () => {
    let lowest = await make(operator, 'Level 1', { parent_sid: null });
    const top = lowest;
    for (let level = 2; level <= 16; level += 1)
      lowest = await make(operator, `Level ${level}`, { parent_sid: lowest });
    const deeper = await operator.post('/organizations', { name: 'Level 17', parent_sid: lowest });
    expect([deeper.status, pointersOf(deeper)]).toEqual([422, ['/parent_sid']]);
    const other = await make(operator, 'Other root', { parent_sid: null });
    expect((await operator.put(`/organizations/${top}`, { parent_sid: other })).status).toBe(422);
  });

  it('has nobody above an operator', async () => {
    const answer = await operator.put(`/organizations/${house.demo.organization_sid}`, {
      parent_sid: acme.organization,
    });
    expect(refusal(answer)).toMatchObject({ status: 422, text: expect.stringContaining('operator') });
  });
});

describe('an organization is not', () => {
  it('deleted while anything is in it, and the answer says what', async () => {
    const { owner } = acme.people;
    const parent = await make(owner, 'Full');
    await make(owner, 'Within', { parent_sid: parent });
    dataOf(await owner.post('/accounts', { name: 'Full account', organization_sid: parent }));
    const answer = await owner.delete(`/organizations/${parent}`);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('1 organization, 1 account');
  });

  it('suspended or deleted by itself, by one beneath it, or as an operator', async () => {
    const tenant = await makeTenant(house, 'Selfish');
    const path = `/organizations/${tenant.organization}`;
    for (const refused of [await tenant.people.owner.post(`${path}/suspend`), await tenant.people.owner.delete(path)]) {
      expect(refusal(refused)).toEqual({ status: 422, text: expect.stringContaining('by itself') });
    }
    const demo = `/organizations/${house.demo.organization_sid}`;
    for (const refused of [await operator.post(`${demo}/suspend`), await operator.delete(demo)]) {
      expect(refusal(refused)).toEqual({ status: 422, text: expect.stringContaining('An operator') });
    }
  });

  it('managed by a developer or a viewer', async () => {
    const { developer, viewer } = acme.people;
    const path = `/organizations/${acme.organization}`;
    for (const member of [developer, viewer]) {
      expect((await member.get(path)).status).toBe(200);
      expect((await member.put(path, { name: 'Mine' })).status).toBe(403);
      expect((await member.post('/organizations', { name: 'Mine' })).status).toBe(403);
    }
  });
});
