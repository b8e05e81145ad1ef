import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type ClientKey, makeKey } from '../support/tokens.ts';

const resource = 'https://api.example/v1/';

let house: House;
let registry: Registry;
let key: ClientKey;
let keyClient: string;
let secretClient: { readonly clientId: string; readonly clientSecret: string };
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  key = await makeKey('ES256');
  await registry.makeResource({ identifier: resource });
  secretClient = await registry.makeClient();
  const jwks = { keys: [key.publicJwk] };
  ({ clientId: keyClient } = await registry.makeClient({ authMethod: 'private_key_jwt', jwks }));
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

/** Verifies as a resource server does: with nothing but the issuer and its own identifier. */
async function verify(token: string, clientId: string): Promise<void> {
  const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: house.issuer,
    audience: resource,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id', 'scope'],
  });
  expect(payload).toMatchObject({ sub: clientId, client_id: clientId, scope: 'read' });
}

const signingKey = () => ({ key: key.privateKey, kid: key.publicJwk.kid ?? '' });

describe.each(['oidc', 'oauth2'] as const)('openid-client, finding the server by %s discovery', (algorithm) => {
  const ways: ReadonlyArray<[string, () => readonly [string, openid.ClientAuth]]> = [
    ['client_secret_basic', () => [secretClient.clientId, openid.ClientSecretBasic(secretClient.clientSecret)]],
    ['client_secret_post', () => [secretClient.clientId, openid.ClientSecretPost(secretClient.clientSecret)]],
    ['private_key_jwt', () => [keyClient, openid.PrivateKeyJwt(signingKey())]],
  ];
  const discover = (clientId: string, authentication: openid.ClientAuth) =>
    openid.discovery(new URL(house.issuer), clientId, undefined, authentication, {
      algorithm,
      execute: [openid.allowInsecureRequests],
    });

  it.each(ways)('gets a token by %s', async (_method, way) => {
    const [clientId, authentication] = way();
    const server = await discover(clientId, authentication);
    const tokens = await openid.clientCredentialsGrant(server, { resource, scope: 'read' });
    expect([tokens.token_type, tokens.expires_in, tokens.scope]).toEqual(['bearer', 3600, 'read']);
    await verify(tokens.access_token, clientId);
  });

  it('understands why it gets none', async () => {
    const server = await discover(secretClient.clientId, openid.ClientSecretPost('wrong'));
    await expect(openid.clientCredentialsGrant(server, {})).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic', parameters: { error: 'invalid_client' } }],
    });
    const good = await discover(secretClient.clientId, openid.ClientSecretPost(secretClient.clientSecret));
    await expect(openid.clientCredentialsGrant(good, { scope: 'nonsense' })).rejects.toMatchObject({
      error: 'invalid_scope',
      error_description: expect.stringContaining('nonsense'),
      status: 400,
    });
  });
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const discover = async (algorithm: 'oidc' | 'oauth2') => {
    const issuer = new URL(house.issuer);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...insecure, algorithm }));
  };
  const ways: ReadonlyArray<[string, () => readonly [string, oauth.ClientAuth]]> = [
    ['client_secret_basic', () => [secretClient.clientId, oauth.ClientSecretBasic(secretClient.clientSecret)]],
    ['client_secret_post', () => [secretClient.clientId, oauth.ClientSecretPost(secretClient.clientSecret)]],
    ['private_key_jwt', () => [keyClient, oauth.PrivateKeyJwt(signingKey())]],
  ];

  it.each(ways)('gets a token by %s, and a resource server that uses it takes the token', async (_method, way) => {
    const [clientId, authentication] = way();
    const server = await discover('oauth2');
    const client = { client_id: clientId };
    const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, { resource }, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(server, client, response);
    await verify(token, clientId);
    const request = new Request(resource, { headers: { authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, resource, insecure);
    expect(claims.client_id).toBe(clientId);
  });

  it('finds the same server by either discovery', async () => {
    expect(await discover('oidc')).toEqual(await discover('oauth2'));
  });

  it('reads the challenge of a 401', async () => {
    const server = await discover('oauth2');
    const client = { client_id: secretClient.clientId };
    const wrong = oauth.ClientSecretBasic('wrong');
    const response = await oauth.clientCredentialsGrantRequest(server, client, wrong, {}, insecure);
    const attempt = oauth.processClientCredentialsResponse(server, client, response);
    await expect(attempt).rejects.toMatchObject({
      cause: [{ scheme: 'basic', parameters: { realm: expect.any(String), error: 'invalid_client' } }],
    });
  });

  it('finds the authorization server by the metadata of the management API', async () => {
    const management = new URL(house.issuer);
    const response = await oauth.resourceDiscoveryRequest(management, insecure);
    const metadata = await oauth.processResourceDiscoveryResponse(management, response);
    expect(metadata.authorization_servers).toEqual([house.issuer]);
  });
});
