import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type Answer, askWithForm, askWithJson, basic, grant, send, tokenPaths } from '../support/tokens.ts';

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

/** Every refusal has the one form of RFC 6749 section 5.2. */
function expectRefusal(answer: Answer, status: number, error: string, why?: RegExp): void {
  expect([answer.status, answer.body['error']]).toEqual([status, error]);
  expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
  expect(answer.body['error_description']).toMatch(why ?? /./);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.has('www-authenticate')).toBe(status === 401);
  if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"/);
}

describe.each(tokenPaths)('the token endpoint at %s', (path) => {
  const url = () => house.issuer + path;
  const inHeader = () => basic(house.demo.client_id, house.demo.client_secret);
  const credentials = () => ({ client_id: house.demo.client_id, client_secret: house.demo.client_secret });

  it('says that an API key is not a client when a Bearer header is all there is', async () => {
    const bearer = { authorization: `Bearer ${house.demo['api_key']}` };
    expectRefusal(await askWithForm(url(), grant, bearer), 401, 'invalid_client', /API key is not a client/);
    expectRefusal(await askWithJson(url(), grant, bearer), 401, 'invalid_client', /API key is not a client/);
  });

  it('asks for credentials where there are none', async () => {
    expectRefusal(await askWithForm(url(), grant), 401, 'invalid_client', /Authenticate the client/);
    expectRefusal(await askWithForm(url(), grant, { authorization: '' }), 401, 'invalid_client');
    expectRefusal(await send(url(), { method: 'POST' }), 401, 'invalid_client');
  });

  it('refuses a client that names itself and proves nothing', async () => {
    const { client_id } = credentials();
    expectRefusal(await askWithForm(url(), { ...grant, client_id }), 401, 'invalid_client');
    expectRefusal(await askWithForm(url(), { ...grant, client_id, client_secret: '' }), 401, 'invalid_client');
  });

  it.each(['Basic', 'Basic !!!', 'Basic Zm9v', 'Basic Og==', 'Negotiate abc', 'Basic a b'])(
    'refuses the header "Authorization: %s" as a request error or an unknown client',
    async (authorization) => {
      const answer = await askWithForm(url(), grant, { authorization });
      expect([400, 401]).toContain(answer.status);
      expectRefusal(answer, answer.status, answer.status === 401 ? 'invalid_client' : 'invalid_request');
    },
  );

  it('refuses two ways of authenticating in one request', async () => {
    expectRefusal(await askWithForm(url(), { ...grant, ...credentials() }, inHeader()), 400, 'invalid_request');
    const assertion = { client_assertion: 'a.b.c', client_assertion_type: 'x' };
    expectRefusal(await askWithForm(url(), { ...grant, ...credentials(), ...assertion }), 400, 'invalid_request');
  });

  it('refuses a client_id in the body that is not the one in the header', async () => {
    const other = { ...grant, client_id: house.demo.org_client_id };
    expectRefusal(await askWithForm(url(), other, inHeader()), 400, 'invalid_request');
  });

  it.each(['password', 'implicit', 'CLIENT_CREDENTIALS', '__proto__', 'x'])(
    'does not know the grant type "%s"',
    async (grant_type) => {
      expectRefusal(await askWithForm(url(), { grant_type }, inHeader()), 400, 'unsupported_grant_type');
    },
  );

  it.each(['authorization_code', 'refresh_token'])(
    'refuses %s to a client not registered for it',
    async (grant_type) => {
      expectRefusal(await askWithForm(url(), { grant_type }, inHeader()), 400, 'unauthorized_client');
    },
  );

  it('misses a grant type that is not there', async () => {
    expectRefusal(await askWithForm(url(), {}, inHeader()), 400, 'invalid_request', /grant_type/);
    expectRefusal(await askWithForm(url(), { grant_type: '' }, inHeader()), 400, 'invalid_request', /grant_type/);
    expectRefusal(await send(url(), { method: 'POST', headers: inHeader() }), 400, 'invalid_request', /grant_type/);
  });

  it('gives a public client no token of its own', async () => {
    const { clientId } = await registry.makeClient({ clientType: 'public' });
    expectRefusal(await askWithForm(url(), { ...grant, client_id: clientId }), 401, 'invalid_client', /public client/);
    const made = await askWithForm(url(), { ...grant, client_id: clientId, client_secret: 'made up' });
    expectRefusal(made, 401, 'invalid_client');
  });

  it('refuses a client that is not registered for client_credentials', async () => {
    const { clientId, clientSecret } = await registry.makeClient({ allowedGrantTypes: ['refresh_token'] });
    expectRefusal(await askWithForm(url(), grant, basic(clientId, clientSecret)), 400, 'unauthorized_client');
  });

  it.each(['grant_type', 'client_id', 'client_secret', 'scope', 'client_assertion', 'nonsense'])(
    'refuses the parameter %s given twice in a form',
    async (name) => {
      const value = { ...grant, ...credentials(), scope: 'admin' }[name] ?? 'x';
      const fields = [...Object.entries({ ...grant, ...credentials() }).filter(([key]) => key !== name)];
      const twice = [...fields, [name, value], [name, value]] as Array<[string, string]>;
      expectRefusal(await askWithForm(url(), twice), 400, 'invalid_request', /twice/);
    },
  );

  it('refuses a member given twice in JSON, however it is written', async () => {
    const rest = JSON.stringify(credentials()).slice(1, -1);
    for (const twice of [
      '"grant_type":"client_credentials","grant_type":"client_credentials"',
      '"grant_type":"client_credentials","grant\\u005ftype" : "client_credentials"',
      '"grant_type":"client_credentials","x":"1",\n"x"\t\n:"2"',
      '"grant_type":"client_credentials","__proto__":"1","__proto__":"2"',
    ]) {
      expectRefusal(await askWithJson(url(), `{${rest},${twice}}`), 400, 'invalid_request', /twice/);
    }
  });

  it('answers JSON to a browser that would rather have HTML', async () => {
    const html = { accept: 'text/html,application/xhtml+xml' };
    expectRefusal(await askWithForm(url(), grant, html), 401, 'invalid_client');
    expectRefusal(await askWithForm(url(), {}, { ...inHeader(), ...html }), 400, 'invalid_request');
    expectRefusal(await send(url(), { headers: html }), 405, 'invalid_request');
    expectRefusal(await send(`${url()}/nowhere`, { headers: html }), 404, 'invalid_request');
  });

  it('quotes nothing of a secret in what it says', async () => {
    const wrong = await askWithForm(url(), { ...grant, client_id: credentials().client_id, client_secret: 'hunter2' });
    expect(wrong.text).not.toContain('hunter2');
    const crossed = await askWithForm(url(), { ...grant, ...credentials() }, inHeader());
    expect(crossed.text).not.toContain(credentials().client_secret);
  });
});
