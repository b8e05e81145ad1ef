import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { within } from '../../support/within.ts';
import { type App, callback, obtain, openTown, prepare, refreshTokenOf, resource, type Town, toldBy } from './town.ts';

const goodbye = 'https://app.example/goodbye';
let town: Town;
let app: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp({ postLogoutRedirectUris: [goodbye] });
});
afterAll(() => town.close());

const isActive = async (token: string) => (await openid.tokenIntrospection(app.config, token)).active;

/** Other nodes, and this one's memory, hear of an end a moment later. */
const endsSoon = (token: string) => within(2000, async () => !(await isActive(token)));

const silently = async (person: ReturnType<Town['browserOf']>) => {
  const { parameters } = await prepare(app, { scope: 'openid', prompt: 'none' });
  return toldBy(await person.authorize(parameters));
};

describe('signing out', () => {
  it('is confirmed by the person, and leads back to the client that asked for it', async () => {
    const person = town.browserOf();
    const { id_token: hint = '' } = await obtain(app, person, { scope: 'openid' });
    const url = openid.buildEndSessionUrl(app.config, {
      id_token_hint: hint,
      post_logout_redirect_uri: goodbye,
      state: 'a state é',
    });
    person.asked.splice(0);
    const end = await person.answer(await person.open(url.href));
    expect(person.asked).toEqual(['logout']);
    expect(end.url.origin + end.url.pathname).toBe(goodbye);
    expect(toldBy(end.url)).toEqual({ state: 'a state é' });
    expect(await silently(person)).toMatchObject({ error: 'login_required', iss: town.house.issuer });
  });

  it('is recorded with who, from where and the request, for the organization of a member of one', async () => {
    const { residents, registry, house } = town;
    const elsewhere = await registry.makeOrganization('Elsewhere');
    const [ofOne, ofTwo] = [
      await residents.makeUser(),
      await residents.makeUser(house.demo.organization_sid, elsewhere),
    ];
    const signOut = async (resident: typeof ofOne) => {
      const person = town.browserOf(resident);
      await person.authorize((await prepare(app, { scope: 'openid' })).parameters);
      await person.signOut();
      return house.database.sql`
        select actor_type as kind, actor_id as actor, organization_sid as organization, address, request_id as request
        from audit_events where action = 'user.signed_out' and target_id = ${resident.sid}`;
    };
    const event = { kind: 'user', address: '127.0.0.1', request: expect.any(String) };
    const organization = house.demo.organization_sid;
    expect([...(await signOut(ofOne))]).toEqual([{ ...event, actor: ofOne.sid, organization }]);
    expect([...(await signOut(ofTwo))]).toEqual([{ ...event, actor: ofTwo.sid, organization: null }]);
  });

  it('leads to a page of ours where no client asked, or without an address of its own', async () => {
    for (const parameters of [{}, { client_id: app.clientId }, { post_logout_redirect_uri: goodbye }]) {
      const person = town.browserOf();
      await obtain(app, person, { scope: 'openid' });
      const end = await person.signOut(parameters);
      expect([end.status, end.url.pathname]).toEqual([200, '/oauth/logout/success']);
      expect(await silently(person)).toMatchObject({ error: 'login_required' });
    }
  });

  it('can be asked for by POST', async () => {
    const person = town.browserOf();
    const { id_token: hint = '' } = await obtain(app, person, { scope: 'openid' });
    const answer = await fetch(`${town.house.issuer}/oauth/logout`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye }),
    });
    expect(answer.status).toBe(303);
    const end = await person.answer(await person.open(answer.headers.get('location') ?? ''));
    expect(end.url.href).toBe(goodbye);
  });

  it.each([
    ['another address', { post_logout_redirect_uri: 'https://app.example/goodbye?x=1' }],
    ['an address for codes', { post_logout_redirect_uri: callback }],
    ['a hint that is nonsense', { id_token_hint: 'nonsense' }],
    ['an unknown client', { client_id: 'OQ00000000000000000000000000000000' }],
  ])('with %s is refused on a page, and nobody is signed out', async (_what, wrong) => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    const end = await person.open(`/oauth/logout?${new URLSearchParams({ client_id: app.clientId, ...wrong })}`);
    expect([end.status, end.headers.get('content-type')]).toEqual([400, expect.stringContaining('text/html')]);
    expect(await silently(person)).toHaveProperty('code');
  });

  it('does not happen without the form of our own page', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    const page = await person.open('/oauth/logout');
    const forged = { ...page, forms: page.forms.map((form) => ({ ...form, fields: [['xsrf', 'x'] as const] })) };
    expect((await person.send(forged, 'confirm', [['logout', 'yes']])).status).toBe(400);
    expect(await silently(person)).toHaveProperty('code');
  });

  it('does not happen to who would rather stay', async () => {
    const person = town.browserOf();
    const { refresh_token: _none, ...tokens } = await obtain(app, person, { scope: 'openid read', resource });
    const page = await person.open('/oauth/logout');
    await person.send(page, 'confirm');
    expect(await silently(person)).toHaveProperty('code');
    expect(await isActive(tokens.access_token)).toBe(true);
  });

  it('says the same to who is not signed in', async () => {
    const end = await town.browserOf().signOut();
    expect([end.status, end.url.pathname]).toEqual([200, '/oauth/logout/success']);
  });
});

describe('what ends with it', () => {
  it('is every token without offline access, also of an authorization before the last one', async () => {
    const person = town.browserOf();
    const first = await obtain(app, person, { scope: 'read', resource });
    const second = await obtain(app, person, { scope: 'openid read', resource });
    const userinfo = await obtain(app, person, { scope: 'openid email' });
    const tokens = [first.access_token, refreshTokenOf(first), second.access_token, userinfo.access_token];
    expect(await Promise.all(tokens.map(isActive))).toEqual([true, true, true, true]);
    await person.signOut();
    await Promise.all(tokens.map(endsSoon));
    await expect(openid.refreshTokenGrant(app.config, refreshTokenOf(first))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is not what was given offline access, nor what another browser of the same person has', async () => {
    const resident = await town.residents.makeUser();
    const [person, elsewhere] = [town.browserOf(resident), town.browserOf(resident)];
    const offline = await obtain(app, person, { scope: 'openid offline_access read', resource, prompt: 'consent' });
    const online = await obtain(app, person, { scope: 'read', resource });
    const other = await obtain(app, elsewhere, { scope: 'read', resource });
    await person.signOut({ id_token_hint: offline.id_token ?? '' });
    await endsSoon(online.access_token);
    for (const { access_token: token } of [offline, other]) expect(await isActive(token)).toBe(true);
    expect((await openid.refreshTokenGrant(app.config, refreshTokenOf(offline))).scope).toContain('read');
    expect(await silently(elsewhere)).toHaveProperty('code');
  });

  it('is a code that has not been redeemed yet', async () => {
    const person = town.browserOf();
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const url = await person.authorize(parameters);
    await person.signOut();
    await expect(openid.authorizationCodeGrant(app.config, url, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is all of that too where somebody else signs in in the same browser', async () => {
    const [ada, bob] = [await town.residents.makeUser(), await town.residents.makeUser()];
    const person = town.browserOf(ada);
    const tokens = await obtain(app, person, { scope: 'openid read', resource });
    const { parameters } = await prepare(app, { scope: 'openid', prompt: 'login' });
    const login = await person.begin(parameters);
    const url = await person.answer(login, bob);
    expect(url.page).toBe('client');
    await endsSoon(tokens.access_token);
  });
});
