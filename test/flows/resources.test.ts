import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type Answer, askWithForm, askWithJson, basic, grant, tokenOf, tokenPaths } from '../support/tokens.ts';

const api = 'https://api.example/orders';
const slashed = 'https://api.example/orders/';
const ours = 'https://ours.example';
const theirs = 'https://theirs.example';
const formats = { ES256: 'urn:es256', RS256: 'urn:rs256', EdDSA: 'urn:eddsa' } as const;

let house: House;
let registry: Registry;
let client: { readonly clientId: string; readonly clientSecret: string };
let outsider: typeof client;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  const other = await registry.makeOrganization('Another organization');
  client = await registry.makeClient({ allowedScopes: ['read', 'write', 'clients:read'] });
  outsider = await registry.makeClient({ organizationSid: other });
  await registry.makeResource({ identifier: api, scopes: ['read', 'write', 'delete'], accessTokenTtl: 120 });
  await registry.makeResource({ identifier: slashed });
  await registry.makeResource({ identifier: ours, organizationSid: house.demo.organization_sid });
  await registry.makeResource({ identifier: theirs, organizationSid: other });
  for (const [signingAlg, identifier] of Object.entries(formats)) {
    await registry.makeResource({ identifier, signingAlg: signingAlg as keyof typeof formats });
  }
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

const errorOf = (answer: Answer) => [answer.status, answer.body['error']];

describe.each(tokenPaths)('a token for a resource, from %s', (path) => {
  const ask = (fields: Readonly<Record<string, string>>, asker = client) =>
    askWithForm(house.issuer + path, { ...grant, ...fields }, basic(asker.clientId, asker.clientSecret));
  const claims = async (fields: Readonly<Record<string, string>>) => decodeJwt(tokenOf(await ask(fields)));

  it('is for that resource alone, by its identifier to the byte', async () => {
    expect((await claims({ resource: api })).aud).toBe(api);
    expect((await claims({ resource: slashed })).aud).toBe(slashed);
  });

  it('lives as long as the resource says', async () => {
    const { iat = 0, exp = 0 } = await claims({ resource: api });
    expect(exp - iat).toBe(120);
    expect((await ask({ resource: api })).body['expires_in']).toBe(120);
  });

  it.each(Object.entries(formats))('is signed with %s where the resource says so', async (alg, resource) => {
    const token = tokenOf(await ask({ resource }));
    expect(decodeProtectedHeader(token).alg).toBe(alg);
    const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
    const { payload } = await jwtVerify(token, keys, { issuer: house.issuer, audience: resource, typ: 'at+jwt' });
    expect(payload.sub).toBe(client.clientId);
  });

  it('has the scopes that were asked for, each once', async () => {
    expect((await claims({ resource: api, scope: 'write' }))['scope']).toBe('write');
    expect((await claims({ resource: api, scope: 'read write read' }))['scope']).toBe('read write');
  });

  it('has all that client and resource share where no scope was asked for', async () => {
    expect((await claims({ resource: api }))['scope']).toBe('read write');
    expect((await claims({ resource: api, scope: '' }))['scope']).toBe('read write');
    expect((await claims({ resource: slashed }))['scope']).toBe('read');
  });

  it('has no scope claim where they share none', async () => {
    const stranger = await registry.makeClient({ allowedScopes: ['unheard-of'] });
    const answer = await ask({ resource: slashed }, stranger);
    expect(decodeJwt(tokenOf(answer))).not.toHaveProperty('scope');
    expect(answer.body).not.toHaveProperty('scope');
  });

  it('is refused with a scope that the resource lacks', async () => {
    expect(errorOf(await ask({ resource: slashed, scope: 'write' }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ resource: api, scope: 'clients:read' }))).toEqual([400, 'invalid_scope']);
  });

  it('is refused with a scope that the client may not have, even beside one that it may', async () => {
    expect(errorOf(await ask({ resource: api, scope: 'delete' }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ resource: api, scope: 'read delete' }))).toEqual([400, 'invalid_scope']);
  });

  it('is refused with a scope that nobody knows, with or without a resource', async () => {
    expect(errorOf(await ask({ scope: 'nonsense' }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ scope: 'openid' }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ scope: 'offline_access', resource: api }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ scope: 'clients:read "quoted"' }))).toEqual([400, 'invalid_scope']);
    expect(errorOf(await ask({ scope: 'READ', resource: api }))).toEqual([400, 'invalid_scope']);
  });

  it.each([
    'https://api.example/ORDERS',
    'https://API.example/orders',
    'https://api.example:443/orders',
    'https://api.example/orders?',
    'https://api.example/orders#here',
    'https://api.example//orders',
    'https://api.example/%6frders',
    ' https://api.example/orders',
    'https://api.example/orders ',
    'http://api.example/orders',
    'https://unknown.example',
    'not a URI',
    '/orders',
    'constructor',
  ])('is refused for "%s", which is no identifier of a resource', async (resource) => {
    expect(errorOf(await ask({ resource }))).toEqual([400, 'invalid_target']);
  });

  it('is refused for the resource of another organization, and for no other reason than an unknown one', async () => {
    const foreign = await ask({ resource: theirs });
    const unknown = await ask({ resource: 'https://unknown.example' });
    expect(errorOf(foreign)).toEqual([400, 'invalid_target']);
    expect(foreign.text).toBe(unknown.text);
    expect(errorOf(await ask({ resource: ours }, outsider))).toEqual([400, 'invalid_target']);
    expect((await claims({ resource: ours })).aud).toBe(ours);
    expect((await ask({ resource: theirs }, outsider)).status).toBe(200);
  });

  it('is refused for the resource of another organization even where the client lists it', async () => {
    const greedy = await registry.makeClient({ allowedResources: [theirs] });
    expect(errorOf(await ask({ resource: theirs }, greedy))).toEqual([400, 'invalid_target']);
  });

  it('is refused for a resource that the client does not list, the default one too', async () => {
    const narrow = await registry.makeClient({ allowedResources: [slashed] });
    expect((await ask({ resource: slashed }, narrow)).status).toBe(200);
    expect(errorOf(await ask({ resource: api }, narrow))).toEqual([400, 'invalid_target']);
    expect(errorOf(await ask({}, narrow))).toEqual([400, 'invalid_target']);
  });

  it('is for one resource only', async () => {
    const headers = basic(client.clientId, client.clientSecret);
    const url = house.issuer + path;
    const twice: Array<[string, string]> = [
      ['grant_type', 'client_credentials'],
      ['resource', api],
      ['resource', slashed],
    ];
    expect(errorOf(await askWithForm(url, twice, headers))).toEqual([400, 'invalid_target']);
    expect(errorOf(await askWithJson(url, { ...grant, resource: [api, slashed] }, headers))).toEqual([
      400,
      'invalid_target',
    ]);
    const one = await askWithJson(url, { ...grant, resource: [api] }, headers);
    expect(decodeJwt(tokenOf(one)).aud).toBe(api);
  });
});
