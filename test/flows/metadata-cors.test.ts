import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { askWithForm, basic, grant, send } from '../support/tokens.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const documents = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/oauth/jwks',
].flatMap((path) => [path, `/v2${path}`]);

describe.each(documents)('a page in a browser that reads %s', (path) => {
  const url = () => house.issuer + path;

  it.each(['https://app.example', 'http://localhost:6274', 'null'])(
    'from the origin %s may read it',
    async (origin) => {
      const answer = await send(url(), { headers: { origin } });
      expect(answer.status).toBe(200);
      expect([origin, '*']).toContain(answer.headers.get('access-control-allow-origin'));
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    },
  );

  it('may send the headers that need to be asked for before, like MCP-Protocol-Version', async () => {
    const answer = await send(url(), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(answer.status).toBe(204);
    expect(['https://app.example', '*']).toContain(answer.headers.get('access-control-allow-origin'));
    expect(answer.headers.get('access-control-allow-methods')).toContain('GET');
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('mcp-protocol-version');
  });

  it('finds a body of the same bytes whether it says its origin or not', async () => {
    const plain = await send(url());
    const named = await send(url(), { headers: { origin: 'https://app.example' } });
    expect(named.text).toBe(plain.text);
  });

  it('is answered in JSON when it asks in a way that is no preflight and no reading', async () => {
    for (const method of ['OPTIONS', 'POST', 'DELETE']) {
      const answer = await send(url(), { method });
      if (method === 'OPTIONS' && answer.status === 204) continue;
      expect([method, answer.status, answer.body['error']]).toEqual([method, 405, 'invalid_request']);
    }
  });

  it('gets the head alone when it asks for the head', async () => {
    const answer = await send(url(), { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('a page in a browser that asks for a token', () => {
  it('of a client that named no origins is refused, and may not read a token', async () => {
    const headers = { ...basic(house.demo.client_id, house.demo.client_secret), origin: 'https://app.example' };
    const answer = await askWithForm(`${house.issuer}/oauth/token`, grant, headers);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    expect(answer.body).not.toHaveProperty('access_token');
  });
});
