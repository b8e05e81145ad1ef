import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { within } from '../../support/within.ts';
import { expectEnded, isSignedIn, live, offline, refreshes, standingOf, userinfoStatus } from './life.ts';
import { type App, obtain, openTown, prepare, refreshTokenOf, resource, type Town } from './town.ts';

let town: Town;
let app: App;
let other: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
  other = await town.makeApp();
});
afterAll(() => town.close());

const sql = () => town.house.database.sql;

describe('a new password', () => {
  it('ends every session and token of its user, and nobody else’s', async () => {
    const [ada, bob] = [await live(town, app, other), await live(town, app, other)];
    const elsewhere = town.browserOf(ada.resident);
    await obtain(app, elsewhere, { scope: 'openid' });
    const password = await town.residents.changePassword(ada.resident.sid);
    await expectEnded(app, ada.mine);
    await expectEnded(other, ada.others);
    expect([await isSignedIn(app, ada.person), await isSignedIn(app, elsewhere)]).toEqual([false, false]);
    expect([await standingOf(app, bob.mine), await isSignedIn(app, bob.person)]).toEqual(['lives', true]);
    // With the new one it goes on, and what was allowed before need not be allowed again.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const again = town.browserOf({ ...ada.resident, password });
    const tokens = await obtain(app, again, { scope: 'openid read', resource });
    expect(again.asked).toEqual(['login']);
    expect((await openid.tokenIntrospection(app.config, tokens.access_token)).active).toBe(true);
  });

  it('ends the code that waits, and the question that is open', async () => {
    const resident = await town.residents.makeUser();
    const person = town.browserOf(resident);
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const url = await person.authorize(parameters);
    const open = await person.begin((await prepare(other, { scope: 'read', resource })).parameters);
    expect(open.page).toBe('consent');
    await town.residents.changePassword(resident.sid);
    await expect(openid.authorizationCodeGrant(app.config, url, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const end = await person.send(open, 'consent', [['scope', `${resource} read`]]);
    expect(end.page).not.toBe('client');
  });
});

describe('a consent record that is deleted', () => {
  it('ends its own families, and the client has to ask again', async () => {
    const life = await live(town, app, other);
    const forUserinfo = await obtain(app, life.person, { scope: 'openid', prompt: 'consent' });
    expect(await userinfoStatus(town, forUserinfo)).toBe(200);
    await sql()`delete from grants where user_sid = ${life.resident.sid} and client_id = ${app.clientId}`;
    await expectEnded(app, life.mine);
    expect(await userinfoStatus(town, forUserinfo)).toBe(401);
    expect(await standingOf(other, life.others)).toBe('lives');
    expect(await isSignedIn(app, life.person)).toBe(true);
    life.person.asked.splice(0);
    await obtain(app, life.person, { scope: 'openid read', resource });
    expect(life.person.asked).toEqual(['consent']);
  });
});

describe('a client', () => {
  const makeLife = async () => {
    const mine = await town.makeApp();
    const person = town.browserOf(await town.residents.makeUser());
    const tokens = await obtain(mine, person, offline);
    const others = await obtain(other, person, offline);
    return { mine, tokens, others };
  };

  it('that is suspended takes its tokens along, and they do not come back with it', async () => {
    const { mine, tokens, others } = await makeLife();
    await sql()`update oauth_clients set standing = 'suspended' where client_id = ${mine.clientId}`;
    await within(2000, async () => (await refreshes(mine, tokens)) === 'invalid_client');
    await sql()`update oauth_clients set standing = 'active' where client_id = ${mine.clientId}`;
    await within(2000, async () => (await refreshes(mine, tokens)) === 'invalid_grant');
    expect(await standingOf(mine, tokens)).toBe('ended');
    expect(await standingOf(other, others)).toBe('lives');
  });

  it('that is deleted takes its tokens and its consent along', async () => {
    const { mine, tokens, others } = await makeLife();
    const key = await town.residents.makeKey((await town.residents.makeUser()).sid, ['tokens:introspect']);
    const verdict = async () => {
      const answer = await fetch(`${town.house.issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: new URLSearchParams({ token: tokens.access_token }),
      });
      return ((await answer.json()) as { readonly active: boolean }).active;
    };
    expect(await verdict()).toBe(true);
    await sql()`delete from oauth_clients where client_id = ${mine.clientId}`;
    await within(2000, async () => !(await verdict()));
    await within(2000, async () => (await refreshes(mine, tokens)) === 'invalid_client');
    expect(await sql()`select from grants where client_id = ${mine.clientId}`).toHaveLength(0);
    expect(await standingOf(other, others)).toBe('lives');
  });
});

describe('a user', () => {
  it('who is suspended is out everywhere, and their tokens do not come back with them', async () => {
    const life = await live(town, app, other);
    await sql()`update users set standing = 'suspended' where sid = ${life.resident.sid}`;
    await expectEnded(app, life.mine);
    expect(await isSignedIn(app, life.person)).toBe(false);
    const { parameters } = await prepare(app, { scope: 'openid' });
    const login = await town.browserOf(life.resident).begin(parameters);
    const refused = await life.person.send(login, 'login', [
      ['email', life.resident.email],
      ['password', life.resident.password],
    ]);
    expect(refused.page).not.toBe('client');
    await sql()`update users set standing = 'active' where sid = ${life.resident.sid}`;
    expect(await refreshes(other, life.others)).toBe('invalid_grant');
  });

  it('who is removed goes with sessions, consent and tokens', async () => {
    const life = await live(town, app, other);
    await town.residents.remove(life.resident.sid);
    await expectEnded(app, life.mine);
    await expectEnded(other, life.others);
    expect(await isSignedIn(app, life.person)).toBe(false);
    expect(await sql()`select from sessions where user_sid = ${life.resident.sid}`).toHaveLength(0);
    expect(await sql()`select from grants where user_sid = ${life.resident.sid}`).toHaveLength(0);
  });

  it('who leaves an organization loses what was allowed in its name, and nothing else', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const resident = await town.residents.makeUser(north, south);
    const person = town.browserOf(resident);
    const [inNorth, inSouth] = [
      await obtain(app, person, { ...offline, organization: north }),
      await obtain(app, person, { ...offline, organization: south }),
    ];
    await town.residents.leave(resident.sid, south);
    await expectEnded(app, inSouth);
    expect(await standingOf(app, inNorth)).toBe('lives');
    expect(
      decodeJwt((await openid.refreshTokenGrant(app.config, refreshTokenOf(inNorth))).access_token)['org_id'],
    ).toBe(north);
    // The choice of before counts no more either: only one is left.
    const tokens = await obtain(app, person, { scope: 'read', resource });
    expect(decodeJwt(tokens.access_token)['org_id']).toBe(north);
  });
});

describe('an organization that is suspended', () => {
  it('ends the tokens for it, and those alone', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const person = town.browserOf(await town.residents.makeUser(north, south));
    const inNorth = await obtain(app, person, { ...offline, organization: north });
    const inSouth = await obtain(app, person, { ...offline, organization: south });
    const forUserinfo = await obtain(app, person, { scope: 'openid email', organization: south });
    expect(await userinfoStatus(town, forUserinfo)).toBe(200);
    await sql()`update organizations set standing = 'suspended' where sid = ${south}`;
    await expectEnded(app, inSouth);
    expect(await userinfoStatus(town, forUserinfo)).toBe(401);
    expect(await standingOf(app, inNorth)).toBe('lives');
    const { parameters } = await prepare(app, { scope: 'read', resource, organization: south });
    expect((await person.answer(await person.begin(parameters))).page).not.toBe('client');
  });
});
