import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { askWithForm, basic, grant, tokenOf } from '../support/tokens.ts';

const resource = 'https://opaque.example';

let house: House;
let registry: Registry;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  await registry.makeResource({ identifier: resource, tokenFormat: 'opaque', accessTokenTtl: 300 });
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

interface Row {
  readonly kind: string;
  readonly client_id: string;
  readonly id_hash: Buffer;
  readonly payload_sealed: Buffer;
  readonly lifetime: number;
}

async function issue() {
  const client = await registry.makeClient();
  const answer = await askWithForm(
    `${house.issuer}/oauth/token`,
    { ...grant, resource },
    basic(client.clientId, client.clientSecret),
  );
  const rows = await house.database.sql<Row[]>`
    select kind, client_id, id_hash, payload_sealed, extract(epoch from expires_at - created_at)::float as lifetime
    from artifacts where client_id = ${client.clientId}`;
  return { client, answer, token: tokenOf(answer), rows };
}

describe('an opaque token', () => {
  it('says nothing by itself', async () => {
    const { token, answer, client } = await issue();
    expect(token).toMatch(/^[\w-]{43,}$/);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain(client.clientId);
    expect(answer.body['expires_in']).toBe(300);
  });

  it('is kept as its hash, with a sealed payload and its end', async () => {
    const { token, rows, client } = await issue();
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row?.kind).toBe('ClientCredentials');
    expect(row?.id_hash.equals(hashSecret(token))).toBe(true);
    expect(row?.lifetime).toBeCloseTo(300, 0);
    // Version 1 of the sealing, so AES-GCM: nothing of what the library put into the payload shows.
    expect(row?.payload_sealed[0]).toBe(1);
    for (const word of [token, resource, 'read', client.clientId, '"iat"', 'scope']) {
      expect(row?.payload_sealed.includes(word)).toBe(false);
    }
  });

  it('stands nowhere in the whole database', async () => {
    const { token } = await issue();
    const { sql } = house.database;
    const tables = await sql<Array<{ name: string }>>`
      select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
    expect(tables.length).toBeGreaterThan(15);
    const spellings = [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')];
    for (const { name } of tables) {
      for (const spelling of spellings) {
        const rows = await sql<Array<{ found: number }>>`
          select count(*)::int as found from ${sql(name)} t where t::text like ${`%${spelling}%`}`;
        expect([name, rows[0]?.found]).toEqual([name, 0]);
      }
    }
  });

  it('is another one each time', async () => {
    expect((await issue()).token).not.toBe((await issue()).token);
  });
});
