import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type House, openHouse } from '../../support/house.ts';
import { openPerson } from '../../support/person.ts';
import { askWithJson, send } from '../../support/tokens.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const register = (body: unknown) => askWithJson(`${house.issuer}/oauth/register`, body);

const uris = [
  'https://app.example.com/cb',
  'https://APP.example.com:8443/cb?x=1',
  'https://localhost/cb',
  'http://localhost:8080/cb',
  'http://127.0.0.1/cb',
  'http://[::1]/cb',
  'com.example.app:/cb',
  'https://app.example.com/%zz',
  'https://xn--nxasmq6b/ü',
];
const uri = fc.oneof(fc.constantFrom(...uris), fc.webUrl(), fc.string());
const list = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 4 });
const word = fc.oneof(fc.constantFrom('authorization_code', 'refresh_token', 'code', 'none', 'implicit'), fc.string());
const jwk = fc.record(
  {
    kty: fc.constantFrom('EC', 'RSA', 'OKP', 'oct', 'x'),
    crv: fc.constantFrom('P-256', 'Ed25519', 'secp256k1', 'x'),
    x: fc.constantFrom('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'AA', ''),
    y: fc.string(),
    n: fc.constantFrom('AQAB', ''),
    e: fc.constantFrom('AQAB', ''),
    alg: fc.oneof(fc.constantFrom('ES256', 'EdDSA', 'none'), fc.integer()),
    use: fc.oneof(fc.constantFrom('sig', 'enc'), fc.integer()),
    kid: fc.oneof(fc.string(), fc.integer()),
    key_ops: fc.anything(),
    x5c: fc.anything(),
  },
  { requiredKeys: ['kty', 'crv', 'x'] },
);

const odd: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  redirect_uris: list(uri),
  post_logout_redirect_uris: list(uri),
  client_name: fc.oneof(fc.string({ unit: 'binary' }), fc.integer()),
  grant_types: list(word),
  response_types: list(word),
  token_endpoint_auth_method: fc.oneof(word, fc.jsonValue()),
  application_type: fc.constantFrom('web', 'native', 'tv'),
  scope: fc.oneof(fc.constantFrom('openid email', ''), fc.string()),
  contacts: list(fc.string()),
  logo_uri: uri,
  jwks: fc.oneof(fc.record({ keys: list(jwk) }), fc.record({ keys: fc.tuple(jwk) }), fc.jsonValue()),
  software_id: fc.jsonValue(),
  dpop_bound_access_tokens: fc.oneof(fc.boolean(), fc.string()),
  software_statement: fc.jsonValue(),
  ['__proto__']: fc.jsonValue(),
};

/** Mostly good, and odd in up to three members. */
const metadata = fc
  .subarray(Object.keys(odd), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(...names.map((name) => (odd[name] as fc.Arbitrary<unknown>).map((value) => [name, value]))),
  )
  .chain((members) =>
    fc
      .subarray(uris.slice(0, -2), { minLength: 1, maxLength: 3 })
      .map((good) => ({ redirect_uris: good, ...Object.fromEntries(members as Array<[string, unknown]>) })),
  );

const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url');

/** What happens to a person whom a client with that metadata sends here. */
async function begin(made: Readonly<Record<string, unknown>>): Promise<string> {
  const [redirectUri = ''] = made['redirect_uris'] as string[];
  const request = { client_id: String(made['client_id']), response_type: 'code', redirect_uri: redirectUri };
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256', scope: 'openid' };
  const { page, text } = await openPerson(house).begin({ ...request, ...pkce });
  return page === 'login' ? page : `${JSON.stringify(made)} ${text}`;
}

describe('odd metadata', () => {
  it('is refused with a reason, or makes a client that works', async () => {
    let working = 0;
    await fc.assert(
      fc.asyncProperty(metadata, async (body) => {
        const answer = await register(body);
        expect([201, 400]).toContain(answer.status);
        if (answer.status === 400) {
          expect(answer.body['error']).toMatch(/^invalid_(client_metadata|redirect_uri|request)$/);
          return;
        }
        expect(Object.values(answer.body)).not.toContain(null);
        expect(await begin(answer.body)).toBe('login');
        working += 1;
      }),
      { numRuns: 300 },
    );
    expect(working).toBeGreaterThan(10);
  }, 120_000);

  it('is refused where a key of it would break the client at every request', async () => {
    const key = { kty: 'RSA', crv: 'P-256', n: 'AQAB', e: 'AQAB', x5c: [0] };
    const answer = await register({ redirect_uris: ['com.example.app:/cb'], jwks: { keys: [key] } });
    expect(answer).toMatchObject({
      status: 400,
      body: { invalid_fields: { jwks: [expect.stringMatching(/^keys\.0 /)] } },
    });
  });

  it('at the address of a registration is refused likewise', async () => {
    const made = await register({ redirect_uris: ['https://app.example.com/cb'] });
    const headers = {
      authorization: `Bearer ${made.body['registration_access_token']}`,
      'content-type': 'application/json',
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(metadata, fc.jsonValue()), async (body) => {
        const answer = await send(String(made.body['registration_client_uri']), {
          method: 'PUT',
          headers,
          body: JSON.stringify(body),
        });
        expect(answer.status).toBe(400);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
