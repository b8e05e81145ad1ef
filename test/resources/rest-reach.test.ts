import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultsIn, recordOf } from '../support/calls.ts';
import { openRegistry } from '../support/registry.ts';
import type { Tenant } from '../support/tenant.ts';
import { draft, make, openScene, type Resource, type Scene } from './scene.ts';

let scene: Scene;
let house: Scene['house'];
let operator: Scene['operator'];
let tenant: Scene['tenant'];
let stranger: Scene['stranger'];
let asTenant: Scene['asTenant'];
let asStranger: Scene['asStranger'];
beforeAll(async () => {
  scene = await openScene();
  ({ house, operator, tenant, stranger, asTenant, asStranger } = scene);
});
afterAll(() => scene.house.close());

const apiOf = async () => {
  const { body } = await operator('GET', `/resources?filter[identifier]=${encodeURIComponent(house.issuer)}`);
  return (body['data'] as readonly Resource[])[0] as Resource;
};

describe('what belongs to another organization', () => {
  it('does not exist for a stranger', async () => {
    const resource = await make(asTenant, { name: 'Hidden' });
    const path = `/resources/${resource.id}`;
    const answers = [
      await asStranger('GET', path),
      await asStranger('PUT', path, { name: 'Mine' }),
      await asStranger('DELETE', path),
      await asStranger('GET', '/resources/00000000-0000-4000-8000-000000000000'),
      await asStranger('GET', '/resources/nothing'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    const mine = `filter[organization_sid]=${tenant.organizationSid}`;
    for (const query of ['page[size]=100', mine, `filter[identifier]=${String(resource['identifier'])}`]) {
      expect((await asStranger('GET', `/resources?${query}`)).text).not.toContain('Hidden');
    }
    expect((await asStranger('GET', `/resources?${mine}`)).body['meta']).toMatchObject({ total_results: 0 });
  });

  it('cannot be made for it', async () => {
    const answer = await asStranger('POST', '/resources', draft({ organization_sid: tenant.organizationSid }));
    const nobody = await asStranger('POST', '/resources', draft({ organization_sid: `OR${'0'.repeat(32)}` }));
    expect([answer.status, faultsIn(answer)]).toEqual([nobody.status, faultsIn(nobody)]);
    expect(faultsIn(answer)).toEqual([['/organization_sid', 'unprocessable', 'is none of yours']]);
  });

  it('keeps its identifier, and all addresses beside it, for itself', async () => {
    const at = (path: string) => draft({ identifier: `https://contested.example${path}` });
    expect((await asTenant('POST', '/resources', at('/v1'))).status).toBe(201);
    for (const path of ['/v1', '/v2', '', '?a']) {
      const answer = await asStranger('POST', '/resources', at(path));
      expect(faultsIn(answer)).toEqual([['/identifier', 'unprocessable', 'is not available']]);
    }
    expect((await asTenant('POST', '/resources', at('/v2'))).status).toBe(201);
    const asOperator = await operator('POST', '/resources', {
      ...at('/v3'),
      organization_sid: stranger.organizationSid,
    });
    expect(asOperator.status).toBe(201);
    expect(faultsIn(await operator('POST', '/resources', at('/v1')))).toEqual([
      ['/identifier', 'unprocessable', 'is not available'],
    ]);
  });

  it('is one organization’s when two reach for an origin at once', async () => {
    const at = (path: string) => draft({ identifier: `https://raced.example/${path}` });
    const answers = await Promise.all(
      [1, 2, 3, 4].flatMap((round) => [
        asTenant('POST', '/resources', at(`tenant-${round}`)),
        asStranger('POST', '/resources', at(`stranger-${round}`)),
      ]),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 422, 422, 422, 422]);
    const owners = await house.database.sql`
      select distinct organization_sid from resources where identifier like 'https://raced.example/%'`;
    expect(owners).toHaveLength(1);
  });

  it('cannot be made at this server’s own address', async () => {
    for (const path of ['/api', '']) {
      const answer = await asTenant('POST', '/resources', draft({ identifier: `${house.issuer}${path}` }));
      expect(faultsIn(answer)).toEqual([['/identifier', 'unprocessable', 'is not available']]);
    }
    expect((await operator('POST', '/resources', draft({ identifier: `${house.issuer}/api` }))).status).toBe(201);
  });
});

describe('introspecting clients', () => {
  it('are named, set and kept within the reach of who calls', async () => {
    const registry = await openRegistry(house);
    const client = (owner: Tenant) =>
      registry.makeClient({ organizationSid: owner.organizationSid, userSid: owner.userSid, allowedScopes: [] });
    const [ours, more, theirs] = [await client(tenant), await client(tenant), await client(stranger)];
    await registry.close();
    const refused = await asTenant('POST', '/resources', draft({ introspectors: [ours.clientId, theirs.clientId] }));
    expect(faultsIn(refused)).toEqual([['/introspectors/1', 'unprocessable', 'is no client of yours']]);
    const resource = await make(asTenant, { introspectors: [ours.clientId] });
    const path = `/resources/${resource.id}`;
    expect((await operator('PUT', path, { introspectors: [ours.clientId, theirs.clientId] })).status).toBe(200);
    expect(recordOf<Resource>(await asTenant('GET', path)).introspectors).toEqual([ours.clientId]);
    expect(recordOf<Resource>(await asTenant('PUT', path, { introspectors: [more.clientId] })).introspectors).toEqual([
      more.clientId,
    ]);
    const all = recordOf<Resource>(await operator('GET', path)).introspectors;
    expect([...all].sort()).toEqual([more.clientId, theirs.clientId].sort());
  });
});

describe('what is the platform’s', () => {
  it('is seen by everybody, and changed by those who run the server', async () => {
    const resource = await make(operator, { organization_sid: null });
    expect(resource['organization_sid']).toBeNull();
    const path = `/resources/${resource.id}`;
    expect(recordOf(await asTenant('GET', path))).toEqual(resource);
    expect((await asTenant('PUT', path, { name: 'Mine' })).status).toBe(403);
    expect((await asTenant('DELETE', path)).status).toBe(403);
    expect(recordOf(await operator('PUT', path, { name: 'Ours' }))).toMatchObject({ name: 'Ours' });
    expect((await operator('DELETE', path)).status).toBe(204);
    const attempt = await asTenant('POST', '/resources', draft({ organization_sid: null }));
    expect([attempt.status, faultsIn(attempt)[0]?.[0]]).toEqual([422, '/organization_sid']);
  });

  it('stays as it is where it is the API itself', async () => {
    const api = await apiOf();
    expect(api['name']).toBe('Management API');
    for (const attempt of [
      await operator('PUT', `/resources/${api.id}`, { name: 'Mine' }),
      await operator('DELETE', `/resources/${api.id}`),
    ]) {
      expect(attempt.status).toBe(422);
    }
    expect(await apiOf()).toEqual(api);
  });
});
