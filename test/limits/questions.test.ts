import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import { askWithForm, tokenOf } from '../support/tokens.ts';
import { openTenants } from '../tokens/tenants.ts';
import { type Attempt, type Crowd, from, newAddress, openCrowd, type Traveller, untilLimited } from './crowd.ts';

let crowd: Crowd;
let client: Traveller;
beforeAll(async () => {
  crowd = await openCrowd();
});
afterAll(() => crowd.close());

describe('introspection', () => {
  beforeAll(async () => {
    client = await crowd.makeTraveller();
  });
  const inspect = (address: string, token: string, more: Partial<Attempt> = {}) =>
    client.attempt({ address, path: '/oauth/introspect', fields: { token }, ...more });

  it('is limited for who asks about tokens that are none, at whatever address', async () => {
    const answered = await untilLimited(() => inspect(newAddress(), newSecret()));
    expect(answered).toBe(4);
    const good = tokenOf(await client.attempt({ address: newAddress() }));
    for (const path of ['/oauth/introspect', '/v2/oauth/introspect', '/oauth/introspect?x=1']) {
      expect([path, (await inspect(newAddress(), good, { path })).status]).toEqual([path, 429]);
    }
    expect((await client.attempt({ address: newAddress() })).status).toBe(200);
    expect((await inspect('203.0.113.1', good)).status).toBe(200);
  });

  it('is not limited for who asks about tokens that count', async () => {
    client = await crowd.makeTraveller();
    const good = tokenOf(await client.attempt({ address: newAddress() }));
    for (let times = 0; times < 12; times += 1) expect((await inspect(newAddress(), good)).body['active']).toBe(true);
  });

  it('counts for an API key too, and wrong API keys for their address', async () => {
    const key = await openTenants(crowd.house).makeApiKey(crowd.house.demo.organization_sid, ['tokens:introspect']);
    const ask = (address: string, credential: string) =>
      askWithForm(
        `${crowd.house.address}/oauth/introspect`,
        { token: newSecret() },
        { authorization: `Bearer ${credential}`, ...from(address) },
      );
    expect(await untilLimited(() => ask(newAddress(), key))).toBe(4);
    const address = newAddress();
    expect(await untilLimited(() => ask(address, `${key.slice(0, 35)}${newSecret()}`))).toBe(4);
  });
});

describe('pushed authorization requests', () => {
  it('are counted for their address, good or bad', async () => {
    client = await crowd.makeTraveller({
      allowedGrantTypes: ['authorization_code'],
      redirectUris: ['https://app.example/callback'],
    });
    const address = newAddress();
    const fields = {
      response_type: 'code',
      redirect_uri: 'https://app.example/callback',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    };
    const push = () => client.attempt({ address, path: '/oauth/par', fields });
    expect((await push()).status).toBe(201);
    expect(await untilLimited(push)).toBe(3);
    expect((await client.attempt({ address: newAddress(), path: '/oauth/par', fields })).status).toBe(201);
  });
});
