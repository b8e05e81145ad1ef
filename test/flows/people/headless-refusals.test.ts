import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { openPortal, type Portal } from './portal.ts';
import { type App, refreshTokenOf, resource, type Town } from './town.ts';

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

describe('nothing is made where', () => {
  it('nobody says who they are, or wrongly', async () => {
    const { token } = await portal.wait(app, usual);
    for (const credential of ['', 'nonsense', `${portal.key}x`, 'SK00000000000000000000000000000000.x']) {
      await portal.expectNothing(401, () => portal.answer(token, true, credential));
    }
    expect((await portal.answer(token, true)).status).toBe(200);
  });

  it('the token is unknown, spent, or somebody else’s', async () => {
    await portal.expectNothing(422, () => portal.answer('unknown', true));
    const { token } = await portal.wait(app, usual);
    expect((await portal.answer(token, true)).status).toBe(200);
    await portal.expectNothing(422, () => portal.answer(token, true));
    await portal.expectNothing(422, () => portal.answer(token, false));
    await portal.expectNothing(422, () => portal.look(token));
    const bound = await portal.wait(app, usual);
    await portal.look(bound.token);
    const other = await town.residents.makeKey((await town.residents.makeUser()).sid, ['admin']);
    await portal.expectNothing(422, () => portal.answer(bound.token, true, other));
  });

  it('the token has expired', async () => {
    const { token } = await portal.wait(app, usual);
    await town.house.database.sql`update consent_tokens set expires_at = now() where spent_at is null`;
    await portal.expectNothing(422, () => portal.answer(token, true));
  });

  it('the key has too few scopes', async () => {
    const { token } = await portal.wait(app, usual);
    const reading = await town.residents.makeKey(portal.ada.sid, ['grants:read']);
    const nothing = await town.residents.makeKey(portal.ada.sid, []);
    const writing = await town.residents.makeKey(portal.ada.sid, ['grants:write']);
    await portal.expectNothing(403, () => portal.look(token, nothing));
    expect((await portal.look(token, reading)).status).toBe(200);
    for (const few of [reading, nothing, writing])
      await portal.expectNothing(403, () => portal.answer(token, true, few));
  });

  it('the client answers its own request with a token that it has', async () => {
    const greedy = await town.makeApp({ allowedScopes: ['admin', 'clients:read'] });
    const token = await portal.accessTokenFor(greedy, 'admin');
    const own = await portal.wait(greedy, { scope: 'clients:read' });
    await portal.expectNothing(403, () => portal.answer(own.token, true, token));
  });

  it('a machine, an ID token, a refresh token or a token for elsewhere asks', async () => {
    const { client_id: id, client_secret: secret } = town.house.demo;
    const machine = await openid.clientCredentialsGrant(await town.discover(id, openid.ClientSecretBasic(secret)), {});
    const first = await portal.wait(app, { scope: 'openid offline_access read', resource, prompt: 'consent' });
    const url = new URL(String((await portal.answer(first.token, true)).body['redirect_uri']));
    const tokens = await openid.authorizationCodeGrant(app.config, url, first.checks);
    const { token } = await portal.wait(app, usual);
    for (const wrong of [machine.access_token, tokens.id_token ?? '', refreshTokenOf(tokens), tokens.access_token]) {
      await portal.expectNothing(401, () => portal.answer(token, true, wrong));
    }
  });

  it('the request wants form_post, or a new sign-in', async () => {
    const wishes = [{ response_mode: 'form_post' }, { prompt: 'login' }, { max_age: '60' }];
    for (const wish of wishes) {
      const { token } = await portal.wait(app, { scope: 'openid', ...wish });
      await portal.expectNothing(422, () => portal.answer(token, true));
    }
  });

  it('the user was suspended', async () => {
    const carol = await town.residents.makeUser();
    const carols = await town.residents.makeKey(carol.sid, ['admin']);
    const { token } = await portal.wait(app, usual);
    await town.house.database.sql`update users set standing = 'suspended' where sid = ${carol.sid}`;
    await portal.expectNothing(401, () => portal.answer(token, true, carols));
  });

  it('the client was suspended', async () => {
    const leaving = await town.makeApp();
    const { token } = await portal.wait(leaving, { scope: 'read', resource });
    await town.house.database
      .sql`update oauth_clients set standing = 'suspended' where client_id = ${leaving.clientId}`;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await portal.expectNothing(422, () => portal.answer(token, true));
  });
});
