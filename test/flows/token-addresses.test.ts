import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { askWithForm, basic, grant, send, tokenPaths } from '../support/tokens.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const inHeader = () => basic(house.demo.client_id, house.demo.client_secret);

describe.each(tokenPaths)('the address %s', (path) => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])(
    'answers %s with 405 and the methods that it knows',
    async (method) => {
      const answer = await send(house.issuer + path, { method, headers: inHeader() });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')?.split(', ')).toContain('POST');
      if (method !== 'HEAD') expect(answer.body['error']).toBe('invalid_request');
    },
  );

  it.each([
    ['grant_type', 'client_credentials'],
    ['client_id', 'x'],
    ['client_secret', 'x'],
    ['client_assertion', 'x'],
    ['client_assertion_type', 'x'],
    ['scope', 'admin'],
    ['resource', 'https://a.example'],
    ['refresh_token', 'x'],
    ['code', 'x'],
  ])('takes no %s from the URL', async (name, value) => {
    const answer = await askWithForm(`${house.issuer}${path}?${name}=${value}`, grant, inHeader());
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    expect(answer.body['error_description']).toMatch(/not in the URL/);
  });

  it('takes no credentials from the URL instead of the body', async () => {
    const { client_id, client_secret } = house.demo;
    const query = new URLSearchParams({ ...grant, client_id, client_secret });
    expect((await send(`${house.issuer}${path}?${query}`, { method: 'POST' })).status).toBe(400);
    expect((await send(`${house.issuer}${path}?${query}`)).status).toBe(405);
  });

  it('goes on working with a harmless query behind it', async () => {
    expect((await askWithForm(`${house.issuer}${path}?trace=1`, grant, inHeader())).status).toBe(200);
  });
});

describe('a path that only resembles the token endpoint', () => {
  it.each([
    '/OAUTH/TOKEN',
    '/oauth/Token',
    '/oauth/token/',
    '//oauth/token',
    '/oauth//token',
    '/oauth/%74oken',
    '/oauth%2Ftoken',
    '/oauth/token%00',
    '/oauth/token%20',
    '/oauth/token.json',
    '/oauth/token;a=b',
    '/./oauth/token/.',
    '/oauth/x/..%2ftoken',
    '/v2//oauth/token',
    '/v2/v2/oauth/token',
    '/V2/oauth/token',
    '/v2/oauth/token/',
    '/v1/oauth/token',
    '/v2',
    '/v2/',
  ])('%s is not found', async (path) => {
    const answer = await askWithForm(house.issuer + path, grant, inHeader());
    expect([answer.status, answer.body['error']]).toEqual([404, 'invalid_request']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});
