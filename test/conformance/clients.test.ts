import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import {
  type Answer,
  askWithForm,
  assertionType,
  basic,
  byAssertion,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
} from '../support/tokens.ts';

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

const outcome = ({ status, body }: Answer) => [status, body['error']];
/** Every endpoint at which a client authenticates, with what it wants there. */
const endpoints = {
  '/oauth/token': grant,
  '/oauth/introspect': { token: 'x' },
  '/oauth/revoke': { token: 'x' },
  '/oauth/par': {},
};

describe('the authentication of clients', () => {
  it('47: knows private_key_jwt at every endpoint, each assertion once and for the issuer alone, and no certificates', async () => {
    const key = await makeKey('ES256');
    const { clientId } = await registry.makeClient({ jwks: { keys: [key.publicJwk] } });
    const sign = (claims: object) => signAssertion(key, { ...goodClaims(clientId, house.issuer), ...claims });
    for (const [path, fields] of Object.entries(endpoints)) {
      const ask = (assertion: string) => askWithForm(house.issuer + path, { ...byAssertion(assertion), ...fields });
      const good = await sign({});
      const accepted = (await ask(good)).body['error'];
      expect([path, accepted === 'invalid_client']).toEqual([path, false]);
      const audiences = [
        house.issuer + path,
        `${house.issuer}/`,
        [house.issuer],
        [house.issuer, 'https://evil.example'],
      ];
      const wrong = [good, ...(await Promise.all(audiences.map((aud) => sign({ aud }))))];
      const late = await sign({ exp: Math.floor(Date.now() / 1000) + 400 });
      for (const assertion of [...wrong, late]) expect(outcome(await ask(assertion))).toEqual([401, 'invalid_client']);
    }
    const { text, body } = await send(`${house.issuer}/.well-known/oauth-authorization-server`);
    expect(body['token_endpoint_auth_methods_supported']).toContain('private_key_jwt');
    expect(text).not.toMatch(/tls_client|mtls|certificate/);
  });

  it('48: takes one method in a request', async () => {
    const key = await makeKey('ES256');
    const { clientId } = await registry.makeClient({ jwks: { keys: [key.publicJwk] } });
    const { clientId: other, clientSecret } = await registry.makeClient();
    const headers = basic(other, clientSecret);
    const assertion = async () => ({
      client_assertion_type: assertionType,
      client_assertion: await signAssertion(key, goodClaims(clientId, house.issuer)),
    });
    for (const [path, fields] of Object.entries(endpoints)) {
      const url = house.issuer + path;
      const answers = [
        await askWithForm(url, { ...fields, client_id: other, client_secret: clientSecret }, headers),
        await askWithForm(url, { ...fields, ...(await assertion()) }, headers),
        await askWithForm(url, { ...fields, ...(await assertion()), client_id: clientId, client_secret: 'x' }),
      ];
      expect([path, ...answers.map(({ body }) => body['error'])]).toEqual([
        path,
        ...answers.map(() => 'invalid_request'),
      ]);
    }
  });

  it('49: answers alike to an unknown client and a wrong secret, at every endpoint', async () => {
    const { clientId } = await registry.makeClient();
    const unknown = `OQ${'0'.repeat(32)}`;
    const seen = ({ status, text, headers }: Answer) => [status, text, headers.get('www-authenticate')];
    for (const [path, fields] of Object.entries(endpoints)) {
      const url = house.issuer + path;
      const byHeader = [clientId, unknown].map((id) => askWithForm(url, fields, basic(id, 'wrong')));
      const inBody = [clientId, unknown].map((id) =>
        askWithForm(url, { ...fields, client_id: id, client_secret: 'wrong' }),
      );
      for (const [wrong, nobody] of [await Promise.all(byHeader), await Promise.all(inBody)]) {
        expect([path, wrong?.status]).toEqual([path, 401]);
        expect(seen(nobody as Answer)).toEqual(seen(wrong as Answer));
      }
    }
  });

  it('50: by a secret keeps its hash alone, and the hash is worth nothing', async () => {
    const { clientId, clientSecret } = await registry.makeClient();
    const rows = await house.database.sql`select * from oauth_client_secrets where client_id = ${clientId}`;
    expect(rows).toHaveLength(1);
    const stored = Object.values(rows[0] ?? {});
    expect(stored.filter(Buffer.isBuffer)).toEqual([hashSecret(clientSecret)]);
    expect(JSON.stringify(stored)).not.toContain(clientSecret);
    for (const encoding of ['hex', 'base64url', 'base64'] as const) {
      const presented = { ...grant, client_id: clientId, client_secret: hashSecret(clientSecret).toString(encoding) };
      expect(outcome(await askWithForm(`${house.issuer}/oauth/token`, presented))).toEqual([401, 'invalid_client']);
    }
  });
});
