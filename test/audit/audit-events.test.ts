import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportEvents } from '../../src/audit/store.ts';
import { connect } from '../../src/store/sql.ts';
import { adminSettings } from '../support/database.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { type Manage, makeTenant, managerOf, recordsOf, type Tenant } from '../support/tenants.ts';
import { within } from '../support/within.ts';

let house: House;
let registry: Registry;
let residents: Residents;
let manage: Manage;
let tenant: Tenant;
let theirs: Manage;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  residents = await openResidents(house);
  manage = managerOf(house.issuer, house.demo['api_key'] ?? '');
  tenant = await makeTenant({ house, registry, residents });
  theirs = managerOf(house.issuer, tenant.key);
});
afterAll(async () => {
  await residents.close();
  await registry.close();
  await house.close();
});

/** Appends events of a kind, one minute after the other. */
async function makeEvents(action: string, count: number, organizationSid: string | null = house.demo.organization_sid) {
  await house.database.sql`
    insert into audit_events (at, action, actor_type, actor_id, target_type, target_id, organization_sid, address, detail)
    select '2026-01-01T00:00:00Z'::timestamptz + make_interval(mins => n), ${action}, 'user', 'US' || n, 'thing',
      n::text, ${organizationSid}, '192.0.2.1', jsonb_build_object('n', n)
    from generate_series(1, ${count}::int) n`;
}

type Events = ReturnType<typeof recordsOf>;
const list = async (query: string, who = manage) => recordsOf(await who('GET', `/audit_events?${query}`));
const numbers = (events: Events) => events.map(({ detail }) => (detail as { readonly n: number }).n);

async function exported(query: string, who = manage): Promise<Events> {
  const answer = await who('GET', `/audit_events/export?${query}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('application/x-ndjson'),
  ]);
  expect(answer.text === '' || answer.text.endsWith('\n')).toBe(true);
  return answer.text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Events[number]);
}

describe('the audit log', () => {
  it('says who did what to which thing, from where', async () => {
    await makeEvents('thing.made', 1);
    expect(await list('filter[action]=thing.made')).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        record_type: 'audit_event',
        action: 'thing.made',
        actor: { type: 'user', id: 'US1' },
        target: { type: 'thing', id: '1' },
        org_id: house.demo.organization_sid,
        address: '192.0.2.1',
        request_id: null,
        detail: { n: 1 },
        created_at: '2026-01-01T00:01:00.000Z',
      },
    ]);
  });

  it('is read oldest first, or newest first on demand, with exact totals', async () => {
    await makeEvents('thing.turned', 5);
    const query = 'filter[action]=thing.turned&page[size]=2';
    expect(numbers(await list(query))).toEqual([1, 2]);
    expect(numbers(await list(`${query}&page[number]=3`))).toEqual([5]);
    expect(numbers(await list(`${query}&sort=-created_at`))).toEqual([5, 4]);
    const { body } = await manage('GET', `/v2/audit_events?${query}&page[number]=9`);
    expect(body).toEqual({ data: [], meta: { page_number: 9, page_size: 2, total_pages: 3, total_results: 5 } });
  });

  it('is filtered by all that an event says, each alone and together', async () => {
    await makeEvents('thing.lost', 4);
    const of = async (query: string) => numbers(await list(`filter[action]=thing.lost&${query}`));
    expect(await of('filter[actor_id]=US2')).toEqual([2]);
    expect(await of('filter[target_id]=3')).toEqual([3]);
    expect(await of('filter[target_type]=thing')).toEqual([1, 2, 3, 4]);
    expect(await of('filter[target_type]=other')).toEqual([]);
    expect(await of(`filter[org_id]=${tenant.organizationSid}`)).toEqual([]);
    expect(await of('filter[since]=2026-01-01T00:02:00Z&filter[until]=2026-01-01T00:04:00Z')).toEqual([2, 3]);
    expect(await of('filter[since]=2026-01-01T01:03:00%2B01:00')).toEqual([3, 4]);
    expect(await of('filter[actor_id]=US2&filter[target_id]=3')).toEqual([]);
  });

  it('refuses filters that say nothing, naming each', async () => {
    const wrong =
      'filter[since]=yesterday&filter[until]=2026-13-01T00:00:00Z&filter[org_id]=x&sort=name&filter[what]=x';
    const { status, body } = await manage('GET', `/audit_events?${wrong}`);
    expect(status).toBe(422);
    const errors = body['errors'] as ReadonlyArray<{ readonly source: { readonly parameter: string } }>;
    expect(errors.map(({ source }) => source.parameter).toSorted()).toEqual([
      'filter[org_id]',
      'filter[since]',
      'filter[until]',
      'filter[what]',
      'sort',
    ]);
  });

  it('shows an organization its own events, and those of nobody to operators only', async () => {
    await makeEvents('thing.shared', 2, tenant.organizationSid);
    await makeEvents('thing.shared', 3);
    await makeEvents('thing.shared', 4, null);
    const totalOf = async (who: Manage) =>
      ((await who('GET', '/audit_events?filter[action]=thing.shared')).body['meta'] as { total_results: number })
        .total_results;
    expect([await totalOf(manage), await totalOf(theirs)]).toEqual([9, 2]);
    expect(await exported('filter[action]=thing.shared', theirs)).toHaveLength(2);
    expect(await list(`filter[org_id]=${house.demo.organization_sid}`, theirs)).toEqual([]);
    expect(new Set((await list('page[size]=100', theirs)).map((event) => event['org_id']))).toEqual(
      new Set([tenant.organizationSid]),
    );
  });

  it('takes the scope audit:read', async () => {
    const key = await residents.makeKey(tenant.user.sid, ['clients:read'], tenant.organizationSid);
    const without = managerOf(house.issuer, key);
    expect((await without('GET', '/audit_events')).status).toBe(403);
    expect((await without('GET', '/audit_events/export')).status).toBe(403);
  });
});

describe('the export', () => {
  it('has every event once, oldest first, over many batches, each line as the list has it', async () => {
    await makeEvents('thing.many', 1_501);
    const events = await exported('filter[action]=thing.many');
    expect(numbers(events)).toEqual(Array.from({ length: 1_501 }, (_, index) => index + 1));
    expect(events.slice(0, 100)).toEqual(await list('filter[action]=thing.many&page[size]=100'));
  });

  it('of nothing is empty', async () => {
    expect(await exported('filter[action]=never.done')).toEqual([]);
  });

  it('asks the database for no more than is read: a batch at a time', async () => {
    await makeEvents('thing.slow', 1_501);
    let queries = 0;
    const sql = connect(house.database.target, 'tokens', adminSettings, {
      fetch_types: false,
      debug: (_connection, query) => {
        queries += query.includes('from audit_events') ? 1 : 0;
      },
    });
    const caller = { reach: 'everything' } as Parameters<typeof exportEvents>[1];
    const events = (await exportEvents(sql, caller, { 'filter[action]': 'thing.slow' }))[Symbol.asyncIterator]();
    const read = async (count: number) => {
      for (let left = count; left > 0; left -= 1) expect((await events.next()).done).toBe(false);
      return queries;
    };
    // One asks for the end of the log.
    expect([await read(500), await read(1), await read(499), await read(501)]).toEqual([2, 3, 3, 5]);
    expect((await events.next()).done).toBe(true);
    await sql.end();
  });

  it('holds no connection while somebody reads slowly, and others are answered meanwhile', async () => {
    const { sql } = house.database;
    await sql`
      insert into audit_events (action, actor_type, target_type, target_id, organization_sid, detail)
      select 'thing.large', 'system', 'thing', n::text, ${house.demo.organization_sid},
        jsonb_build_object('text', repeat('x', 4000))
      from generate_series(1, 6000) n`;
    const readers = await Promise.all(
      Array.from({ length: 12 }, () =>
        fetch(`${house.issuer}/audit_events/export?filter[action]=thing.large`, {
          headers: { authorization: `Bearer ${house.demo['api_key']}` },
        }),
      ),
    );
    // Nobody has read a byte; the pool has ten connections.
    expect((await manage('GET', '/audit_events?page[size]=1')).status).toBe(200);
    await within(10_000, async () => {
      const [busy] = await sql<Array<{ count: number }>>`
        select count(*)::int from pg_stat_activity
        where datname = current_database() and application_name = 'countersign tokens' and state <> 'idle'`;
      return busy?.count === 0;
    });
    const [first, ...others] = readers;
    await Promise.all(others.map(({ body }) => body?.cancel()));
    expect((await first?.text())?.split('\n')).toHaveLength(6_001);
  });
});
