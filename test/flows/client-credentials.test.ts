import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import {
  askWithForm,
  askWithJson,
  basic,
  byAssertion,
  type ClientKey,
  goodClaims,
  grant,
  makeKey,
  signAssertion,
  tokenOf,
  tokenPaths,
} from '../support/tokens.ts';

let house: House;
let registry: Registry;
let key: ClientKey;
let keyClient: string;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  key = await makeKey('ES256');
  ({ clientId: keyClient } = await registry.makeClient({
    authMethod: 'private_key_jwt',
    jwks: { keys: [key.publicJwk] },
    allowedScopes: ['clients:read'],
  }));
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

const verified = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`)), {
    issuer: house.issuer,
    audience: house.issuer,
    typ: 'at+jwt',
  });

describe.each(tokenPaths)('a machine client gets a token at %s', (path) => {
  const url = () => house.issuer + path;
  const inBody = () => ({ client_id: house.demo.client_id, client_secret: house.demo.client_secret });
  const inHeader = () => basic(house.demo.client_id, house.demo.client_secret);
  const assertion = async () => byAssertion(await signAssertion(key, goodClaims(keyClient, house.issuer)));

  it('by HTTP Basic, and a resource server verifies it by JWKS', async () => {
    const answer = await askWithForm(url(), grant, inHeader());
    const { payload, protectedHeader } = await verified(tokenOf(answer));
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload['client_id']).toBe(house.demo.client_id);
    expect(payload.sub).toBe(house.demo.client_id);
  });

  it('by a secret in a form', async () => {
    await verified(tokenOf(await askWithForm(url(), { ...grant, ...inBody() })));
  });

  it('by a secret in a flat JSON body', async () => {
    await verified(tokenOf(await askWithJson(url(), { ...grant, ...inBody() })));
  });

  it('by HTTP Basic beside a JSON body', async () => {
    await verified(tokenOf(await askWithJson(url(), grant, inHeader())));
  });

  it('by a signed assertion, in a form and in JSON', async () => {
    const { payload } = await verified(tokenOf(await askWithForm(url(), await assertion())));
    expect(payload.sub).toBe(keyClient);
    await verified(tokenOf(await askWithJson(url(), await assertion())));
  });

  it('with the media type written in capitals and with a charset', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8' };
    expect((await askWithJson(url(), { ...grant, ...inBody() }, headers)).status).toBe(200);
  });

  it('with null members and parameters that nobody knows in its JSON', async () => {
    const body = { ...grant, ...inBody(), scope: null, resource: null, expires: 60, verbose: true };
    expect((await askWithJson(url(), body)).status).toBe(200);
  });

  it('though its HTTP library sends an API key along with the credentials in the body', async () => {
    const stray = { authorization: `Bearer ${house.demo['api_key']}` };
    expect((await askWithForm(url(), { ...grant, ...inBody() }, stray)).status).toBe(200);
    expect((await askWithJson(url(), { ...grant, ...inBody() }, stray)).status).toBe(200);
    expect((await askWithForm(url(), await assertion(), stray)).status).toBe(200);
  });

  it('in an answer that no cache keeps and that repeats the granted scope', async () => {
    const answer = await askWithForm(url(), { ...grant, ...inBody(), scope: 'grants:read' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'grants:read',
    });
  });
});

describe('the access token of a machine client', () => {
  it('holds the claims of RFC 9068 and the organization, and nothing else', async () => {
    const { client_id: id, client_secret: secret } = house.demo;
    const before = Math.floor(Date.now() / 1000);
    const token = tokenOf(
      await askWithForm(`${house.issuer}/oauth/token`, { ...grant, scope: 'grants:read' }, basic(id, secret)),
    );
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    const claims = decodeJwt(token);
    expect(claims).toEqual({
      iss: house.issuer,
      aud: house.issuer,
      sub: id,
      client_id: id,
      org_id: house.demo.organization_sid,
      scope: 'grants:read',
      jti: expect.stringMatching(/^[\w-]{21,}$/),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    const { iat = 0, exp = 0 } = claims;
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(exp - iat).toBe(3600);
  });

  it('never shares its jti with another one', async () => {
    const { client_id: id, client_secret: secret } = house.demo;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => askWithForm(`${house.issuer}/oauth/token`, grant, basic(id, secret))),
    );
    expect(new Set(answers.map((answer) => decodeJwt(tokenOf(answer)).jti)).size).toBe(20);
  });

  it('is nothing that the database keeps', async () => {
    const count = async () => {
      const rows = await house.database.sql<Array<{ rows: number }>>`select count(*)::int as rows from artifacts`;
      return rows[0]?.rows;
    };
    const before = await count();
    const { client_id: id, client_secret: secret } = house.demo;
    tokenOf(await askWithForm(`${house.issuer}/oauth/token`, grant, basic(id, secret)));
    expect(await count()).toBe(before);
  });
});
