import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { sendRaw } from '../support/raw-request.ts';
import { basic, grant } from '../support/tokens.ts';

const documents = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/oauth/jwks',
];

const forgeries = [
  { host: 'evil.example' },
  { host: 'evil.example:8443' },
  { host: '' },
  { host: 'localhost', 'x-forwarded-host': 'evil.example' },
  { host: 'localhost', 'x-forwarded-host': 'evil.example, localhost' },
  { host: 'localhost', 'x-forwarded-proto': 'https' },
  { host: 'localhost', 'x-forwarded-proto': 'javascript' },
  { host: 'localhost', 'x-forwarded-for': '127.0.0.1, 10.0.0.1', 'x-real-ip': '10.0.0.1' },
  { host: 'localhost', 'x-forwarded-port': '1', 'x-forwarded-prefix': '/evil', 'x-original-url': '/evil' },
  { host: 'localhost', forwarded: 'host=evil.example;proto=https;for=10.0.0.1' },
  {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  },
];

const lines = (headers: object) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

function get(house: House, target: string, headers: object) {
  return sendRaw(house.address, `GET ${target} HTTP/1.1\r\n${lines(headers)}connection: close\r\n\r\n`);
}

describe.each([
  ['trusts no proxy', {}],
  ['trusts the proxy that forges', { TRUST_PROXY: 'loopback' }],
  ['trusts any one proxy', { TRUST_PROXY: '1' }],
])('a server that %s', (_name, variables) => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(variables);
  });
  afterAll(() => house.close());

  describe.each(documents)('says of itself at %s', (path) => {
    const honest = async () => (await get(house, path, { host: new URL(house.issuer).host })).body;

    it.each(forgeries)('the same, to the byte, with %j', async (headers) => {
      const answer = await get(house, path, headers);
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(await honest());
    });

    it('the same when the request line names another server', async () => {
      for (const origin of [
        'http://evil.example',
        'https://evil.example:8443',
        'http://a@evil.example',
        'HTTP://EVIL.example',
      ]) {
        const answer = await get(house, origin + path, { host: 'evil.example' });
        expect([origin, answer.status, answer.body]).toEqual([origin, 200, await honest()]);
      }
    });

    it('the same when the request line carries a query', async () => {
      const answer = await get(house, `${path}?issuer=https://evil.example&x=//evil.example/`, { host: 'localhost' });
      expect(answer.body).toBe(await honest());
    });
  });

  it.each(['/oauth/token', '/v2/oauth/token', 'http://evil.example/oauth/token'])(
    'issues tokens in its own name at %s whatever the request says',
    async (target) => {
      const form = new URLSearchParams(grant).toString();
      const { authorization } = basic(house.demo.client_id, house.demo.client_secret);
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        authorization,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': form.length,
        connection: 'close',
      };
      const answer = await sendRaw(house.address, `POST ${target} HTTP/1.1\r\n${lines(headers)}\r\n${form}`);
      expect(answer.status).toBe(200);
      const { iss, aud } = decodeJwt((JSON.parse(answer.body) as { access_token: string }).access_token);
      expect([iss, aud]).toEqual([house.issuer, house.issuer]);
      expect(answer.text).not.toContain('evil.example');
    },
  );
});
