import { afterEach, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../support/house.ts';
import { openRegistry } from '../../support/registry.ts';
import { openResidents } from '../../support/residents.ts';
import { askWithJson, send } from '../../support/tokens.ts';

const callback = 'https://app.example.com/callback';
const token = 'initial-access-token-of-an-operator';

let house: House;
afterEach(() => house.close());

const register = (body: object = {}, headers: Record<string, string> = {}) =>
  askWithJson(`${house.issuer}/oauth/register`, { redirect_uris: [callback], ...body }, headers);
const bearer = (credential: string | undefined) => ({ authorization: `Bearer ${credential}` });
const metadata = async () => (await send(`${house.issuer}/.well-known/oauth-authorization-server`)).body;

describe('registration', () => {
  it('that is open takes no notice of the API key that some clients always send', async () => {
    house = await openHouse();
    for (const key of [house.demo['api_key'], 'none of ours']) {
      const made = await register({}, bearer(key));
      expect(made.status).toBe(201);
    }
    expect((await metadata())['registration_endpoint']).toBe(`${house.issuer}/oauth/register`);
  });

  it('that takes a token lets in who has one, or an API key that may write clients', async () => {
    house = await openHouse({ REGISTRATION: 'token', REGISTRATION_TOKENS: `${'x'.repeat(20)}, ${token}` });
    for (const headers of [{}, bearer('wrong'), { authorization: `Basic ${token}` }]) {
      const refused = await register({}, headers);
      expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_token']);
      expect(refused.headers.get('www-authenticate')).toContain('Bearer');
      expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    }
    expect((await register({}, bearer(token))).status).toBe(201);
    const made = await register({}, bearer(house.demo['api_key']));
    expect(made.status).toBe(201);
    const [event] = await house.database.sql`
      select actor_type, actor_id from audit_events where target_id = ${String(made.body['client_id'])}`;
    expect(event).toEqual({ actor_type: 'api_key', actor_id: house.demo['api_key_sid'] });
    const [row] = await house.database.sql`
      select organization_sid, user_sid from oauth_clients where client_id = ${String(made.body['client_id'])}`;
    expect(row).toEqual({ organization_sid: null, user_sid: null });
    expect((await metadata())['registration_endpoint']).toBeDefined();
  });

  it('that takes a token refuses a key that may only read', async () => {
    house = await openHouse({ REGISTRATION: 'token' });
    const residents = await openResidents(house);
    try {
      const reader = await residents.makeUser();
      const refused = await register({}, bearer(await residents.makeKey(reader.sid, ['clients:read'])));
      expect([refused.status, refused.body['error']]).toEqual([403, 'insufficient_scope']);
    } finally {
      await residents.close();
    }
  });

  it('that is closed is refused and not advertised, but who is registered can still leave', async () => {
    house = await openHouse();
    const made = await register();
    const closed = await openHouse({ REGISTRATION: 'closed' }, house);
    try {
      const url = `${closed.address}/oauth/register`;
      const refused = await askWithJson(url, { redirect_uris: [callback] }, bearer(house.demo['api_key']));
      expect([refused.status, refused.body['error']]).toEqual([403, 'access_denied']);
      const document = (await send(`${closed.address}/.well-known/openid-configuration`)).body;
      expect(document).not.toHaveProperty('registration_endpoint');
      expect(document).not.toHaveProperty('client_id_metadata_document_supported');
      const headers = bearer(String(made.body['registration_access_token']));
      expect((await send(`${url}/${made.body['client_id']}`, { method: 'DELETE', headers })).status).toBe(204);
    } finally {
      await closed.close();
    }
  });

  it('keeps to the scopes, grant types and redirect hosts of the operator', async () => {
    house = await openHouse({
      REGISTRATION_SCOPES: 'openid notes:read',
      REGISTRATION_GRANT_TYPES: 'authorization_code',
      REGISTRATION_REDIRECT_HOSTS: 'app.example.com, *.example.org loopback com.example.app:',
    });
    const registry = await openRegistry(house);
    await registry.makeResource({
      identifier: 'https://notes.example.com',
      scopes: ['notes:read', 'notes:write'],
      acceptsRegisteredClients: true,
    });
    await registry.close();
    const made = await register({
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'notes:read notes:write',
    });
    expect(made.body).toMatchObject({ grant_types: ['authorization_code'], scope: 'notes:read' });
    const good = ['https://a.b.example.org/cb', 'http://127.0.0.1/cb', 'http://localhost:7/cb', 'com.example.app:/cb'];
    expect((await register({ redirect_uris: good })).status).toBe(201);
    const bad = [
      'https://example.org/cb',
      'https://evil-example.org/cb',
      'https://app.example.com.evil.org/cb',
      'com.other:/cb',
    ];
    for (const uri of bad) {
      const refused = await register({ redirect_uris: [callback, uri] });
      expect([uri, refused.status, refused.body['error']]).toEqual([uri, 400, 'invalid_redirect_uri']);
    }
  });
});
