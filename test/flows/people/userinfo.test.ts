import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import {
  type App,
  obtain,
  opaqueResource,
  openidScopes,
  openTown,
  refreshTokenOf,
  resource,
  type Town,
} from './town.ts';

let town: Town;
let app: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
});
afterAll(() => town.close());

const askUserinfo = (token: string, init: RequestInit = {}) =>
  fetch(`${town.house.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` }, ...init });

describe('the userinfo endpoint', () => {
  it.each([
    ['openid', []],
    ['openid profile', ['name']],
    ['openid email', ['email', 'email_verified']],
    ['openid org', ['org_id', 'org_name', 'org_role']],
    [openidScopes, ['email', 'email_verified', 'name', 'org_id', 'org_name', 'org_role']],
  ])('tells for %j the subject and %j', async (scope, claims) => {
    const tokens = await obtain(app, town.browserOf(), { scope });
    const { sub = '' } = tokens.claims() ?? {};
    const info = await openid.fetchUserInfo(app.config, tokens.access_token, sub);
    expect(Object.keys(info).sort()).toEqual([...claims, 'sub'].sort());
    // With an access token for userinfo, the ID token itself tells nothing more (Core section 5.4).
    const inIdToken = claims.filter((claim) => claim in (tokens.claims() ?? {}));
    expect(inIdToken).toEqual([]);
  });

  it('tells the values of the user and of the organization that was chosen', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const resident = await town.residents.makeUser(north, south);
    const tokens = await obtain(app, town.browserOf(resident), { scope: openidScopes }, { organization: south });
    expect(await openid.fetchUserInfo(app.config, tokens.access_token, resident.sid)).toEqual({
      sub: resident.sid,
      name: 'Somebody',
      email: resident.email,
      email_verified: false,
      org_id: south,
      org_name: 'South',
      org_role: 'viewer',
    });
  });

  it('answers POST with the token in the header too', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid' });
    expect((await askUserinfo(tokens.access_token, { method: 'POST' })).status).toBe(200);
  });

  it('refuses a token for a resource, a refresh token, an ID token and nonsense, with a challenge', async () => {
    const wish = { scope: 'openid offline_access read', resource, prompt: 'consent' };
    const tokens = await obtain(app, town.browserOf(), wish);
    const wrong = [tokens.access_token, refreshTokenOf(tokens), tokens.id_token ?? '', 'nonsense'];
    for (const token of wrong) {
      const answer = await askUserinfo(token);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    }
    const none = await fetch(`${town.house.issuer}/oauth/userinfo`);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([
      expect.any(Number),
      expect.stringMatching(/^Bearer|DPoP/),
    ]);
    expect(none.status).toBeGreaterThanOrEqual(400);
  });

  it('takes no token in the URL', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid' });
    const answer = await fetch(`${town.house.issuer}/oauth/userinfo?access_token=${tokens.access_token}`);
    expect([400, 401]).toContain(answer.status);
  });

  it('tells nothing of a machine', async () => {
    const { client_id: id, client_secret: secret } = town.house.demo;
    const config = await town.discover(id, openid.ClientSecretBasic(secret));
    const tokens = await openid.clientCredentialsGrant(config, {});
    expect((await askUserinfo(tokens.access_token)).status).toBe(401);
  });
});

describe('tokens of a user', () => {
  it.each([resource, opaqueResource])('are introspected with whose and where they are: %s', async (audience) => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'read', resource: audience });
    const told = await openid.tokenIntrospection(app.config, tokens.access_token);
    expect(told).toMatchObject({
      active: true,
      iss: town.house.issuer,
      aud: audience,
      client_id: app.clientId,
      scope: 'read',
      org_id: town.house.demo.organization_sid,
      token_type: 'Bearer',
      sub: expect.stringMatching(/^US/),
      exp: expect.any(Number),
    });
    expect(told).not.toHaveProperty('fam');
    const refresh = await openid.tokenIntrospection(app.config, refreshTokenOf(tokens));
    expect(refresh).toMatchObject({ active: true, sub: told.sub, client_id: app.clientId, scope: 'read' });
  });

  it('are known to the organization of the user, and to no other', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const resident = await town.residents.makeUser(north, south);
    const tokens = await obtain(app, town.browserOf(resident), { scope: 'read', resource }, { organization: south });
    const verdict = async (organization: string) => {
      const key = await town.residents.makeKey(resident.sid, ['tokens:introspect'], organization);
      const answer = await fetch(`${town.house.issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: new URLSearchParams({ token: tokens.access_token }),
      });
      return ((await answer.json()) as { readonly active: boolean }).active;
    };
    expect([await verdict(north), await verdict(south)]).toEqual([false, true]);
    expect(decodeJwt(tokens.access_token)['org_id']).toBe(south);
  });

  it.each([resource, opaqueResource])('end when their client gives them back: %s', async (audience) => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'read', resource: audience });
    const isActive = async (token: string) => (await openid.tokenIntrospection(app.config, token)).active;
    await openid.tokenRevocation(app.config, tokens.access_token);
    expect([await isActive(tokens.access_token), await isActive(refreshTokenOf(tokens))]).toEqual([false, true]);
    const second = await openid.refreshTokenGrant(app.config, refreshTokenOf(tokens));
    // RFC 7009 section 2.1: with the refresh token goes all that came of it.
    await openid.tokenRevocation(app.config, refreshTokenOf(second));
    expect([await isActive(second.access_token), await isActive(refreshTokenOf(second))]).toEqual([false, false]);
  });

  it('for userinfo alone are introspected and revoked by their client', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid email' });
    const told = await openid.tokenIntrospection(app.config, tokens.access_token);
    expect(told).toMatchObject({ active: true, scope: 'openid email', org_id: town.house.demo.organization_sid });
    await openid.tokenRevocation(app.config, tokens.access_token);
    expect((await askUserinfo(tokens.access_token)).status).toBe(401);
  });

  it('of one client are not taken back by another', async () => {
    const other = await town.makeApp();
    const tokens = await obtain(app, town.browserOf(), { scope: 'read', resource });
    await openid.tokenRevocation(other.config, tokens.access_token).catch(() => undefined);
    await openid.tokenRevocation(other.config, refreshTokenOf(tokens)).catch(() => undefined);
    expect((await openid.tokenIntrospection(app.config, tokens.access_token)).active).toBe(true);
    expect((await openid.tokenIntrospection(app.config, refreshTokenOf(tokens))).active).toBe(true);
    expect(await openid.tokenIntrospection(other.config, tokens.access_token)).toEqual({ active: false });
  });
});
