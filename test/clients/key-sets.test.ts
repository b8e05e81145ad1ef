import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk, openTenant, pointersIn, recordIn } from '../support/management.ts';
import { askWithForm, byAssertion, type ClientKey, goodClaims, makeKey, signAssertion } from '../support/tokens.ts';

let house: House;
let desk: Desk;
let key: ClientKey;
beforeAll(async () => {
  house = await openHouse();
  desk = openDesk(house, (await openTenant(house)).key);
  key = await makeKey('ES256');
});
afterAll(() => house.close());

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A client's own site. @returns its address, and how often it was asked. */
async function openSite(answer: RequestListener) {
  let asked = 0;
  const server = createServer((req, res) => {
    asked += 1;
    answer(req, res);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { uri: `http://127.0.0.1:${port}/jwks.json`, asked: () => asked };
}

const machine = {
  name: 'With keys of its own',
  client_type: 'confidential',
  allowed_scopes: ['clients:read'],
  allowed_grant_types: ['client_credentials'],
};

async function make(wish: object): Promise<string> {
  const made = await desk.post('/oauth_clients', { ...machine, ...wish });
  if (made.status !== 201) throw new Error(made.text);
  expect(recordIn(made)).toMatchObject({
    token_endpoint_auth_method: 'private_key_jwt',
    secrets: [],
    client_secret: null,
  });
  return String(recordIn(made)['client_id']);
}

/** What the client gets at the token endpoint for an assertion. */
async function outcome(clientId: string, by = key): Promise<string> {
  const assertion = await signAssertion(by, goodClaims(clientId, house.issuer));
  const { status, body } = await askWithForm(`${house.issuer}/oauth/token`, byAssertion(assertion));
  return status === 200 ? 'token' : `${status} ${body['error']}`;
}

const keysOf = (...keys: ClientKey[]) => JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });

describe('a client with a jwks_uri', () => {
  it('is authenticated by the keys there, which are fetched once', async () => {
    const site = await openSite((_req, res) => res.setHeader('content-type', 'application/json').end(keysOf(key)));
    const id = await make({ jwks_uri: site.uri });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcome(id)));
    expect(outcomes).toEqual(Array(5).fill('token'));
    expect(await outcome(id)).toBe('token');
    expect(site.asked()).toBe(1);
    expect(await outcome(id, await makeKey('ES256'))).toBe('401 invalid_client');
    expect(site.asked()).toBe(1);
  });

  it.each<[string, RequestListener]>([
    ['fails', (_req, res) => res.writeHead(500).end()],
    ['answers no JSON', (_req, res) => res.end('<html>')],
    ['answers something else', (_req, res) => res.end('{"keys":{}}')],
    ['answers a symmetric key', (_req, res) => res.end('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}')],
    [
      'answers a key that is on no curve',
      (_req, res) => res.end('{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"ES256"}]}'),
    ],
    [
      'answers without end',
      (_req, res) => {
        const more = () => {
          while (!res.destroyed && res.write('x'.repeat(16_384)));
          if (!res.destroyed) res.once('drain', more);
        };
        more();
      },
    ],
    ['sends elsewhere inside', (_req, res) => res.writeHead(302, { location: 'https://10.0.0.1/jwks' }).end()],
    ['hangs up', (req) => req.destroy()],
  ])('is not authenticated while its site %s, and the site is not asked each time', async (_what, answer) => {
    const site = await openSite(answer);
    const id = await make({ jwks_uri: site.uri });
    for (let round = 0; round < 4; round += 1) expect(await outcome(id)).toBe('401 invalid_client');
    expect(site.asked()).toBe(1);
  });

  it.each([
    'https://10.0.0.1/jwks',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::ffff:10.0.0.1]/jwks',
    'https://localhost:1/jwks',
  ])('is not authenticated by way of %s', async (jwks_uri) => {
    expect(await outcome(await make({ jwks_uri }))).toBe('401 invalid_client');
  });

  it.each(['http://keys.example/', 'ftp://keys.example/', 'https://user@keys.example/', 'https://keys.example/#x'])(
    'may not have it at %s',
    async (jwks_uri) => {
      const refused = await desk.post('/oauth_clients', { ...machine, jwks_uri });
      expect([refused.status, pointersIn(refused)]).toEqual([422, ['/jwks_uri']]);
    },
  );

  it('has its keys in one place only', async () => {
    const jwks = { keys: [key.publicJwk] };
    const refused = await desk.post('/oauth_clients', { ...machine, jwks, jwks_uri: 'https://keys.example/' });
    expect([refused.status, pointersIn(refused)]).toEqual([422, ['/jwks_uri']]);
    const id = await make({ jwks });
    expect(await outcome(id)).toBe('token');
    expect((await desk.put(`/oauth_clients/${id}`, { jwks_uri: 'https://keys.example/' })).status).toBe(422);
    const moved = await desk.put(`/oauth_clients/${id}`, { jwks: null, jwks_uri: 'https://keys.example/' });
    expect(recordIn(moved)).toMatchObject({ jwks: null, jwks_uri: 'https://keys.example/' });
  });
});
