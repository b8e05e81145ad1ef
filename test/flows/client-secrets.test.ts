import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type Answer, askWithForm, basic, grant } from '../support/tokens.ts';
import { within } from '../support/within.ts';

let house: House;
let registry: Registry;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

const ask = (id: string, secret: string) => askWithForm(`${house.issuer}/oauth/token`, grant, basic(id, secret));
const works = async (id: string, secret: string) => (await ask(id, secret)).status === 200;

/** Everything of an answer that an attacker could compare; the request's own id and the time are left out. */
function visible({ status, text, headers }: Answer) {
  const rest = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return { status, text, headers: rest };
}

describe('the secret of a client', () => {
  it('stands nowhere in the database, only its SHA-256', async () => {
    const { clientId, clientSecret } = await registry.makeClient();
    const rows = await house.database.sql<Array<{ hash: Buffer }>>`
      select secret_hash as hash from oauth_client_secrets where client_id = ${clientId}`;
    expect(rows.map(({ hash }) => hash.equals(hashSecret(clientSecret)))).toEqual([true]);
    const { sql } = house.database;
    const tables = await sql<Array<{ name: string }>>`
      select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
    for (const { name } of tables) {
      for (const spelling of [clientSecret, Buffer.from(clientSecret).toString('hex')]) {
        const found = await sql`select from ${sql(name)} t where t::text like ${`%${spelling}%`}`;
        expect([name, found.count]).toEqual([name, 0]);
      }
    }
  });

  it('has 256 random bits', async () => {
    const made = await Promise.all([registry.makeClient(), registry.makeClient()]);
    const [one, other] = made.map(({ clientSecret }) => clientSecret);
    expect(Buffer.from(one ?? '', 'base64url')).toHaveLength(32);
    expect(one).not.toBe(other);
  });

  it('is worth nothing when a character is missing, added, or in another case', async () => {
    const { clientId, clientSecret } = await registry.makeClient();
    expect(await works(clientId, clientSecret)).toBe(true);
    const swapped =
      clientSecret === clientSecret.toLowerCase() ? clientSecret.toUpperCase() : clientSecret.toLowerCase();
    for (const wrong of [
      clientSecret.slice(0, -1),
      clientSecret.slice(1),
      `${clientSecret}x`,
      `${clientSecret} `,
      swapped,
    ]) {
      expect((await ask(clientId, wrong)).status).toBe(401);
    }
  });

  it('of one client is worth nothing for another', async () => {
    const [one, other] = [await registry.makeClient(), await registry.makeClient()];
    expect((await ask(one.clientId, other.clientSecret)).status).toBe(401);
  });

  it('is not its hash', async () => {
    const { clientId, clientSecret } = await registry.makeClient();
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect((await ask(clientId, hashSecret(clientSecret).toString(encoding))).status).toBe(401);
    }
    expect((await ask(clientId, 'kept as a hash')).status).toBe(401);
  });
});

describe('the rotation of a secret', () => {
  it('lets the old secret work on beside the new one until its overlap ends', async () => {
    const { clientId, clientSecret: old } = await registry.makeClient();
    expect(await works(clientId, old)).toBe(true);
    const fresh = await registry.rotate(clientId, 60);
    await within(1000, () => works(clientId, fresh));
    expect(await works(clientId, old)).toBe(true);
    house.moveClock(58_000);
    expect([await works(clientId, old), await works(clientId, fresh)]).toEqual([true, true]);
    house.moveClock(3_000);
    expect([await works(clientId, old), await works(clientId, fresh)]).toEqual([false, true]);
    house.moveClock(-61_000);
  });

  it('ends the oldest secret at once when a third comes, overlap or not', async () => {
    const { clientId, clientSecret: first } = await registry.makeClient();
    expect(await works(clientId, first)).toBe(true);
    const second = await registry.rotate(clientId, 86_400);
    const third = await registry.rotate(clientId, 86_400);
    await within(1000, () => works(clientId, third));
    expect([await works(clientId, first), await works(clientId, second), await works(clientId, third)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('without an overlap ends the old secret at once', async () => {
    const { clientId, clientSecret: old } = await registry.makeClient();
    const fresh = await registry.rotate(clientId, 0);
    await within(1000, () => works(clientId, fresh));
    expect([await works(clientId, old), await works(clientId, fresh)]).toEqual([false, true]);
  });

  it('twice at the same moment leaves at most two secrets', async () => {
    const { clientId, clientSecret: first } = await registry.makeClient();
    const beside = await openRegistry(house);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([registry.rotate(clientId, 60), beside.rotate(clientId, 60)]);
      const live = await house.database.sql`select from oauth_client_secrets where client_id = ${clientId}`;
      expect(live.count).toBe(2);
    }
    await beside.close();
    await within(1000, async () => !(await works(clientId, first)));
  });

  it('is refused for a client that has no secrets, and leaves it without', async () => {
    const { clientId } = await registry.makeClient({ clientType: 'public' });
    await expect(registry.rotate(clientId, 60)).rejects.toMatchObject({ code: 'not_found' });
    await expect(registry.rotate('OQ00000000000000000000000000000000', 60)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('whoever guesses clients', () => {
  it('cannot tell an unknown client from a wrong secret', async () => {
    const { clientId } = await registry.makeClient();
    const wrong = await ask(clientId, 'wrong');
    const unknown = await ask('OQ00000000000000000000000000000000', 'wrong');
    expect(wrong.status).toBe(401);
    expect(visible(unknown)).toEqual(visible(wrong));
  });

  it('cannot tell them apart with credentials in the body either', async () => {
    const { clientId } = await registry.makeClient();
    const guess = (client_id: string) =>
      askWithForm(`${house.issuer}/oauth/token`, { ...grant, client_id, client_secret: 'wrong' });
    const wrong = await guess(clientId);
    expect(wrong.status).toBe(401);
    expect(visible(await guess('OQ00000000000000000000000000000000'))).toEqual(visible(wrong));
  });

  it('cannot tell a suspended client, or one that has no secret, from an unknown one', async () => {
    const suspended = await registry.makeClient();
    await house.database.sql`update oauth_clients set standing = 'suspended' where client_id = ${suspended.clientId}`;
    const open = await registry.makeClient({ clientType: 'public' });
    const unknown = visible(await ask('OQ00000000000000000000000000000000', 'wrong'));
    expect(visible(await ask(suspended.clientId, suspended.clientSecret))).toEqual(unknown);
    expect(visible(await ask(open.clientId, 'wrong'))).toEqual(unknown);
  });

  it.each(['constructor', '__proto__', "' or 1=1 --", '%', 'OQ%25', '../OQ', ' '])(
    'gets nothing for the client id "%s"',
    async (id) => {
      const answer = await ask(encodeURIComponent(id), 'wrong');
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
    },
  );
});
