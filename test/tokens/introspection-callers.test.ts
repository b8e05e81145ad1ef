import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { askWithJson, assertionType, basic, goodClaims, makeKey, send, signAssertion } from '../support/tokens.ts';
import { asClient, introspect, isActive, machineToken, type SecretClient } from './questions.ts';

describe('POST /oauth/introspect', () => {
  let house: House;
  let registry: Registry;
  let owner: SecretClient;
  let stranger: SecretClient;
  const resource = 'https://api.example/asked-about';
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    owner = await registry.makeClient();
    stranger = await registry.makeClient();
    await registry.makeResource({ identifier: resource });
  });
  afterAll(async () => {
    await registry.close();
    await house.close();
  });

  describe('takes who asks by every method of the token endpoint', () => {
    let token: string;
    beforeAll(async () => {
      token = await machineToken(house.issuer, owner, { resource });
    });

    it('with the secret in the body, where a stray Bearer header is ignored', async () => {
      const fields = { client_id: owner.clientId, client_secret: owner.clientSecret };
      expect(await isActive(house.issuer, token, { fields })).toBe(true);
      const stray = { authorization: 'Bearer KEY0123456789_stray' };
      expect(await isActive(house.issuer, token, { fields, headers: stray })).toBe(true);
    });

    it('with a JSON body', async () => {
      const headers = basic(owner.clientId, owner.clientSecret);
      const { body } = await askWithJson(`${house.issuer}/oauth/introspect`, { token }, headers);
      expect(body['active']).toBe(true);
    });

    it('with a client assertion, for the own token, a foreign and an unknown one', async () => {
      const key = await makeKey('ES256');
      const client = await registry.makeClient({ authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } });
      const proof = async () => ({
        client_assertion_type: assertionType,
        client_assertion: await signAssertion(key, goodClaims(client.clientId, house.issuer)),
      });
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...(await proof()) });
      body.set('resource', resource);
      const answer = await send(`${house.issuer}/oauth/token`, { method: 'POST', body });
      const own = answer.body['access_token'] as string;
      expect(await isActive(house.issuer, own, { fields: await proof() })).toBe(true);
      expect(await isActive(house.issuer, token, { fields: await proof() })).toBe(false);
      expect(await isActive(house.issuer, 'unknown', { fields: await proof() })).toBe(false);
    });

    it('at /v2/oauth/introspect too', async () => {
      expect(await isActive(`${house.issuer}/v2`, token, asClient(owner))).toBe(true);
    });
  });

  describe('refuses with 401', () => {
    const refusals: ReadonlyArray<readonly [string, () => Parameters<typeof introspect>[2] | Promise<object>]> = [
      ['no credentials', () => ({})],
      ['an empty Authorization header', () => ({ headers: { authorization: '' } })],
      ['an unknown client', () => asClient({ clientId: `OQ${'0'.repeat(32)}`, clientSecret: 'x' })],
      ['a wrong secret', () => asClient({ ...owner, clientSecret: stranger.clientSecret })],
      [
        'a wrong secret in the body',
        () => ({ fields: { client_id: owner.clientId, client_secret: stranger.clientSecret } }),
      ],
      ['a confidential client without its secret', () => ({ fields: { client_id: owner.clientId } })],
      ['a DPoP header alone', () => ({ headers: { authorization: 'DPoP abc' } })],
      [
        'a public client',
        async () => {
          const { clientId } = await registry.makeClient({ clientType: 'public', allowedGrantTypes: [] });
          return { fields: { client_id: clientId } };
        },
      ],
    ];

    it.each(refusals)('%s, whatever the token', async (_name, make) => {
      const live = await machineToken(house.issuer, owner, { resource });
      for (const token of [live, 'unknown']) {
        const { status, headers, body, text } = await introspect(house.issuer, token, await make());
        expect({ status, error: body['error'], text }).toEqual({ status: 401, error: 'invalid_client', text });
        expect(headers.get('www-authenticate')).toMatch(/^(Basic|Bearer) /);
        expect(text).not.toContain('active');
      }
    });

    it('a wrong secret with the words of the token endpoint', async () => {
      const headers = basic(owner.clientId, 'wrong');
      const body = new URLSearchParams({ grant_type: 'client_credentials', token: 'x' });
      const [asked, requested] = await Promise.all(
        ['introspect', 'token'].map((path) => send(`${house.issuer}/oauth/${path}`, { method: 'POST', headers, body })),
      );
      expect(asked?.text).toBe(requested?.text);
      expect(asked?.headers.get('www-authenticate')).toBe(requested?.headers.get('www-authenticate'));
    });
  });
});
