import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type House, openHouse } from '../support/house.ts';

describe('a machine client gets a token', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  it('by HTTP Basic, and a resource server verifies it by JWKS', async () => {
    const { client_id: id, client_secret: secret } = house.demo;
    const response = await fetch(`${house.issuer}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(response.status).toBe(200);
    const body = (await response.json()) as { access_token: string; token_type: string; expires_in: number };
    const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
    const { payload, protectedHeader } = await jwtVerify(body.access_token, keys, {
      issuer: house.issuer,
      audience: house.issuer,
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload['client_id']).toBe(id);
    expect(payload.sub).toBe(id);
  });
});
