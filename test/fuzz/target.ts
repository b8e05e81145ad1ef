import { expect } from '@jest/globals';
import { freePort, type House, openHouse } from '../support/house.ts';
import { type RawAnswer, type RawOptions, sendRaw } from '../support/raw-request.ts';
import { askWithForm, basic, grant, send } from '../support/tokens.ts';

/** A server under attack, and what must hold for it however it is attacked. */
export interface Target {
  readonly house: House;
  /** Sends one hostile request, with every fiftieth a good one, and checks what holds for each answer. */
  attack(bytes: string | Uint8Array, options?: RawOptions): Promise<RawAnswer>;
  /** Checks what holds after all of it, where some of the requests may have been good ones. */
  expectServing(): Promise<void>;
  /** Checks that, and that nothing is left of any request. */
  expectUnharmed(): Promise<void>;
  close(): Promise<void>;
}

/** What a refused request may write: who did what, when a key was used, and that an assertion has been seen. */
const mayChange = new Set(['audit_events', 'last_uses', 'limits', 'replays']);

/** A checksum of each table that no refused request may change. */
async function fingerprint({ database: { sql } }: House): Promise<Readonly<Record<string, string>>> {
  const tables = await sql<Array<{ name: string }>>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  const prints: Record<string, string> = {};
  for (const { name } of tables.filter((table) => !mayChange.has(table.name))) {
    const rows = await sql<Array<{ print: string }>>`
      select coalesce(md5(string_agg(t::text, ',' order by t::text)), 'empty') as print from ${sql(name)} t`;
    prints[name] = rows[0]?.print ?? '';
  }
  return prints;
}

async function serveGoodClient(house: House): Promise<void> {
  const started = performance.now();
  const { client_id: id, client_secret: secret } = house.demo;
  const { status } = await askWithForm(`${house.address}/oauth/token`, grant, basic(id, secret));
  expect(status).toBe(200);
  expect(performance.now() - started).toBeLessThan(1000);
}

/** The server's own count of its 5xx, also of those whose answer nobody stayed for. */
async function countServerErrors(admin: string): Promise<string[]> {
  const { text } = await send(`${admin}/metrics`);
  expect(text).toContain('countersign_http_request_duration_seconds_count');
  return text.split('\n').filter((line) => /_duration_seconds_count\{.*status="5/.test(line));
}

/**
 * Opens a house to attack. Its request timeout is short, so that unfinished requests end within the test.
 * @param prepare what the attack needs in the database, made before its state is taken down.
 */
export async function openTarget(prepare: (house: House) => Promise<void> = async () => undefined): Promise<Target> {
  const adminPort = await freePort();
  const house = await openHouse({ ADMIN_PORT: String(adminPort), REQUEST_TIMEOUT: '2' });
  await prepare(house);
  await serveGoodClient(house);
  const before = await fingerprint(house);
  let attacks = 0;
  const expectServing = async () => {
    expect(await countServerErrors(`http://127.0.0.1:${adminPort}`)).toEqual([]);
    await serveGoodClient(house);
  };
  return {
    house,
    expectServing,
    async attack(bytes, options) {
      attacks += 1;
      if (attacks % 50 === 0) await serveGoodClient(house);
      const answer = await sendRaw(house.address, bytes, options);
      expect(answer.status).toBeLessThan(500);
      // Nothing makes it think for long; other work on the machine may make it wait.
      expect(answer.took).toBeLessThan(5000);
      return answer;
    },
    async expectUnharmed() {
      expect(await fingerprint(house)).toEqual(before);
      await expectServing();
    },
    close: () => house.close(),
  };
}
