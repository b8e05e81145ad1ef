import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, exportPKCS8, jwtVerify } from 'jose';
import {
  ApiTokenManager,
  ClientCredentialProvider,
  ClientCredentialProviderBuilder,
  clientSecretBasic,
  countersign,
  type Fetch,
  OrgsCredentialProviderBuilder,
  PrivateKeyJwtCredentialProvider,
  TokenRefusedError,
} from '../../src/sdk/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type ClientKey, makeKey } from '../support/tokens.ts';
import { json, openEndpoint } from './endpoint.ts';

const resource = 'https://api.example/v1/';

let house: House;
let registry: Registry;
let key: ClientKey;
let client: { readonly clientId: string; readonly clientSecret: string };
let keyClient: string;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  key = await makeKey('ES256');
  await registry.makeResource({ identifier: resource });
  client = await registry.makeClient();
  ({ clientId: keyClient } = await registry.makeClient({
    authMethod: 'private_key_jwt',
    jwks: { keys: [key.publicJwk] },
  }));
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

/** Verifies as a resource server does. */
async function claimsOf(header: string) {
  const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
  const { payload } = await jwtVerify(header.replace('Bearer ', ''), keys, {
    issuer: house.issuer,
    audience: resource,
    typ: 'at+jwt',
  });
  return payload;
}

const tokenUrl = () => `${house.issuer}/oauth/token`;
const builder = () =>
  new ClientCredentialProviderBuilder().setClientId(client.clientId).setTokenUrl(tokenUrl()).setResource(resource);

describe('a real server', () => {
  it('gives a token for a secret in the body, once for many callers', async () => {
    const strategy = builder().setClientSecret(client.clientSecret).setScope('read').build().toAuthStrategy();
    const headers = await Promise.all(Array.from({ length: 1000 }, () => strategy.getAuthString()));
    expect(new Set(headers).size).toBe(1);
    expect(await claimsOf(headers[0] ?? '')).toMatchObject({ client_id: client.clientId, scope: 'read' });
  });

  it('gives a token for a secret in the header', async () => {
    const provider = builder().setClientAuthentication(clientSecretBasic(client.clientSecret)).build();
    const header = await provider.toAuthStrategy().getAuthString();
    expect(await claimsOf(header)).toMatchObject({ client_id: client.clientId });
  });

  it('gives tokens for a private key, one assertion each', async () => {
    const provider = new PrivateKeyJwtCredentialProvider({
      clientId: keyClient,
      privateKey: await exportPKCS8(key.privateKey),
      keyId: key.publicJwk.kid,
      tokenUrl: tokenUrl(),
      resource,
    });
    const strategy = provider.toAuthStrategy();
    const first = await strategy.getAuthString();
    expect(await claimsOf(first)).toMatchObject({ client_id: keyClient });
    expect(await strategy.renew(first)).not.toBe(first);
  });

  it('gives a private key a token although the clock here is ten minutes slow', async () => {
    const clock = { wall: () => Date.now() - 600_000, monotonic: () => performance.now() };
    const provider = new PrivateKeyJwtCredentialProvider({
      clientId: keyClient,
      privateKey: key.privateKey,
      tokenUrl: tokenUrl(),
      resource,
      clock,
    });
    const strategy = provider.toAuthStrategy();
    const header = await strategy.getAuthString();
    expect(await claimsOf(header)).toMatchObject({ client_id: keyClient });
    expect(await strategy.getAuthString()).toBe(header);
  });

  it('gives the client of an organization a token of that organization', async () => {
    const provider = new OrgsCredentialProviderBuilder()
      .setClientId(house.demo.org_client_id)
      .setClientSecret(house.demo.org_client_secret)
      .setTokenUrl(tokenUrl())
      .build();
    const header = await provider.toAuthStrategy().getAuthString();
    expect(decodeJwt(header.slice(7))).toMatchObject({ org_id: house.demo.organization_sid });
  });

  it('revokes a token: the API that asks it sees exactly one refresh', async () => {
    const authorization = `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`;
    const about = (path: string, token: string) =>
      fetch(`${house.issuer}${path}`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ token }),
      });
    const api = await openEndpoint(async (seen, res) => {
      const introspection = await about('/oauth/introspect', seen.headers.authorization?.slice(7) ?? '');
      const { active } = (await introspection.json()) as { readonly active: boolean };
      return json(active ? 200 : 401, active ? { data: 'fine' } : { error: 'invalid_token' })(seen, res);
    });
    let tokenRequests = 0;
    const counting: Fetch = (url, init) => {
      tokenRequests += 1;
      return fetch(url, init);
    };
    const tokenManager = new ApiTokenManager({ tokenUrl: tokenUrl(), resource, ...client, fetch: counting });
    const things = countersign({ baseUrl: api.url, credentials: new ClientCredentialProvider({ tokenManager }) });
    await things.get('/things');
    await about('/oauth/revoke', await tokenManager.getToken());
    const answers = await Promise.all(Array.from({ length: 50 }, () => things.get('/things')));
    expect(answers).toEqual(Array.from({ length: 50 }, () => ({ data: 'fine' })));
    expect(tokenRequests).toBe(2);
    await api.close();
  });

  it.each([
    ['a wrong secret', { secret: 'wrong', scope: 'read' }, 'invalid_client', 'Check clientId and its secret'],
    ['a scope that is not allowed', { secret: undefined, scope: 'nonsense' }, 'invalid_scope', 'nonsense'],
  ])('refuses %s with words', async (_name, { secret, scope }, error, words) => {
    const provider = builder()
      .setClientSecret(secret ?? client.clientSecret)
      .setScope(scope)
      .build();
    const attempt = provider.toAuthStrategy().getAuthString();
    await expect(attempt).rejects.toBeInstanceOf(TokenRefusedError);
    await expect(attempt).rejects.toMatchObject({ error, message: expect.stringContaining(words) });
  });

  it('answers what it does not have with a typed error', async () => {
    const api = countersign({ baseUrl: house.issuer, apiKey: house.demo['api_key'] ?? '' });
    await expect(api.get('/nowhere')).rejects.toMatchObject({ name: 'NotFoundError', requestId: expect.any(String) });
  });
});
