import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk, openTenant, pointersIn, recordsIn, type Tenant } from '../support/management.ts';

let house: House;
let tenant: Tenant;
let desk: Desk;
let operator: Desk;

/** Clients by SQL: two of each moment, so that only their ids tell them apart. */
async function fill(organizationSid: string | null, count: number, prefix: string): Promise<void> {
  await house.database.sql`
    insert into oauth_clients (client_id, name, organization_sid, origin, client_type, token_endpoint_auth_method,
      allowed_grant_types, allowed_scopes, allowed_resources, redirect_uris, verified, created_at)
    select ${prefix} || lpad(to_hex(n), ${34 - prefix.length}, '0'), 'Client ' || n, ${organizationSid},
      'managed', (case when n % 3 = 0 then 'public' else 'confidential' end)::client_type, 'none',
      case when n % 5 = 0 then array['authorization_code', 'refresh_token'] else array['client_credentials'] end,
      '{}', '{}', '{}', n % 2 = 0, timestamptz '2026-01-01' + make_interval(secs => n / 2)
    from generate_series(1, ${count}) n`;
}

beforeAll(async () => {
  house = await openHouse();
  tenant = await openTenant(house);
  desk = openDesk(house, tenant.key);
  operator = openDesk(house, house.demo['api_key']);
  await fill(tenant.organizationSid, 45, 'OQa');
  await fill((await openTenant(house)).organizationSid, 30, 'OQb');
  await fill(null, 7, 'OQc');
});
afterAll(() => house.close());

const numbers = (answer: Awaited<ReturnType<Desk['get']>>) =>
  recordsIn(answer).map(({ name }) => Number(String(name).split(' ')[1]));
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const meta = (page_number: number, page_size: number, total_pages: number, total_results: number) => ({
  page_number,
  page_size,
  total_pages,
  total_results,
});

describe('a list of clients', () => {
  it('has twenty on a page, oldest first, then by id, and says how many there are', async () => {
    const first = await desk.get('/oauth_clients');
    expect([numbers(first), first.body['meta']]).toEqual([range(1, 20), meta(1, 20, 3, 45)]);
    const last = await desk.get('/oauth/clients?page%5Bnumber%5D=3');
    expect([numbers(last), last.body['meta']]).toEqual([range(41, 45), meta(3, 20, 3, 45)]);
    const beyond = await desk.get('/v2/oauth_clients?page[number]=4');
    expect([numbers(beyond), beyond.body['meta']]).toEqual([[], meta(4, 20, 3, 45)]);
    const far = await desk.get('/oauth_clients?page[number]=10000000&page[size]=100');
    expect([far.status, numbers(far)]).toEqual([200, []]);
    const large = await desk.get('/oauth_clients?page[size]=100');
    expect([numbers(large), large.body['meta']]).toEqual([range(1, 45), meta(1, 100, 1, 45)]);
  });

  it('has each client on one page, whatever the size of pages', async () => {
    for (const size of [1, 7, 44, 45]) {
      const pages = range(1, Math.ceil(45 / size));
      const answers = await Promise.all(
        pages.map((page) => desk.get(`/oauth_clients?page[number]=${page}&page[size]=${size}`)),
      );
      expect(answers.flatMap(numbers)).toEqual(range(1, 45));
    }
  });

  it.each([
    ['page[size]=0', 'page[size]'],
    ['page[size]=101', 'page[size]'],
    ['page[number]=0', 'page[number]'],
    ['page[number]=1.5', 'page[number]'],
    ['page[number]=x', 'page[number]'],
    ['filter[verified]=yes', 'filter[verified]'],
    ['filter[client_type]=secret', 'filter[client_type]'],
    ['filter[name]=%00', 'filter[name]'],
    ['filter[unknown]=1', 'filter[unknown]'],
  ])('is refused for %s', async (query, parameter) => {
    const refused = await desk.get(`/oauth_clients?${query}`);
    expect([refused.status, pointersIn(refused)]).toEqual([422, [parameter]]);
  });

  const picked = (query: string, wanted: (n: number) => boolean) => ({ query, wanted });
  it.each([
    picked('filter[client_type]=public', (n) => n % 3 === 0),
    picked('filter[client_type]=confidential', (n) => n % 3 !== 0),
    picked('filter[verified]=true', (n) => n % 2 === 0),
    picked('filter[verified]=false', (n) => n % 2 === 1),
    picked('filter[allowed_grant_types][contains]=refresh_token', (n) => n % 5 === 0),
    picked('filter[name]=Client 7', (n) => n === 7),
    picked('filter[name]=client 7', () => false),
    picked('filter[name][contains]=IENT 1', (n) => String(n).startsWith('1')),
    picked('filter[name][contains]=%25', () => false),
    picked('filter[name][contains]=_', () => false),
    picked(`filter[client_id]=OQa${'2a'.padStart(31, '0')}`, (n) => n === 42),
    picked('filter[client_id]=nobody', () => false),
    picked('filter[verified]=true&filter[client_type]=public&filter[name][contains]=2', (n) =>
      [12, 24, 42].includes(n),
    ),
  ])('has only those of $query, all counted', async ({ query, wanted }) => {
    const expected = range(1, 45).filter(wanted);
    const answer = await desk.get(`/oauth_clients?page[size]=7&${query}`);
    expect(answer.body['meta']).toEqual(meta(1, 7, Math.ceil(expected.length / 7), expected.length));
    expect(numbers(answer)).toEqual(expected.slice(0, 7));
    expect(numbers(await desk.get(`/oauth_clients?page[size]=7&page[number]=2&${query}`))).toEqual(
      expected.slice(7, 14),
    );
  });

  it('has for an operator those of all organizations and of nobody', async () => {
    const [row] = await house.database.sql<Array<{ count: number }>>`select count(*)::int as count from oauth_clients`;
    const all = await operator.get('/oauth_clients?page[size]=100');
    expect(recordsIn(all)).toHaveLength(row?.count ?? 0);
    expect(all.body['meta']).toMatchObject({ total_results: row?.count });
    expect(recordsIn(all).filter(({ org_id }) => org_id === null)).toHaveLength(7);
    const part = await operator.get('/oauth_clients?filter[name]=Client 7');
    expect(part.body['meta']).toMatchObject({ total_results: 3 });
  });

  it('has for a parent those of all beneath it in one order', async () => {
    const child = await openTenant(house);
    await house.database.sql`
      update organizations set parent_sid = ${child.organizationSid} where sid = ${tenant.organizationSid}`;
    await fill(child.organizationSid, 10, 'OQd');
    const above = openDesk(house, child.key);
    const pages = await Promise.all(
      range(1, 6).map((page) => above.get(`/oauth_clients?page[size]=10&page[number]=${page}`)),
    );
    const records = pages.flatMap(recordsIn);
    expect(pages[0]?.body['meta']).toEqual(meta(1, 10, 6, 55));
    const keys = records.map(({ created_at, client_id }) => `${created_at} ${client_id}`);
    expect([keys.length, keys]).toEqual([55, [...new Set(keys)].sort()]);
  });

  it('counts what comes and goes at once', async () => {
    const total = async () => (await desk.get('/oauth_clients?page[size]=1')).body['meta'] as { total_results: number };
    const before = (await total()).total_results;
    const wish = { name: 'x', client_type: 'public', allowed_scopes: [], allowed_grant_types: [] };
    const made = await Promise.all(Array.from({ length: 6 }, () => desk.post('/oauth_clients', wish)));
    expect((await total()).total_results).toBe(before + 6);
    const ids = made.map(({ body }) => (body['data'] as { client_id: string }).client_id);
    await Promise.all(ids.slice(2).map((id) => desk.delete(`/oauth_clients/${id}`)));
    expect((await total()).total_results).toBe(before + 2);
  });
});
