import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { type App, obtain, opaqueResource, openTown, refreshTokenOf, resource, type Town } from './town.ts';

let town: Town;
let app: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
});
afterAll(() => town.close());

const offline = { scope: 'openid offline_access email read write', resource, prompt: 'consent' };
const refresh = (token: string, more: Readonly<Record<string, string>> = {}) =>
  openid.refreshTokenGrant(app.config, token, more);

describe('who gets a refresh token', () => {
  it('is an OpenID Connect client only where the person was asked and allowed offline access', async () => {
    const person = town.browserOf();
    expect((await obtain(app, person, { scope: 'openid read', resource })).refresh_token).toBeUndefined();
    // Core section 11: without prompt=consent offline_access is ignored.
    const unasked = await obtain(app, person, { scope: 'openid offline_access read', resource });
    expect(unasked.refresh_token).toBeUndefined();
    const kept = await obtain(app, person, offline, { keep: (scope) => scope !== 'offline_access' });
    expect(kept.refresh_token).toBeUndefined();
    expect((await obtain(app, person, offline)).refresh_token).toEqual(expect.stringMatching(/^[\w-]{43}$/));
    // Nor does it stay for later requests that do not ask.
    expect((await obtain(app, person, { scope: 'openid read', resource })).refresh_token).toBeUndefined();
  });

  it('is a pure OAuth client without any of that', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'read', resource });
    expect(tokens.refresh_token).toEqual(expect.any(String));
    expect(tokens.id_token).toBeUndefined();
  });

  it('is nobody who is not registered for it', async () => {
    const codeOnly = await town.makeApp({ allowedGrantTypes: ['authorization_code'] });
    const person = town.browserOf();
    expect((await obtain(codeOnly, person, { scope: 'read', resource })).refresh_token).toBeUndefined();
    expect((await obtain(codeOnly, person, offline)).refresh_token).toBeUndefined();
  });
});

describe('a refresh', () => {
  it('rotates the token, and keeps the subject, the organization and the scopes', async () => {
    const first = await obtain(app, town.browserOf(), offline);
    const second = await refresh(refreshTokenOf(first));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(second.access_token)];
    for (const claim of ['sub', 'aud', 'scope', 'org_id', 'client_id', 'fam']) expect(after[claim]).toBe(before[claim]);
    expect(after.jti).not.toBe(before.jti);
    expect(second.claims()).toMatchObject({ sub: before.sub, aud: app.clientId, email: expect.any(String) });
    expect((await refresh(refreshTokenOf(second))).access_token).toEqual(expect.any(String));
  });

  it('may ask for less, which narrows that access token and not the grant', async () => {
    const first = await obtain(app, town.browserOf(), offline);
    const less = await refresh(refreshTokenOf(first), { scope: 'read' });
    expect(decodeJwt(less.access_token)).toMatchObject({ scope: 'read' });
    expect(less.id_token).toBeUndefined();
    const again = await refresh(refreshTokenOf(less));
    expect(again.scope?.split(' ').sort()).toEqual(['read', 'write']);
  });

  it.each([
    ['a scope that was not allowed', { scope: 'read clients:read' }, 'invalid_scope'],
    ['a scope that nobody has', { scope: 'read nonsense' }, 'invalid_scope'],
    ['a scope of OpenID Connect that was not asked for', { scope: 'read profile' }, 'invalid_scope'],
    ['another resource', { resource: opaqueResource }, 'invalid_target'],
    ['an unknown resource', { resource: 'https://unknown.example/' }, 'invalid_target'],
  ])('may not ask for more: %s; and the token is not spent by it', async (_what, more, error) => {
    const first = await obtain(app, town.browserOf(), offline);
    await expect(refresh(refreshTokenOf(first), more)).rejects.toMatchObject({ error });
    expect((await refresh(refreshTokenOf(first), { resource })).access_token).toEqual(expect.any(String));
  });

  it('for the userinfo endpoint alone stays one', async () => {
    const first = await obtain(app, town.browserOf(), { scope: 'openid email offline_access', prompt: 'consent' });
    const second = await refresh(refreshTokenOf(first));
    const { sub = '' } = second.claims() ?? {};
    const info = await openid.fetchUserInfo(app.config, second.access_token, sub);
    expect(info).toMatchObject({ sub, email: town.house.demo['user_email'] });
    await expect(refresh(refreshTokenOf(second), { resource })).rejects.toMatchObject({ error: 'invalid_target' });
  });

  it('of another client is refused, and the token goes on working for its own', async () => {
    const other = await town.makeApp();
    const first = await obtain(app, town.browserOf(), offline);
    await expect(openid.refreshTokenGrant(other.config, refreshTokenOf(first))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await refresh(refreshTokenOf(first))).access_token).toEqual(expect.any(String));
  });

  it('gives no more than what the client and the resource still have', async () => {
    const narrowed = await town.makeApp();
    const first = await obtain(narrowed, town.browserOf(), { scope: 'read write', resource });
    await town.house.database.sql`
      update oauth_clients set allowed_scopes = array_remove(allowed_scopes, 'write') where client_id = ${narrowed.clientId}`;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const answer = openid.refreshTokenGrant(narrowed.config, refreshTokenOf(first));
    const scope = await answer.then(
      (tokens) => decodeJwt(tokens.access_token)['scope'],
      () => 'refused',
    );
    expect(['read', 'refused']).toContain(scope);
  });
});
