import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import type { House } from '../support/house.ts';
import { askWithForm, askWithJson, basic, grant } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { type Crowd, from, newAddress, openCrowd, type Traveller, untilLimited } from './crowd.ts';

type Text = Readonly<Record<string, string>>;

let crowd: Crowd;
let other: House;
let client: Traveller;
beforeAll(async () => {
  crowd = await openCrowd();
  other = await crowd.openNode();
});
afterAll(() => crowd.close());

describe('a client that guesses secrets', () => {
  beforeAll(async () => {
    client = await crowd.makeTraveller();
  });

  it('is refused for a while, with the right secret too, at both addresses of the endpoint', async () => {
    const address = newAddress();
    expect(await untilLimited(() => client.guess(address))).toBe(4);
    for (const path of ['/oauth/token', '/v2/oauth/token', '/oauth/token?x=1', '/oauth/introspect', '/oauth/revoke']) {
      const { status, headers, body } = await client.attempt({ address, path, fields: { ...grant, token: 'x' } });
      expect([path, status]).toEqual([path, 429]);
      expect(body).toEqual({
        error: 'temporarily_unavailable',
        error_description: expect.stringMatching(/^Too many requests; try again in \d+ seconds\.$/),
      });
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it("is counted and refused at the addresses of Twilio's clients too, in their dialect", async () => {
    for (const path of ['/v1/token', '/v2/token']) {
      const address = newAddress();
      expect(await untilLimited(() => client.guess(address, { path }))).toBe(4);
      expect((await client.attempt({ address })).status).toBe(429);
      for (const query of ['', `?account_sid=AC${'0'.repeat(32)}`]) {
        const { status, headers, body } = await client.attempt({ address, path: path + query });
        expect([status, body['code'], body['status']]).toEqual([429, 20429, 429]);
        expect(body['message']).toMatch(/^Too many requests; try again in \d+ seconds\.$/);
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it('cannot go on by spelling its parameters otherwise', async () => {
    const address = newAddress();
    const ask = (ClientSecret: string) => {
      const fields = { GrantType: 'client_credentials', ClientId: client.clientId, ClientSecret };
      return askWithForm(`${crowd.house.address}/v1/token`, fields, from(address));
    };
    expect(await untilLimited(() => ask(newSecret()))).toBe(4);
    expect((await ask(client.clientSecret)).status).toBe(429);
    expect((await client.attempt({ address })).status).toBe(429);
  });

  it('locks nobody out at another address, nor another client at the same', async () => {
    const [address, elsewhere] = [newAddress(), newAddress()];
    await untilLimited(() => client.guess(address));
    expect((await client.attempt({ address: elsewhere })).status).toBe(200);
    const neighbour = await crowd.registry.makeClient();
    const fields = { ...grant, client_id: neighbour.clientId, client_secret: neighbour.clientSecret };
    expect((await askWithForm(`${crowd.house.address}/oauth/token`, fields, from(address))).status).toBe(200);
  });

  it('cannot go on by sending the secret another way', async () => {
    const address = newAddress();
    await untilLimited(() => client.guess(address));
    const url = `${crowd.house.address}/oauth/token`;
    const { clientId: id, clientSecret: secret } = client;
    const encoded = `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`;
    const ways = [
      askWithForm(url, grant, { ...basic(id, secret), ...from(address) }),
      askWithForm(url, grant, { ...basic(encoded, secret), ...from(address) }),
      askWithJson(url, { ...grant, client_id: id, client_secret: secret }, from(address)),
    ];
    expect((await Promise.all(ways)).map(({ status }) => status)).toEqual([429, 429, 429]);
  });

  it('cannot go on at another node for longer than one failure', async () => {
    const address = newAddress();
    await untilLimited(() => client.guess(address));
    await within(5_000, async () => {
      const [row] = await crowd.house.database
        .sql`select points from limits where key like ${`client-failures:${address} %`}`;
      return Number(row?.['points']) >= 4;
    });
    await client.guess(address, { node: other });
    await within(5_000, async () => (await client.attempt({ address, node: other })).status === 429);
  });

  it('is not saved by what X-Forwarded-For says in front of the proxy', async () => {
    const address = newAddress();
    let forged = 0;
    await untilLimited(() => {
      forged += 1;
      return client.guess(`10.0.0.${forged}, 203.0.113.1, ${address}`);
    });
    expect((await client.attempt({ address })).status).toBe(429);
  });

  it('is one client on all addresses of an IPv6 network', async () => {
    let host = 0;
    await untilLimited(() => {
      host += 1;
      return client.guess(`2001:db8:1:2::${host}`);
    });
    expect((await client.attempt({ address: '2001:db8:1:2:ffff::' })).status).toBe(429);
    expect((await client.attempt({ address: '2001:db8:1:3::1' })).status).toBe(200);
  });

  it('is never refused at an address that is listed', async () => {
    for (let times = 0; times < 15; times += 1) expect((await client.guess('203.0.113.9')).status).toBe(401);
  });
});

describe('an address', () => {
  beforeAll(async () => {
    client = await crowd.makeTraveller();
  });

  it('is refused when all clients there together fail too often, whatever they ask', async () => {
    const address = newAddress();
    const strangers = () =>
      askWithForm(
        `${crowd.house.address}/oauth/token`,
        { ...grant, client_id: newSecret(), client_secret: 'x' },
        from(address),
      );
    expect(await untilLimited(strangers)).toBe(9);
    for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/par']) {
      expect([path, (await client.attempt({ address, path })).status]).toEqual([path, 429]);
    }
    expect((await client.attempt({ address: newAddress() })).status).toBe(200);
  });

  it('is refused before anything is read of the body', async () => {
    const address = newAddress();
    await untilLimited(() =>
      askWithForm(
        `${crowd.house.address}/oauth/token`,
        { ...grant, client_id: newSecret(), client_secret: 'x' },
        from(address),
      ),
    );
    const unreadable = await askWithJson(`${crowd.house.address}/oauth/token`, 'not json', from(address));
    expect(unreadable.status).toBe(429);
  });

  it('may make mistakes and ask for good tokens as often as it likes', async () => {
    const address = newAddress();
    const send = (fields: Text) => client.attempt({ address, fields });
    for (let times = 0; times < 12; times += 1) {
      expect((await send(grant)).status).toBe(200);
      expect((await send({ ...grant, scope: 'unknown' })).body['error']).toBe('invalid_scope');
      expect((await send({ ...grant, resource: 'https://nowhere.example/' })).body['error']).toBe('invalid_target');
      expect((await send({})).body['error']).toBe('invalid_request');
    }
  });

  it('is counted for credentials that are missing, and for a Bearer where a client is meant', async () => {
    for (const headers of [{}, { authorization: `Bearer ${newSecret()}` }]) {
      const address = newAddress();
      const url = `${crowd.house.address}/oauth/token`;
      expect(
        await untilLimited(() => askWithForm(url, grant, { ...headers, ...from(address) })),
      ).toBeGreaterThanOrEqual(4);
    }
  });
});

describe('codes and refresh tokens that are none', () => {
  beforeAll(async () => {
    client = await crowd.makeTraveller({
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['https://app.example/callback'],
    });
  });

  it.each<[string, Text]>([
    ['a refresh token', { grant_type: 'refresh_token' }],
    [
      'a code',
      { grant_type: 'authorization_code', redirect_uri: 'https://app.example/callback', code_verifier: 'x'.repeat(43) },
    ],
  ])('are counted: %s', async (_what, fields) => {
    const address = newAddress();
    const send = () =>
      client.attempt({ address, fields: { ...fields, refresh_token: newSecret(), code: newSecret() } });
    expect((await send()).body['error']).toBe('invalid_grant');
    // The library answers first and is counted then, so one more may be under way.
    expect(await untilLimited(send)).toBeLessThanOrEqual(4);
  });
});
