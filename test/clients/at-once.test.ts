import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk, openTenant, recordIn } from '../support/management.ts';

let house: House;
let other: House;
let admins: readonly Desk[];
beforeAll(async () => {
  house = await openHouse();
  other = await openHouse({}, house);
  const { key } = await openTenant(house);
  // Two admins at two nodes.
  admins = [openDesk({ issuer: house.address }, key), openDesk({ issuer: other.address }, key)];
});
afterAll(async () => {
  await other.close();
  await house.close();
});

const [one, two] = [() => admins[0] as Desk, () => admins[1] as Desk];

async function make(): Promise<string> {
  const made = await one().post('/oauth_clients', {
    name: 'A machine',
    client_type: 'confidential',
    allowed_scopes: ['read'],
    allowed_grant_types: ['client_credentials'],
  });
  return `/oauth_clients/${recordIn(made)['client_id']}`;
}

it('two admins who change different members at once both have their way', async () => {
  const changes = [
    { name: 'Renamed' },
    { allowed_scopes: ['read', 'write'] },
    { redirect_uris: ['https://app.example/cb'] },
    { access_token_ttl: 90 },
    { web_origins: ['https://app.example'] },
    { require_pkce: false },
    { refresh_token_ttl: 900 },
    { logo_uri: 'https://app.example/logo.png' },
  ];
  for (let round = 0; round < 5; round += 1) {
    const path = await make();
    const answers = await Promise.all(changes.map((change, index) => (index % 2 ? one() : two()).put(path, change)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect(recordIn(await one().get(path))).toMatchObject(Object.assign({}, ...changes));
  }
});

it('of two who change what they have both read, by If-Match, one is told that it is another one now', async () => {
  const path = await make();
  for (let round = 0; round < 5; round += 1) {
    const etag = (await one().get(path)).headers.get('etag') ?? '';
    const headers = { 'if-match': etag };
    const answers = await Promise.all([
      one().put(path, { name: `One ${round}` }, headers),
      two().put(path, { name: `Two ${round}` }, headers),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = answers.find(({ status }) => status === 200);
    expect(recordIn(await one().get(path))['name']).toBe(recordIn(winner as never)['name']);
    const loser = answers.find(({ status }) => status === 412);
    expect([loser?.body['error'], loser?.headers.get('etag')]).toEqual([
      'invalid_request',
      winner?.headers.get('etag'),
    ]);
  }
});

it('If-Match guards every other change too, a rotation as well', async () => {
  const path = await make();
  const stale = { 'if-match': (await one().get(path)).headers.get('etag') ?? '' };
  expect((await two().post(`${path}/secrets`)).status).toBe(201);
  for (const answer of [
    await one().put(path, {}, stale),
    await one().post(`${path}/secrets`, undefined, stale),
    await one().post(`${path}/disable`, undefined, stale),
    await one().delete(path, stale),
  ]) {
    expect(answer.status).toBe(412);
  }
  expect(recordIn(await two().get(path))['status']).toBe('active');
});

it('of two who delete a client at once one does, and nobody fails', async () => {
  const path = await make();
  const answers = await Promise.all([one().delete(path), two().delete(path), one().put(path, { name: 'Late' })]);
  expect(
    answers
      .slice(0, 2)
      .map(({ status }) => status)
      .sort(),
  ).toEqual([204, 404]);
  expect([200, 404]).toContain(answers[2]?.status);
  expect((await one().get(path)).status).toBe(404);
});
