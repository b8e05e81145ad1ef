import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import {
  type Answer,
  askWithForm,
  basic,
  byAssertion,
  type ClientKey,
  forAlgorithm,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
} from '../support/tokens.ts';

interface Metadata {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly grant_types_supported: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly claims_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported: readonly string[];
}

let house: House;
let registry: Registry;
let metadata: Metadata;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  metadata = (await send(`${house.issuer}/.well-known/oauth-authorization-server`)).body as unknown as Metadata;
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

/** Those of the management API come after them. */
const openidScopes = ['openid', 'offline_access', 'profile', 'email', 'org'];

const documents = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const everything = [...documents, '/.well-known/oauth-protected-resource', '/oauth/jwks'];

/** Makes a client for one way of authenticating and returns a request that uses it. */
async function authenticate(method: string): Promise<() => Promise<Answer>> {
  const key = await makeKey('ES256');
  const byKey = method === 'private_key_jwt' ? { jwks: { keys: [key.publicJwk] } } : {};
  const { clientId, clientSecret } = await registry.makeClient({ authMethod: method as never, ...byKey });
  const credentials = { client_id: clientId, client_secret: clientSecret };
  const ways: Readonly<Record<string, () => Promise<Answer>>> = {
    client_secret_basic: () => askWithForm(metadata.token_endpoint, grant, basic(clientId, clientSecret)),
    client_secret_post: () => askWithForm(metadata.token_endpoint, { ...grant, ...credentials }),
    private_key_jwt: async () =>
      askWithForm(
        metadata.token_endpoint,
        byAssertion(await signAssertion(key, goodClaims(clientId, metadata.issuer))),
      ),
  };
  return ways[method] ?? (() => Promise.reject(new Error(`nobody here knows how to use ${method}`)));
}

describe('the metadata of the server', () => {
  it('is the same document at both addresses, and again under /v2', async () => {
    const [first, ...rest] = await Promise.all(
      [...documents, ...documents.map((path) => `/v2${path}`)].map((path) => send(house.issuer + path)),
    );
    expect(first?.status).toBe(200);
    for (const each of rest) expect(each.text).toBe(first?.text);
  });

  it('has no member beyond those that this test knows to be true', () => {
    expect(Object.keys(metadata).sort()).toEqual([
      'authorization_endpoint',
      'authorization_response_iss_parameter_supported',
      'claims_supported',
      'client_id_metadata_document_supported',
      'code_challenge_methods_supported',
      'dpop_signing_alg_values_supported',
      'end_session_endpoint',
      'grant_types_supported',
      'id_token_signing_alg_values_supported',
      'introspection_endpoint',
      'introspection_endpoint_auth_methods_supported',
      'introspection_endpoint_auth_signing_alg_values_supported',
      'issuer',
      'jwks_uri',
      'pushed_authorization_request_endpoint',
      'registration_endpoint',
      'response_modes_supported',
      'response_types_supported',
      'revocation_endpoint',
      'revocation_endpoint_auth_methods_supported',
      'revocation_endpoint_auth_signing_alg_values_supported',
      'scopes_supported',
      'subject_types_supported',
      'token_endpoint',
      'token_endpoint_auth_methods_supported',
      'token_endpoint_auth_signing_alg_values_supported',
      'userinfo_endpoint',
    ]);
  });

  it('names the issuer under which it was found', () => {
    expect(metadata.issuer).toBe(house.issuer);
  });

  it('names endpoints that answer', async () => {
    expect((await askWithForm(metadata.token_endpoint, grant)).status).toBe(401);
    expect((await send(metadata.jwks_uri)).body['keys']).toEqual(expect.any(Array));
    for (const url of [metadata.token_endpoint, metadata.jwks_uri]) expect(new URL(url).origin).toBe(house.issuer);
  });

  it('names ways of authenticating that each get a token', async () => {
    expect(metadata.token_endpoint_auth_methods_supported).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ]);
    for (const method of metadata.token_endpoint_auth_methods_supported.filter((name) => name !== 'none')) {
      const request = await authenticate(method);
      expect([method, (await request()).status]).toEqual([method, 200]);
    }
  });

  it('names signature algorithms of assertions that each get a token', async () => {
    const algorithms = metadata.token_endpoint_auth_signing_alg_values_supported;
    expect([...algorithms].sort()).toEqual(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256']);
    const rsa = await makeKey('RS256');
    const keyFor = (alg: string): Promise<ClientKey> =>
      alg.endsWith('S256') && alg !== 'ES256' ? forAlgorithm(rsa, alg) : makeKey(alg);
    for (const alg of algorithms) {
      const key = await keyFor(alg);
      const { clientId } = await registry.makeClient({
        authMethod: 'private_key_jwt',
        jwks: { keys: [key.publicJwk] },
      });
      const assertion = await signAssertion(key, goodClaims(clientId, metadata.issuer));
      expect([alg, (await askWithForm(metadata.token_endpoint, byAssertion(assertion))).status]).toEqual([alg, 200]);
    }
  });

  it('names the grants that work, and the one response type', async () => {
    expect([...metadata.grant_types_supported].sort()).toEqual([
      'authorization_code',
      'client_credentials',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]);
    expect(metadata.response_types_supported).toEqual(['code']);
    const { client_id: id, client_secret: secret } = house.demo;
    for (const grant_type of [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:openid:params:grant-type:ciba',
    ]) {
      const answer = await askWithForm(metadata.token_endpoint, { grant_type }, basic(id, secret));
      expect([grant_type, answer.body['error']]).toEqual([grant_type, 'unsupported_grant_type']);
    }
  });

  it('names the scopes of OpenID Connect, and those of the management API, each of which a client can have', async () => {
    expect(metadata.scopes_supported.slice(0, openidScopes.length)).toEqual(openidScopes);
    const client = await registry.makeClient({ allowedScopes: metadata.scopes_supported });
    for (const scope of metadata.scopes_supported.slice(openidScopes.length)) {
      const headers = basic(client.clientId, client.clientSecret);
      const answer = await askWithForm(metadata.token_endpoint, { ...grant, scope }, headers);
      expect([answer.status, answer.body['scope']]).toEqual([200, scope]);
    }
  });

  it.each(['client_secret_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'attest_jwt_client_auth'])(
    'does not name %s, and no client can use it',
    async (method) => {
      expect(metadata.token_endpoint_auth_methods_supported).not.toContain(method);
      const wish = { clientType: 'confidential', authMethod: method as never } as const;
      await expect(registry.makeClient(wish)).rejects.toThrow(/token_endpoint_auth_method/);
    },
  );

  it('names no scope of OpenID Connect for a machine, which has nobody to tell of', async () => {
    const client = await registry.makeClient({ allowedScopes: metadata.scopes_supported });
    for (const scope of openidScopes) {
      const headers = basic(client.clientId, client.clientSecret);
      const answer = await askWithForm(metadata.token_endpoint, { ...grant, scope }, headers);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_scope']);
    }
  });

  it('names what an answer to a person may be, and no more', () => {
    expect(metadata).toMatchObject({
      response_modes_supported: ['query', 'form_post'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      end_session_endpoint: `${house.issuer}/oauth/logout`,
      userinfo_endpoint: `${house.issuer}/oauth/userinfo`,
    });
  });

  it('names the claims that there are', () => {
    const standard = ['sub', 'iss', 'auth_time', 'name', 'email', 'email_verified', 'org_id', 'org_name', 'org_role'];
    expect([...metadata.claims_supported].sort()).toEqual(standard.sort());
  });

  it.each(['device', ''])('does not name /oauth/%s, and nothing is there', async (name) => {
    for (const prefix of ['', '/v2']) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
        const answer = await send(`${house.issuer}${prefix}/oauth/${name}`, {
          method,
          headers: { accept: 'text/html' },
        });
        expect([method, answer.status, answer.body['error']]).toEqual([method, 404, 'invalid_request']);
      }
    }
  });

  it.each(['/', '/auth', '/token', '/jwks', '/me', '/session/end', '/reg', '/request', '/device', '/interaction/x'])(
    'does not open the address %s that the protocol library has by default',
    async (path) => {
      expect((await send(house.issuer + path)).status).toBe(404);
      expect((await send(house.issuer + path, { method: 'POST' })).status).toBe(404);
    },
  );

  it.each(everything)('at %s is JSON that caches may keep for a while', async (path) => {
    const answer = await send(house.issuer + path, { headers: { accept: 'text/html' } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json/);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  });
});

describe('the metadata of the management API as a protected resource', () => {
  it('names the issuer as its authorization server and the scopes that it has', async () => {
    const { body } = await send(`${house.issuer}/.well-known/oauth-protected-resource`);
    expect(body).toEqual({
      resource: house.issuer,
      authorization_servers: [house.issuer],
      scopes_supported: metadata.scopes_supported.slice(openidScopes.length),
      bearer_methods_supported: ['header'],
      resource_name: expect.any(String),
    });
  });
});

describe('the JWKS', () => {
  it('holds the keys of ES256, RS256 and EdDSA, each with its name and use', async () => {
    const { keys } = (await send(metadata.jwks_uri)).body as unknown as { keys: JWK[] };
    expect(keys.map((key) => key.alg).sort()).toEqual(['ES256', 'EdDSA', 'RS256']);
    expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatchObject({ kid: expect.stringMatching(/^[\w-]{43}$/), use: 'sig' });
  });

  it('holds no private member', async () => {
    const { keys } = (await send(metadata.jwks_uri)).body as unknown as { keys: JWK[] };
    const publicMembers = ['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y', 'n', 'e'];
    for (const key of keys) expect(Object.keys(key).filter((member) => !publicMembers.includes(member))).toEqual([]);
  });
});
