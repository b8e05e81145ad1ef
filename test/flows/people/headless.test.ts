import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { rowCounts } from '../../support/rows.ts';
import { openPortal, type Portal } from './portal.ts';
import { type App, obtain, prepare, refreshTokenOf, resource, type Town, toldBy } from './town.ts';

let portal: Portal;
let town: Town;
let app: App;
beforeAll(async () => {
  portal = await openPortal();
  ({ town } = portal);
  app = await town.makeApp();
});
afterAll(() => town.close());

const usual = { scope: 'openid email read', resource };

describe('with CONSENT_URL a request', () => {
  it('is put to the frontend, which knows it by its token alone', async () => {
    const { url, token } = await portal.wait(app, usual);
    expect(url.origin + url.pathname).toBe('https://portal.example/allow');
    expect(url.searchParams.get('lang')).toBe('de');
    const { status, body } = await portal.look(token);
    expect(status).toBe(200);
    expect(body['data']).toMatchObject({
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      verified: false,
      requested_scopes: [{ id: 'openid' }, { id: 'email' }, { id: `${resource} read`, description: 'May read' }],
    });
  });

  it('that is allowed by API key gives a callback whose code redeems', async () => {
    const { token, checks, parameters } = await portal.wait(app, usual);
    const { status, body } = await portal.answer(token, true);
    expect([status, Object.keys(body)]).toEqual([200, ['redirect_uri']]);
    const url = new URL(String(body['redirect_uri']));
    expect(toldBy(url)).toEqual({ code: expect.any(String), state: parameters['state'], iss: town.house.issuer });
    const tokens = await openid.authorizationCodeGrant(app.config, url, checks);
    expect(tokens.claims()?.sub).toBe(portal.ada.sid);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: portal.ada.sid,
      org_id: town.house.demo.organization_sid,
    });
    // No browser took part, so there is no session that it could end with, nor one that somebody could use.
    expect(await town.house.database.sql`select from sessions where user_sid = ${portal.ada.sid}`).toHaveLength(0);
  });

  it('that is denied gives a callback that says so, and no consent', async () => {
    const { token, checks } = await portal.wait(app, usual);
    const before = await rowCounts(town.house.database.sql);
    const { status, body } = await portal.answer(token, false);
    expect(status).toBe(200);
    const url = new URL(String(body['redirect_uri']));
    await expect(openid.authorizationCodeGrant(app.config, url, checks)).rejects.toMatchObject({
      error: 'access_denied',
    });
    const after = await rowCounts(town.house.database.sql);
    expect([after['grants'], after['families'], after['sessions']]).toEqual([
      before['grants'],
      before['families'],
      before['sessions'],
    ]);
    const events = await town.house.database.sql`
      select actor_id as actor, address, request_id as request from audit_events
      where action = 'grant.declined' and target_id = ${app.clientId}`;
    expect([...events]).toEqual([{ actor: portal.ada.sid, address: '127.0.0.1', request: expect.any(String) }]);
  });

  it('that is allowed by an access token of the user gives a code, for what that token reaches', async () => {
    const frontend = await town.makeApp({
      allowedScopes: ['grants:read', 'grants:write', 'clients:read', 'admin'],
      requirePkce: true,
    });
    const limited = await portal.accessTokenFor(frontend, 'grants:write clients:read');
    const small = await portal.wait(app, { scope: 'clients:read' });
    const given = await portal.answer(small.token, true, limited);
    expect(given.status).toBe(200);
    const tokens = await openid.authorizationCodeGrant(
      app.config,
      new URL(String(given.body['redirect_uri'])),
      small.checks,
    );
    expect(tokens.scope).toBe('clients:read');
    const large = await portal.wait(app, { scope: 'read', resource });
    await portal.expectNothing(403, () => portal.answer(large.token, true, limited));
    const { status } = await portal.answer(large.token, true, await portal.accessTokenFor(frontend, 'admin'));
    expect(status).toBe(200);
  });

  it('with offline access gives a refresh token that lives on its own', async () => {
    const { token, checks } = await portal.wait(app, {
      scope: 'openid offline_access read',
      resource,
      prompt: 'consent',
    });
    const url = new URL(String((await portal.answer(token, true)).body['redirect_uri']));
    const tokens = await openid.authorizationCodeGrant(app.config, url, checks);
    expect((await openid.refreshTokenGrant(app.config, refreshTokenOf(tokens))).access_token).toEqual(
      expect.any(String),
    );
  });

  it('that was pushed gives a code, once', async () => {
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const pushed = await openid.buildAuthorizationUrlWithPAR(app.config, parameters);
    const [one, two] = [
      await town.browserOf().begin([...pushed.searchParams]),
      await town.browserOf().begin([...pushed.searchParams]),
    ];
    const tokens = [one, two].map(({ url }) => url.searchParams.get('consent_token') ?? '');
    const first = await portal.answer(tokens[0] ?? '', true);
    expect(first.status).toBe(200);
    const url = new URL(String(first.body['redirect_uri']));
    expect((await openid.authorizationCodeGrant(app.config, url, checks)).scope).toBe('read');
    const second = await portal.answer(tokens[1] ?? '', true);
    const told = second.status === 200 ? toldBy(new URL(String(second.body['redirect_uri']))) : {};
    expect(told).not.toHaveProperty('code');
  });

  it('names an organization of the user, or is refused', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const bob = await town.residents.makeUser(north, south);
    const bobs = await town.residents.makeKey(bob.sid, ['admin'], south);
    const named = await portal.wait(app, { scope: 'read', resource, organization: north });
    await portal.expectNothing(403, () => portal.answer(named.token, true, bobs));
    const free = await portal.wait(app, { scope: 'read', resource });
    const { body } = await portal.answer(free.token, true, bobs);
    const tokens = await openid.authorizationCodeGrant(app.config, new URL(String(body['redirect_uri'])), free.checks);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: bob.sid, org_id: south });
  });
});

describe('without CONSENT_URL', () => {
  it('the same API answers what the built-in pages ask', async () => {
    const plain = await openPortal({});
    const own = await plain.town.makeApp();
    const person = plain.town.browserOf(plain.ada);
    const { parameters, checks } = await prepare(own, { scope: 'openid' });
    const page = await person.begin(parameters);
    expect([page.status, page.page]).toEqual([200, 'login']);
    const answered = await plain.answer(page.url.searchParams.get('consent_token') ?? '', true);
    const url = new URL(String(answered.body['redirect_uri']));
    expect((await openid.authorizationCodeGrant(own.config, url, checks)).claims()?.sub).toBe(plain.ada.sid);
    // The page in the browser is over.
    expect((await person.open(page.url.href)).status).toBe(410);
    // Afterwards the person is known to have consented, though not signed in.
    const other = plain.town.browserOf(plain.ada);
    await obtain(own, other, { scope: 'openid' });
    expect(other.asked).toEqual(['login']);
    await plain.town.close();
  });
});
