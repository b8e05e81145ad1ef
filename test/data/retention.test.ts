import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Sql } from '../../src/store/index.ts';
import { connect } from '../../src/store/sql.ts';
import { sweepOnce } from '../../src/store/sweep.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { openHouse } from '../support/house.ts';
import { within } from '../support/within.ts';
import { countRows, insertRows, sweptTables } from './rows.ts';

const many = 20_000;
const few = 700;

describe('the sweep', () => {
  let database: TestDatabase;
  let nodes: readonly Sql[];
  beforeAll(async () => {
    database = await createDatabase();
    nodes = [1, 2].map(() => connect(database.target, 'sweep', adminSettings, { max: 1 }));
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.end()));
    await database.drop();
  });
  beforeEach(async () => {
    await database.sql.unsafe(`truncate ${sweptTables.join(', ')}`);
  });

  const [first, second] = [() => nodes[0] as Sql, () => nodes[1] as Sql];
  const counts = async (name: string, count: number) =>
    Promise.all(sweptTables.map((table) => countRows(database.sql, table, name, count)));

  it('deletes what expired more than an hour ago from every table, and nothing else', async () => {
    for (const table of sweptTables) {
      await insertRows(database.sql, table, 'old', few, '-61 minutes');
      await insertRows(database.sql, table, 'late', few, '-59 minutes');
      await insertRows(database.sql, table, 'live', few, '10 minutes');
    }
    const swept = await sweepOnce(first());
    expect(swept).toEqual(Object.fromEntries(sweptTables.map((table) => [table, few])));
    const all = sweptTables.map(() => few);
    expect(await counts('old', few)).toEqual(sweptTables.map(() => 0));
    expect([await counts('late', few), await counts('live', few)]).toEqual([all, all]);
  });

  it('knows every table that has an expiry', async () => {
    const rows = await database.sql<Array<{ name: string }>>`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name in ('expires_at', 'expire') order by 1`;
    // A client's secret ends with a rotation and is deleted by the next one.
    const kept = ['oauth_client_secrets'];
    expect(rows.map(({ name }) => name).filter((name) => !kept.includes(name))).toEqual([...sweptTables].sort());
  });

  it('is shared by two nodes at once, without an error and without a row that both delete', async () => {
    await insertRows(database.sql, 'artifacts', 'old', many, '-2 hours');
    await insertRows(database.sql, 'artifacts', 'live', many, '10 minutes');
    const shares = await Promise.all([sweepOnce(first()), sweepOnce(second())]);
    const [mine = 0, others = 0] = shares.map((share) => share['artifacts'] ?? 0);
    expect(mine + others).toBe(many);
    expect(Math.min(mine, others)).toBeGreaterThan(many / 10);
    expect(await countRows(database.sql, 'artifacts', 'live', many)).toBe(many);
  });

  it('passes by a row that somebody else holds, and takes it the next time', async () => {
    await insertRows(database.sql, 'artifacts', 'old', few, '-2 hours');
    await second().begin(async (holder) => {
      await holder`select from artifacts order by expires_at limit 1 for update`;
      expect(await sweepOnce(first())).toMatchObject({ artifacts: few - 1 });
    });
    expect(await sweepOnce(first())).toMatchObject({ artifacts: 1 });
  });

  it('spares a session that is renewed while it sweeps', async () => {
    await insertRows(database.sql, 'sessions', 'old', few, '-2 hours');
    await second().begin(async (holder) => {
      await holder`update sessions set expires_at = now() + interval '1 day'`;
      expect(await sweepOnce(first())).toMatchObject({ sessions: 0 });
    });
    expect(await sweepOnce(first())).toMatchObject({ sessions: 0 });
    expect(await countRows(database.sql, 'sessions', 'old', few)).toBe(few);
  });

  it('finds the expired rows by their index, where reading the table may seem quicker too', async () => {
    await insertRows(database.sql, 'artifacts', 'old', many, '-2 hours');
    await insertRows(database.sql, 'artifacts', 'live', few, '10 minutes');
    await database.sql.unsafe('analyze artifacts');
    await first().begin(async (transaction) => {
      const wholeScans = async () => {
        const [row] = await transaction<Array<{ scans: number }>>`
          select seq_scan::int as scans from pg_stat_xact_user_tables where relname = 'artifacts'`;
        return row?.scans ?? 0;
      };
      const before = await wholeScans();
      expect(await sweepOnce(transaction as unknown as Sql)).toMatchObject({ artifacts: many });
      expect((await wholeScans()) - before).toBe(0);
    });
  });
});

describe('a running server', () => {
  it('sweeps by itself', async () => {
    const house = await openHouse({ SWEEP_INTERVAL: '1' });
    try {
      await insertRows(house.database.sql, 'artifacts', 'old', few, '-2 hours');
      await insertRows(house.database.sql, 'artifacts', 'late', few, '-30 minutes');
      await within(8_000, async () => (await countRows(house.database.sql, 'artifacts', 'old', few)) === 0);
      expect(await countRows(house.database.sql, 'artifacts', 'late', few)).toBe(few);
    } finally {
      await house.close();
    }
  });
});
