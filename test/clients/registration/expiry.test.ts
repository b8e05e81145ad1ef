import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteIdleClients } from '../../../src/clients/index.ts';
import { type House, openHouse } from '../../support/house.ts';
import { askWithForm, askWithJson } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';

const day = 86_400_000;
const idleTtl = 90 * 86_400;

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function makeClient(): Promise<string> {
  const body = { redirect_uris: ['https://app.example.com/cb'], token_endpoint_auth_method: 'none' };
  return String((await askWithJson(`${house.issuer}/oauth/register`, body)).body['client_id']);
}

/** Any request that names the client uses it, good or not. */
const use = (clientId: string) =>
  askWithForm(`${house.issuer}/oauth/token`, { client_id: clientId, grant_type: 'authorization_code', code: 'x' });

async function lastUse(clientId: string): Promise<number | undefined> {
  const rows = await house.database.sql<Array<{ at: Date }>>`
    select used_at as at from last_uses where kind = 'client' and id = ${clientId}`;
  return rows[0]?.at.getTime();
}

const exists = async (clientId: string) =>
  (await house.database.sql`select from oauth_clients where client_id = ${clientId}`).count === 1;

describe('a client that registered itself', () => {
  it('has its use noted, at most once an hour', async () => {
    const clientId = await makeClient();
    await use(clientId);
    await within(10_000, async () => (await lastUse(clientId)) !== undefined);
    const first = await lastUse(clientId);
    house.moveClock(600_000);
    await use(clientId);
    house.moveClock(3_600_000);
    await use(clientId);
    await within(10_000, async () => ((await lastUse(clientId)) ?? 0) > (first ?? 0));
    expect(((await lastUse(clientId)) ?? 0) - (first ?? 0)).toBeGreaterThan(3_600_000);
  });

  it('ends when nobody used it for as long as is configured, and leaves a record', async () => {
    const [unused, used] = [await makeClient(), await makeClient()];
    await use(used);
    await within(10_000, async () => (await lastUse(used)) !== undefined);
    const { sql } = house.database;
    const long = new Date(Date.now() - 100 * day);
    await sql`update oauth_clients set created_at = ${long}`;
    expect(await deleteIdleClients(sql, idleTtl, Date.now())).toBeGreaterThanOrEqual(1);
    expect([await exists(unused), await exists(used)]).toEqual([false, true]);
    const [event] = await sql`select action, actor_type from audit_events where target_id = ${unused} order by id desc`;
    expect(event).toEqual({ action: 'client.expired', actor_type: 'system' });
    const [revocation] = await sql`select kind from revocations where subject = ${unused}`;
    expect(revocation).toEqual({ kind: 'client' });
    expect(await deleteIdleClients(sql, idleTtl, Date.now() + 200 * day)).toBeGreaterThanOrEqual(1);
    expect([await exists(used), await lastUse(used)]).toEqual([false, undefined]);
  });

  it('takes the note of its last use along when it is deleted', async () => {
    const clientId = await makeClient();
    await use(clientId);
    await within(10_000, async () => (await lastUse(clientId)) !== undefined);
    await house.database.sql`delete from oauth_clients where client_id = ${clientId}`;
    expect(await lastUse(clientId)).toBeUndefined();
  });

  it('ends in batches, and those that an admin made never do', async () => {
    const { sql } = house.database;
    await sql`
      insert into oauth_clients (client_id, name, origin, client_type, token_endpoint_auth_method, allowed_grant_types,
        allowed_scopes, allowed_resources, redirect_uris, created_at)
      select 'https://old.example/' || n, 'Old', 'document', 'public', 'none', '{}', '{}', '{}', '{}', now() - interval '1 year'
      from generate_series(1, 250) n`;
    await sql`update oauth_clients set created_at = now() - interval '1 year'`;
    expect(await deleteIdleClients(sql, idleTtl, Date.now())).toBe(250);
    expect(await exists(house.demo.client_id)).toBe(true);
  });
});
