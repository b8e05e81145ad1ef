import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { House } from '../../support/house.ts';
import { openPerson } from '../../support/person.ts';
import { type Answer, askWithForm, send, tokenOf } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';
import { callback, type Desk, fieldsOf, openDesk } from './desk.ts';

let desk: Desk;
let house: House;
beforeAll(async () => {
  desk = await openDesk();
  house = desk.house;
});
afterAll(() => desk.close());

const register: Desk['register'] = (body, headers) => desk.register(body, headers);
const codeFor: Desk['codeFor'] = (clientId, more) => desk.codeFor(clientId, more);
const redeem: Desk['redeem'] = (code, fields, headers) => desk.redeem(code, fields, headers);
const withToken = (made: Answer) => ({ authorization: `Bearer ${made.body['registration_access_token']}` });
const addressOf = (made: Answer) => String(made.body['registration_client_uri']);

describe('the registration of a client, by its own token', () => {
  it('is shown again, without the secret that is kept as a hash', async () => {
    const made = await register({ redirect_uris: [callback], software_id: 'notes', contacts: ['ada@example.com'] });
    const seen = await send(addressOf(made), { headers: withToken(made) });
    const { client_secret: _secret, client_secret_expires_at: _end, ...rest } = made.body;
    expect([seen.status, seen.body]).toEqual([200, rest]);
  });

  it('is replaced whole: what is left out is forgotten, and takes effect at once', async () => {
    const made = await register({ client_name: 'Before', redirect_uris: [callback], software_id: 'notes' });
    const id = String(made.body['client_id']);
    await codeFor(id);
    const body = { client_id: id, redirect_uris: ['https://new.example.com/cb'], token_endpoint_auth_method: 'none' };
    const after = await send(addressOf(made), {
      method: 'PUT',
      headers: { ...withToken(made), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([after.status, after.body['redirect_uris']]).toEqual([200, body.redirect_uris]);
    expect(after.body).not.toHaveProperty('software_id');
    expect(after.body).not.toHaveProperty('client_secret');
    expect(after.body['registration_access_token']).toBe(made.body['registration_access_token']);
    const page = await openPerson(house).begin({ client_id: id, response_type: 'code', redirect_uri: callback });
    expect([page.status, page.page]).toEqual([400, 'other']);
  });

  it('gets a secret when it begins to need one, and is refused to choose one', async () => {
    const made = await register({ redirect_uris: [callback], token_endpoint_auth_method: 'none' });
    const id = String(made.body['client_id']);
    const put = (body: object) =>
      send(addressOf(made), {
        method: 'PUT',
        headers: { ...withToken(made), 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: id, redirect_uris: [callback], ...body }),
      });
    const after = await put({ token_endpoint_auth_method: 'client_secret_post' });
    const secret = String(after.body['client_secret']);
    expect(secret).toMatch(/^[\w-]{43}$/);
    const chosen = await put({ client_secret: 'chosen' });
    expect([chosen.status, fieldsOf(chosen)]).toEqual([400, ['client_secret']]);
    expect((await put({ client_secret: secret })).status).toBe(200);
    const other = await put({ client_id: `OQ${'0'.repeat(32)}` });
    expect([other.status, fieldsOf(other)]).toEqual([400, ['client_id']]);
  });

  it('is deleted with all that the client ever got', async () => {
    const made = await register({ redirect_uris: [callback], token_endpoint_auth_method: 'none' });
    const client = { client_id: String(made.body['client_id']) };
    const token = tokenOf(await redeem(await codeFor(client.client_id), client));
    const introspect = async () => {
      const url = `${house.issuer}/oauth/introspect`;
      const key = { authorization: `Bearer ${house.demo['api_key']}` };
      return (await askWithForm(url, { token }, key)).body['active'];
    };
    expect(await introspect()).toBe(true);
    const gone = await send(addressOf(made), { method: 'DELETE', headers: withToken(made) });
    expect([gone.status, gone.text]).toEqual([204, '']);
    // A node hears of it by the feed of changes, within two seconds.
    await within(2_000, async () => (await introspect()) === false);
    const late = await send(addressOf(made), { headers: withToken(made) });
    expect([late.status, late.body['error']]).toEqual([401, 'invalid_token']);
    const refused = await askWithForm(`${house.issuer}/oauth/token`, {
      ...client,
      grant_type: 'refresh_token',
      refresh_token: 'x',
    });
    expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('is nobody else’s: no token, a wrong one, another client’s, an API key', async () => {
    const made = await register({ redirect_uris: [callback] });
    const other = await register({ redirect_uris: [callback] });
    const keys = ['', 'Bearer x', withToken(other).authorization, `Bearer ${house.demo['api_key']}`];
    for (const method of ['GET', 'PUT', 'DELETE']) {
      for (const authorization of keys) {
        const answer = await send(addressOf(made), { method, headers: authorization === '' ? {} : { authorization } });
        expect([method, answer.status, answer.body['error']]).toEqual([method, 401, 'invalid_token']);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
    }
    const managed = `${house.issuer}/oauth/register/${house.demo.client_id}`;
    expect((await send(managed, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
    expect((await send(addressOf(made), { headers: withToken(made) })).status).toBe(200);
  });
});
