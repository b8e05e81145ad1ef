import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authorizationCodeGrant, refreshTokenGrant } from 'openid-client';
import { expectEnded, offline, standingOf } from '../flows/people/life.ts';
import {
  type App,
  obtain,
  opaqueResource,
  openTown,
  prepare,
  refreshTokenOf,
  resource,
  type Tokens,
  type Town,
} from '../flows/people/town.ts';
import type { Resident } from '../support/residents.ts';
import { type Manage, makeTenant, managerOf, recordOf, recordsOf, type Tenant } from '../support/tenants.ts';

let town: Town;
let app: App;
let other: App;
let manage: Manage;
let stranger: Tenant;
let theirs: Manage;
beforeAll(async () => {
  town = await openTown();
  [app, other] = [await town.makeApp({ name: 'An app' }), await town.makeApp({ name: 'Another' })];
  const { issuer, demo } = town.house;
  manage = managerOf(issuer, demo['api_key'] ?? '');
  stranger = await makeTenant(town);
  theirs = managerOf(issuer, stranger.key);
});
afterAll(() => town.close());

interface Consented {
  readonly resident: Resident;
  readonly id: string;
  readonly tokens: Tokens;
}

const grantsOf = async (who: Manage, query: string) => recordsOf(await who('GET', `/oauth_grants?${query}`));

/** Somebody of an organization who allowed an app something. */
async function consent(client = app, organization = town.house.demo.organization_sid): Promise<Consented> {
  const resident = await town.residents.makeUser(organization);
  const tokens = await obtain(client, town.browserOf(resident), offline);
  const [record] = await grantsOf(manage, `filter[user_id]=${resident.sid}`);
  return { resident, tokens, id: String(record?.['id']) };
}

describe('a grant', () => {
  it('says who allowed whom what, by resource, and when it was last used', async () => {
    const { resident, id } = await consent();
    const answer = await manage('GET', `/oauth_grants/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toMatch(/^".+"$/);
    expect(recordOf(answer)).toEqual({
      id,
      record_type: 'oauth_grant',
      client_id: app.clientId,
      user_id: resident.sid,
      org_id: town.house.demo.organization_sid,
      scopes: ['openid', 'offline_access', 'read'],
      permissions: expect.arrayContaining([
        { resource, scopes: ['read'] },
        { resource: null, scopes: ['openid', 'offline_access'] },
      ]),
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_used_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('is the same at every address that clients know it by', async () => {
    const { id } = await consent();
    const addresses = ['/oauth_grants', '/oauth/grants', '/v2/oauth_grants', '/v2/oauth/grants'];
    const answers = await Promise.all(addresses.map((address) => manage('GET', `${address}/${id}`)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    const lists = await Promise.all(addresses.map((address) => manage('GET', address)));
    expect(new Set(lists.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(lists[0]?.status).toBe(200);
  });

  it('that does not exist is not found, however it is written', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'not-a-uuid', '%00', "'"]) {
      for (const method of ['GET', 'DELETE']) {
        expect((await manage(method, `/oauth_grants/${id}`)).status).toBe(404);
      }
    }
  });
});

describe('the list of grants', () => {
  it('has every page once, oldest first, with exact totals', async () => {
    const client = await town.makeApp();
    for (let count = 0; count < 3; count += 1) await consent(client);
    const query = `filter[client_id]=${client.clientId}&page[size]=2`;
    const pages = await Promise.all(
      [1, 2, 3].map((page) => manage('GET', `/oauth_grants?${query}&page[number]=${page}`)),
    );
    expect(pages.map((page) => recordsOf(page).length)).toEqual([2, 1, 0]);
    for (const [index, { body }] of pages.entries()) {
      expect(body['meta']).toEqual({ page_number: index + 1, page_size: 2, total_pages: 2, total_results: 3 });
    }
    const records = pages.flatMap(recordsOf);
    expect(new Set(records.map(({ id }) => id)).size).toBe(3);
    const times = records.map((record) => String(record['created_at']));
    expect(times).toEqual(times.toSorted());
  });

  it('is filtered by client, by user and by both', async () => {
    const [mine, others] = [await consent(app), await consent(other)];
    const ids = async (query: string) => (await grantsOf(manage, query)).map(({ id }) => id);
    expect(await ids(`filter[user_id]=${others.resident.sid}`)).toEqual([others.id]);
    expect(await ids(`filter[client_id]=${app.clientId}&filter[user_id]=${mine.resident.sid}`)).toEqual([mine.id]);
    expect(await ids(`filter[client_id]=${app.clientId}&filter[user_id]=${others.resident.sid}`)).toEqual([]);
  });

  it('refuses what it does not know, naming each', async () => {
    const { status, body } = await manage('GET', '/oauth_grants?page[size]=101&filter[user_id]=x&colour=red');
    expect(status).toBe(422);
    const errors = body['errors'] as ReadonlyArray<{ readonly source: { readonly parameter: string } }>;
    expect(errors.map(({ source }) => source.parameter).toSorted()).toEqual([
      'colour',
      'filter[user_id]',
      'page[size]',
    ]);
  });
});

describe('who is of another organization', () => {
  it('neither sees nor counts nor ends a grant', async () => {
    const { id, tokens, resident } = await consent();
    expect((await theirs('GET', `/oauth_grants/${id}`)).status).toBe(404);
    expect((await theirs('DELETE', `/oauth_grants/${id}`)).status).toBe(404);
    expect((await theirs('DELETE', `/oauth/grants/${id}`)).status).toBe(404);
    const list = await theirs('GET', `/oauth_grants?filter[user_id]=${resident.sid}`);
    expect([recordsOf(list), list.body['meta']]).toEqual([[], expect.objectContaining({ total_results: 0 })]);
    expect(await standingOf(app, tokens)).toBe('lives');
  });

  it('sees what was allowed in their own', async () => {
    const { id } = await consent(app, stranger.organizationSid);
    expect((await grantsOf(theirs, '')).map((grant) => grant['id'])).toEqual([id]);
    expect((await theirs('DELETE', `/oauth_grants/${id}`)).status).toBe(200);
  });
});

describe('a credential', () => {
  it('takes the scope, and a role that includes it', async () => {
    const { id } = await consent(app, stranger.organizationSid);
    const { issuer } = town.house;
    const { user, organizationSid } = stranger;
    const reader = managerOf(issuer, await town.residents.makeKey(user.sid, ['grants:read'], organizationSid));
    const nobody = managerOf(issuer, await town.residents.makeKey(user.sid, ['clients:read'], organizationSid));
    const viewer = await makeTenant(town, { role: 'viewer' });
    const viewing = await consent(app, viewer.organizationSid);
    const looking = managerOf(issuer, viewer.key);
    const statuses = async (who: Manage, grant: string) => [
      (await who('GET', '/oauth_grants')).status,
      (await who('GET', `/oauth_grants/${grant}`)).status,
      (await who('DELETE', `/oauth_grants/${grant}`)).status,
    ];
    expect(await statuses(reader, id)).toEqual([200, 200, 403]);
    expect(await statuses(nobody, id)).toEqual([403, 403, 403]);
    expect(await statuses(looking, viewing.id)).toEqual([200, 200, 403]);
    expect((await managerOf(issuer, 'nonsense')('GET', '/oauth_grants')).status).toBe(401);
  });
});

describe('deleting a grant', () => {
  it('answers it as it was, and ends every token that came of it at once; others go on', async () => {
    const { id, tokens, resident } = await consent();
    const again = await obtain(app, town.browserOf(resident), offline);
    const others = await obtain(other, town.browserOf(resident), offline);
    const before = recordOf(await manage('GET', `/oauth_grants/${id}`));
    const deleted = await manage('DELETE', `/oauth_grants/${id}`);
    expect([deleted.status, recordOf(deleted)]).toEqual([200, before]);
    await expectEnded(app, tokens);
    await expectEnded(app, again);
    expect(await standingOf(other, others)).toBe('lives');
    expect((await manage('GET', `/oauth_grants/${id}`)).status).toBe(404);
  });

  it('ends what a refresh brought, too, and the user is asked again', async () => {
    const { id, tokens, resident } = await consent();
    const refreshed = (await refreshTokenGrant(app.config, refreshTokenOf(tokens))) as Tokens;
    await manage('DELETE', `/oauth_grants/${id}`);
    await expectEnded(app, refreshed);
    const person = town.browserOf(resident);
    await obtain(app, person, { scope: 'read', resource });
    expect(person.asked).toContain('consent');
  });

  it('ends a code that waits to be redeemed, and opaque tokens', async () => {
    const resident = await town.residents.makeUser();
    const person = town.browserOf(resident);
    const opaque = await obtain(app, person, { ...offline, resource: opaqueResource });
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const waiting = await person.authorize(parameters);
    const [record] = await grantsOf(manage, `filter[user_id]=${resident.sid}`);
    expect((await manage('DELETE', `/v2/oauth/grants/${record?.['id']}`)).status).toBe(200);
    const refused = await authorizationCodeGrant(app.config, waiting, checks).catch((error) => error.error as string);
    expect(refused).toBe('invalid_grant');
    await expectEnded(app, opaque);
  });

  it('is done once, whoever else does it at the same moment, and leaves one event', async () => {
    const { id, resident } = await consent();
    const answers = await Promise.all(Array.from({ length: 6 }, () => manage('DELETE', `/oauth_grants/${id}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404, 404]);
    const events = recordsOf(await manage('GET', `/audit_events?filter[target_id]=${id}&filter[action]=grant.revoked`));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      actor: { type: 'api_key', id: town.house.demo['api_key_sid'] },
      org_id: town.house.demo.organization_sid,
      address: expect.any(String),
      detail: { client_id: app.clientId, user: resident.sid, scopes: ['openid', 'offline_access', 'read'] },
    });
  });
});
