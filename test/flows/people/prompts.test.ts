import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { type Telling, tellingOf } from './telling.ts';
import { type App, obtain, openTown, prepare, type Town } from './town.ts';

let town: Town;
let app: App;
let telling: Telling;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
  telling = tellingOf(town, app);
});
afterAll(() => town.close());

describe('prompt', () => {
  it('none asks nothing and tells what would have to be asked', async () => {
    const silent = await telling.request({ prompt: 'none' });
    await telling.expectTold(town.browserOf(), silent, 'login_required');
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const person = town.browserOf(await town.residents.makeUser(north, south));
    const other = await town.makeApp();
    await obtain(other, person, { scope: 'openid' });
    await telling.expectTold(person, silent, 'interaction_required');
    await telling.expectTold(person, { ...silent, organization: south }, 'consent_required');
    await obtain(app, person, { scope: 'openid', organization: south });
    expect(await telling.told(person, { ...silent, organization: south })).toHaveProperty('code');
    await telling.expectTold(
      person,
      await telling.request({ prompt: 'none', scope: 'openid email', organization: south }),
      'consent_required',
    );
  });

  it('login has a person sign in who is signed in', async () => {
    const person = town.browserOf();
    const first = await obtain(app, person, { scope: 'openid', max_age: '1000' });
    await wait(1_100);
    person.asked.splice(0);
    const second = await obtain(app, person, { scope: 'openid', prompt: 'login', max_age: '1000' });
    expect(person.asked).toEqual(['login']);
    expect(second.claims()?.auth_time).toBeGreaterThan(first.claims()?.auth_time ?? 0);
  });

  it('consent has them allow what they allowed before', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    person.asked.splice(0);
    await obtain(app, person, { scope: 'openid', prompt: 'consent' });
    expect(person.asked).toEqual(['consent']);
    person.asked.splice(0);
    await obtain(app, person, { scope: 'openid', prompt: 'login consent' });
    expect(person.asked).toEqual(['login', 'consent']);
  });

  it.each(['none login', 'select_account', 'create', 'nonsense', 'login nonsense'])('%j is refused', async (prompt) => {
    await telling.expectTold(town.browserOf(), await telling.request({ prompt }), 'invalid_request');
  });
});

describe('max_age', () => {
  it('has a person sign in whose sign-in is too old', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    await wait(2_100);
    person.asked.splice(0);
    const tokens = await obtain(app, person, { scope: 'openid', max_age: '1' });
    expect(person.asked).toEqual(['login']);
    expect(Date.now() / 1000 - (tokens.claims()?.auth_time ?? 0)).toBeLessThan(5);
    await wait(2_100);
    await telling.expectTold(person, await telling.request({ max_age: '1', prompt: 'none' }), 'login_required');
  });

  it('0 means at once', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    person.asked.splice(0);
    const { parameters, checks } = await prepare(app, { scope: 'openid', max_age: '0' });
    const url = await person.authorize(parameters);
    expect(person.asked).toEqual(['login']);
    expect(
      (await openid.authorizationCodeGrant(app.config, url, { ...checks, maxAge: 10 })).claims()?.auth_time,
    ).toEqual(expect.any(Number));
  });

  it.each(['-1', '1.5', 'soon', '99999999999999999999'])('%j is refused', async (age) => {
    await telling.expectTold(town.browserOf(), await telling.request({ max_age: age }), 'invalid_request');
  });
});

describe('id_token_hint', () => {
  it('says who is meant, and nobody else will do', async () => {
    const [ada, bob] = [
      town.browserOf(await town.residents.makeUser()),
      town.browserOf(await town.residents.makeUser()),
    ];
    const hint = (await obtain(app, ada, { scope: 'openid' })).id_token ?? '';
    await obtain(app, bob, { scope: 'openid' });
    const silent = await telling.request({ prompt: 'none', id_token_hint: hint });
    expect(await telling.told(ada, silent)).toHaveProperty('code');
    await telling.expectTold(bob, silent, 'login_required');
    bob.asked.splice(0);
    const page = await bob.begin(await telling.request({ id_token_hint: hint }));
    expect(page.page).toBe('login');
  });

  it('that is forged, or of another client, is refused', async () => {
    const other = await town.makeApp();
    const person = town.browserOf();
    const hint = (await obtain(app, person, { scope: 'openid' })).id_token ?? '';
    const theirs = (await obtain(other, person, { scope: 'openid' })).id_token ?? '';
    const [head, , signature] = hint.split('.');
    const changed = Buffer.from(JSON.stringify({ ...decodeJwt(hint), sub: 'US0' })).toString('base64url');
    for (const wrong of ['nonsense', `${head}.${changed}.${signature}`, theirs, hint.slice(0, -4)]) {
      await telling.expectTold(
        person,
        await telling.request({ id_token_hint: wrong, prompt: 'none' }),
        'invalid_request',
      );
    }
  });
});
