import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callsAs, faultsIn, recordOf } from '../support/calls.ts';
import { makeTenant } from '../support/tenant.ts';
import { askWithForm, basic, grant, tokenOf } from '../support/tokens.ts';
import { draft, make, openScene, type Resource, type Scene } from './scene.ts';

let scene: Scene;
let house: Scene['house'];
let operator: Scene['operator'];
let tenant: Scene['tenant'];
let asTenant: Scene['asTenant'];
beforeAll(async () => {
  scene = await openScene();
  ({ house, operator, tenant, asTenant } = scene);
});
afterAll(() => scene.house.close());

describe('a protected resource over REST', () => {
  it('is made for the caller’s organization, with all that was left out at its default', async () => {
    const answer = await asTenant('POST', '/resources', { identifier: 'urn:example:plain', name: 'Plain' });
    expect(recordOf(answer, 201)).toEqual({
      id: expect.any(String),
      record_type: 'resource',
      identifier: 'urn:example:plain',
      name: 'Plain',
      organization_sid: tenant.organizationSid,
      token_format: 'jwt',
      signing_alg: 'ES256',
      access_token_ttl: null,
      accepts_registered_clients: false,
      scopes: [],
      introspectors: [],
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  it('is retrieved as it was answered when it was made', async () => {
    const scopes = [{ name: 'read', description: 'Read everything' }];
    const resource = await make(asTenant, { scopes, access_token_ttl: 600, token_format: 'opaque' });
    expect(recordOf(await asTenant('GET', `/resources/${resource.id}`))).toEqual(resource);
    expect(recordOf(await asTenant('GET', `/v2/resources/${resource.id}`))).toEqual(resource);
  });

  it('changes in the members that are named, and only there', async () => {
    const scopes = [{ name: 'read', description: 'Read everything' }];
    const resource = await make(asTenant, { scopes, access_token_ttl: 600 });
    const path = `/resources/${resource.id}`;
    expect(recordOf(await asTenant('PUT', path, { name: 'New', access_token_ttl: null }))).toEqual({
      ...resource,
      name: 'New',
      access_token_ttl: null,
      updated_at: expect.any(String),
    });
    const other = [{ name: 'write', description: 'Write everything' }];
    expect(recordOf(await asTenant('PUT', path, { scopes: other }))).toMatchObject({ name: 'New', scopes: other });
  });

  it('stays as it is after a change without a body', async () => {
    const resource = await make(asTenant);
    expect(recordOf(await asTenant('PUT', `/resources/${resource.id}`))).toEqual(resource);
    expect(recordOf(await asTenant('PUT', `/resources/${resource.id}`, {}))).toEqual(resource);
  });

  it('is not changed over the head of somebody who changed it meanwhile', async () => {
    const resource = await make(asTenant);
    const path = `/resources/${resource.id}`;
    const etag = (await asTenant('GET', path)).headers.get('etag') ?? '';
    expect((await asTenant('PUT', path, { name: 'First' }, { 'if-match': etag })).status).toBe(200);
    expect((await asTenant('PUT', path, { name: 'Second' }, { 'if-match': etag })).status).toBe(412);
    expect((await asTenant('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
    expect(recordOf(await asTenant('GET', path))).toMatchObject({ name: 'First' });
  });

  it('is gone once it is deleted', async () => {
    const resource = await make(asTenant, { introspectors: [] });
    const path = `/resources/${resource.id}`;
    expect((await asTenant('DELETE', path)).status).toBe(204);
    expect((await asTenant('GET', path)).status).toBe(404);
    expect((await asTenant('DELETE', path)).status).toBe(404);
  });

  it('changes what tokens are like at once', async () => {
    const resource = await make(operator, {
      organization_sid: house.demo.organization_sid,
      scopes: [{ name: 'clients:read', description: 'Read clients' }],
    });
    const { client_id: id, client_secret: secret, ...demo } = house.demo;
    const ask = () =>
      askWithForm(
        `${house.address}/oauth/token`,
        { ...grant, resource: String(resource['identifier']) },
        basic(id, secret),
      );
    expect(demo.organization_sid).toBe(resource['organization_sid']);
    expect(tokenOf(await ask()).split('.')).toHaveLength(3);
    const change = { token_format: 'opaque', access_token_ttl: 90 };
    expect((await operator('PUT', `/resources/${resource.id}`, change)).status).toBe(200);
    const after = await ask();
    expect(tokenOf(after).split('.')).toHaveLength(1);
    expect(after.body['expires_in']).toBe(90);
    expect((await operator('DELETE', `/resources/${resource.id}`)).status).toBe(204);
    expect((await ask()).body['error']).toBe('invalid_target');
  });
});

describe('a body that will not do', () => {
  it('is refused with every fault and its place', async () => {
    const answer = await asTenant('POST', '/resources', {
      identifier: 'no uri',
      token_format: 'paper',
      signing_alg: 'none',
      access_token_ttl: 59,
      accepts_registered_clients: 'yes',
      scopes: [{ name: 'read', description: ' ' }],
      introspectors: ['me'],
      id: 'mine',
    });
    expect(answer.status).toBe(422);
    expect(faultsIn(answer).map(([pointer, code]) => [pointer, code])).toEqual([
      ['/identifier', 'invalid_value'],
      ['/name', 'required'],
      ['/token_format', 'invalid_value'],
      ['/signing_alg', 'invalid_value'],
      ['/access_token_ttl', 'invalid_value'],
      ['/accepts_registered_clients', 'invalid_value'],
      ['/scopes/0/description', 'invalid_value'],
      ['/introspectors/0', 'invalid_value'],
      ['/id', 'unknown_property'],
    ]);
  });

  it.each([
    ['urn:a#part', 'must have no fragment (RFC 8707 section 2)'],
    ['https://API.example/', 'must begin with its origin in small letters, without a user or a default port'],
    ['https://api.example:443/', 'must begin with its origin in small letters, without a user or a default port'],
    ['https://a@api.example/', 'must begin with its origin in small letters, without a user or a default port'],
    ['https://bücher.example/', 'must be an absolute URI (RFC 8707)'],
    [' https://api.example', 'must be an absolute URI (RFC 8707)'],
  ])('is refused for the identifier %s', async (identifier, detail) => {
    const answer = await asTenant('POST', '/resources', { identifier, name: 'Odd' });
    expect(answer.status).toBe(422);
    expect(faultsIn(answer)).toEqual([['/identifier', 'unprocessable', detail]]);
  });

  it('is refused for scopes that are none or stand twice, new or changed', async () => {
    const scopes = ['re"ad', 'read', 'read'].map((name) => ({ name, description: 'Read' }));
    const expected = ['/scopes/0/name', '/scopes/2/name'];
    const resource = await make(asTenant);
    const answers = [
      await asTenant('POST', '/resources', draft({ scopes })),
      await asTenant('PUT', `/resources/${resource.id}`, { scopes }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(faultsIn(answer).map(([pointer]) => pointer)).toEqual(expected);
    }
  });

  it('is refused when it would change the identifier or the owner', async () => {
    const resource = await make(asTenant);
    const change = { identifier: 'urn:other', organization_sid: null };
    const answer = await asTenant('PUT', `/resources/${resource.id}`, change);
    expect(faultsIn(answer).map(([pointer, code]) => [pointer, code])).toEqual([
      ['/identifier', 'unknown_property'],
      ['/organization_sid', 'unknown_property'],
    ]);
  });
});

describe('the list of resources', () => {
  it('has each once, on pages in the order of their making, with exact totals', async () => {
    const owner = await makeTenant(house, { name: 'Listers' });
    const as = callsAs(house.address, owner.apiKey);
    const names: string[] = [];
    for (let count = 0; count < 5; count += 1) names.push(String((await make(as))['name']));
    const page = (number: number) =>
      as('GET', `/resources?filter[organization_sid]=${owner.organizationSid}&page[size]=2&page[number]=${number}`);
    const pages = [await page(1), await page(2), await page(3), await page(4)];
    const listed = pages.map(({ body }) => (body['data'] as readonly Resource[]).map((resource) => resource['name']));
    expect(listed).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4), []]);
    expect(pages[1]?.body['meta']).toEqual({ page_number: 2, page_size: 2, total_pages: 3, total_results: 5 });
  });
});

describe('every change', () => {
  it('is in the audit log, with who made it, from where, and what it was', async () => {
    const resource = await make(asTenant);
    const headers = { 'x-request-id': 'a-request-of-this-test' };
    await asTenant('PUT', `/resources/${resource.id}`, { name: 'New', access_token_ttl: 60 }, headers);
    await asTenant('DELETE', `/resources/${resource.id}`);
    const events = await house.database.sql`
      select action, actor_type, actor_id, organization_sid, address, detail from audit_events
      where target_id = ${resource.id} order by id`;
    const by = {
      actor_type: 'api_key',
      actor_id: tenant.apiKeySid,
      organization_sid: tenant.organizationSid,
      address: expect.any(String),
    };
    const { identifier } = resource;
    expect(events).toEqual([
      { ...by, action: 'resource.created', detail: { identifier } },
      { ...by, action: 'resource.updated', detail: { changed: 'name access_token_ttl' } },
      { ...by, action: 'resource.deleted', detail: { identifier } },
    ]);
  });

  it('takes the scope for it', async () => {
    const reader = callsAs(house.address, (await makeTenant(house, { scopes: ['resources:read'] })).apiKey);
    expect((await reader('GET', '/resources')).status).toBe(200);
    expect((await reader('POST', '/resources', draft())).status).toBe(403);
    const other = callsAs(house.address, (await makeTenant(house, { scopes: ['clients:read'] })).apiKey);
    expect((await other('GET', '/resources')).status).toBe(403);
  });
});
