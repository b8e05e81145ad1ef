import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk, openTenant, recordIn } from '../support/management.ts';
import { askWithForm, basic, grant } from '../support/tokens.ts';
import { within } from '../support/within.ts';

let house: House;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
  desk = openDesk(house, (await openTenant(house)).key);
});
afterAll(() => house.close());

/** Milliseconds in which every node has heard of a change. */
const soon = 10_000;
const day = 86_400_000;

interface Secret {
  readonly id: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

async function make(wish: object = {}) {
  const made = await desk.post('/oauth_clients', {
    name: 'A machine',
    client_type: 'confidential',
    allowed_scopes: [],
    allowed_grant_types: ['client_credentials'],
    ...wish,
  });
  const { client_id, client_secret } = recordIn(made);
  return { id: String(client_id), secret: String(client_secret), path: `/oauth_clients/${client_id}/secrets` };
}

const works = async (id: string, secret: string) =>
  (await askWithForm(`${house.issuer}/oauth/token`, grant, basic(id, secret))).status === 200;

const secretsOf = (record: Readonly<Record<string, unknown>>) => record['secrets'] as readonly Secret[];

it('a new secret is shown once, and the one before it works on for a day', async () => {
  const { id, secret: first, path } = await make();
  const rotated = await desk.post(path);
  expect(rotated.status).toBe(201);
  const second = String(recordIn(rotated)['client_secret']);
  expect(second).not.toBe(first);
  const [older, current, ...more] = secretsOf(recordIn(rotated));
  expect([current?.expires_at, more]).toEqual([null, []]);
  const left = Date.parse(older?.expires_at ?? '') - Date.now();
  expect(left).toBeGreaterThan(day - 60_000);
  expect(left).toBeLessThanOrEqual(day + 60_000);
  await within(soon, () => works(id, second));
  expect(await works(id, first)).toBe(true);
  const read = await desk.get(`/oauth_clients/${id}`);
  expect(recordIn(read)['client_secret']).toBeNull();
  expect(read.text).not.toContain(second);
  house.moveClock(day + 60_000);
  expect(await works(id, first)).toBe(false);
  expect(await works(id, second)).toBe(true);
  house.moveClock(-day - 60_000);
});

it('at most two secrets live, however many rotations there are at once', async () => {
  const { id, secret: first, path } = await make();
  const rotations = await Promise.all(Array.from({ length: 5 }, () => desk.post(path)));
  expect(rotations.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  const live = secretsOf(recordIn(await desk.get(`/oauth_clients/${id}`)));
  expect(live.map(({ expires_at }) => expires_at === null)).toEqual([false, true]);
  const secrets = [first, ...rotations.map((rotation) => String(recordIn(rotation)['client_secret']))];
  await within(soon, async () => {
    const working = await Promise.all(secrets.map((secret) => works(id, secret)));
    return working.filter(Boolean).length === 2;
  });
});

it('the older secret can be retired early, the current one never', async () => {
  const { id, secret: first, path } = await make();
  const [only] = secretsOf(recordIn(await desk.get(`/oauth_clients/${id}`)));
  expect((await desk.delete(`${path}/${only?.id}`)).status).toBe(422);
  const rotated = recordIn(await desk.post(path));
  const [older, current] = secretsOf(rotated);
  expect((await desk.delete(`${path}/${current?.id}`)).status).toBe(422);
  const retired = await desk.delete(`${path}/${older?.id}`);
  expect([retired.status, retired.text]).toEqual([204, '']);
  await within(soon, async () => !(await works(id, first)));
  expect(await works(id, String(rotated['client_secret']))).toBe(true);
  expect((await desk.delete(`${path}/${older?.id}`)).status).toBe(404);
  expect((await desk.delete(`${path}/nothing`)).status).toBe(404);
  const events = await house.database.sql<Array<{ action: string; detail: string }>>`
    select action, detail::text as detail from audit_events where target_id = ${id} order by id`;
  expect(events.map(({ action }) => action)).toEqual([
    'client.created',
    'client.secret_rotated',
    'client.secret_retired',
  ]);
  expect(JSON.stringify(events)).not.toContain(String(rotated['client_secret']));
});

it('a secret of one client cannot be retired by way of another', async () => {
  const [one, other] = [await make(), await make()];
  const [older] = secretsOf(recordIn(await desk.post(one.path)));
  expect((await desk.delete(`${other.path}/${older?.id}`)).status).toBe(404);
  expect(secretsOf(recordIn(await desk.get(`/oauth_clients/${one.id}`)))).toHaveLength(2);
});

it('a client that does not authenticate by a secret gets none', async () => {
  const { path } = await make({ client_type: 'public' });
  const refused = await desk.post(path);
  expect(refused.status).toBe(422);
  expect(refused.text).not.toContain('client_secret"');
});

it('one that turns to secrets later gets its first one by rotation', async () => {
  const { id, path } = await make({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://keys.example/' });
  expect(secretsOf(recordIn(await desk.get(`/oauth_clients/${id}`)))).toEqual([]);
  await desk.put(`/oauth_clients/${id}`, { token_endpoint_auth_method: 'client_secret_basic', jwks_uri: null });
  const secret = String(recordIn(await desk.post(path))['client_secret']);
  await within(soon, () => works(id, secret));
});
