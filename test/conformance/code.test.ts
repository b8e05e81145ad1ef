import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { type Answer, askWithForm, basic, makeKey, send, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { isActive } from '../tokens/questions.ts';
import { prove } from './proofs.ts';
import { callback, openScene, otherCallback, type Scene } from './scene.ts';
import { challenge, formTo, locationOf, openVisitor, toldBy, verifier } from './visitor.ts';

let scene: Scene;
let desk: Desk;
let second: House;
beforeAll(async () => {
  scene = await openScene();
  desk = await openDesk(scene.house.database, scene.house.issuer, scene.house.dataDir);
  second = await openHouse({}, scene.house);
});
afterAll(async () => {
  await second.close();
  await desk.close();
  await scene.close();
});

/** What the client is told of a request that is refused at once; nothing where a person is asked. */
async function errorOf(changes: Readonly<Record<string, string>>, browser = openVisitor(scene.house)) {
  const answer = await browser.get(`/oauth/authorize?${new URLSearchParams(scene.request(changes))}`);
  return toldBy(answer, callback)['error'];
}

const outcome = ({ status, body }: Answer) => [status, body['error']];
const refused = [400, 'invalid_grant'];
const asApp = () => ({ headers: basic(scene.app.clientId, scene.app.clientSecret) });

describe('PKCE', () => {
  const publicClient = (wish = {}) =>
    scene.registry.makeClient({
      clientType: 'public',
      allowedGrantTypes: ['authorization_code'],
      allowedScopes: ['clients:read'],
      redirectUris: [callback],
      ...wish,
    });
  const without = { code_challenge: '', code_challenge_method: '' };

  it('14: a public client without a code challenge is refused, whatever it is registered with', async () => {
    for (const requirePkce of [true, false]) {
      const { clientId } = await publicClient({ requirePkce });
      expect(await errorOf({ client_id: clientId })).toBeUndefined();
      expect(await errorOf({ client_id: clientId, ...without })).toBe('invalid_request');
    }
  });

  it('15: so is a confidential client, unless an operator made it an exception', async () => {
    expect(await errorOf(without)).toBe('invalid_request');
    const pushed = await askWithForm(`${scene.house.issuer}/oauth/par`, scene.request(without), asApp().headers);
    expect(outcome(pushed)).toEqual([400, 'invalid_request']);
    const { clientId } = await scene.makeApp({ requirePkce: false });
    expect(await errorOf({ client_id: clientId, ...without })).toBeUndefined();
  });

  it('16: S256 is the only method, in the metadata and in requests', async () => {
    const { body } = await send(`${scene.house.issuer}/.well-known/oauth-authorization-server`);
    expect(body['code_challenge_methods_supported']).toEqual(['S256']);
    // Who has signed in and allowed all before is sent on without a page.
    await scene.code();
    for (const method of ['plain', '', 's256', 'S512']) {
      const changes = { code_challenge: verifier, code_challenge_method: method };
      const errors = [await errorOf(changes), await errorOf(changes, scene.person)];
      expect([method, ...errors]).toEqual([method, 'invalid_request', 'invalid_request']);
    }
  });

  it('17: a code that was asked for with a challenge is worth nothing without the verifier', async () => {
    expect(outcome(await scene.redeem(await scene.code(), { code_verifier: '' }))).toEqual(refused);
    expect((await scene.redeem(await scene.code())).status).toBe(200);
  });

  it('18: a verifier for a code that was asked for without a challenge is refused', async () => {
    const app = await scene.makeApp({ requirePkce: false });
    const headers = basic(app.clientId, app.clientSecret);
    const bare = () => scene.code({ client_id: app.clientId, ...without });
    expect(outcome(await scene.redeem(await bare(), {}, headers))).toEqual(refused);
    expect((await scene.redeem(await bare(), { code_verifier: '' }, headers)).status).toBe(200);
  });

  it('19: a wrong verifier burns the code', async () => {
    for (const wrong of [verifier.replace('a', 'b'), `${verifier}x`, challenge]) {
      const code = await scene.code();
      expect(outcome(await scene.redeem(code, { code_verifier: wrong }))).toEqual(refused);
      expect(outcome(await scene.redeem(code))).toEqual(refused);
    }
  });
});

describe('a code', () => {
  it('20: of one client is worth nothing to another, which cannot burn it either', async () => {
    const other = await scene.makeApp();
    const code = await scene.code();
    const stolen = await scene.redeem(code, {}, basic(other.clientId, other.clientSecret));
    expect(outcome(stolen)).toEqual(refused);
    expect((await scene.redeem(code)).status).toBe(200);
  });

  it('21: comes with the redirect URI that it was sent to', async () => {
    for (const wrong of [otherCallback, `${callback}/`, 'https://evil.example/']) {
      const code = await scene.code();
      expect(outcome(await scene.redeem(code, { redirect_uri: wrong }))).toEqual(refused);
      expect(outcome(await scene.redeem(code))).toEqual(refused);
    }
    expect(outcome(await scene.redeem(await scene.code(), { redirect_uri: '' }))).toEqual([400, 'invalid_request']);
  });

  it('22: used a second time is refused, and takes back what the first use brought', async () => {
    const code = await scene.code();
    const first = await scene.redeem(code);
    const access = tokenOf(first);
    expect(await isActive(scene.house.address, access, asApp())).toBe(true);
    expect(outcome(await scene.redeem(code))).toEqual(refused);
    await within(1000, async () => !(await isActive(scene.house.address, access, asApp())));
    expect(outcome(await scene.refresh(first.body['refresh_token']))).toEqual(refused);
  });

  it('23: used twenty times at once on two nodes gives one answer', async () => {
    const plain = { grant_type: 'authorization_code', code_verifier: verifier, redirect_uri: callback };
    for (let round = 0; round < 10; round += 1) {
      // A parameter that nobody knows keeps a request off the short way round the library.
      const fields = round % 2 === 0 ? plain : { ...plain, x: '1' };
      const code = await scene.code();
      const race = Array.from({ length: 20 }, (_, index) => {
        const { address } = index % 2 === 0 ? scene.house : second;
        return askWithForm(`${address}/oauth/token`, { ...fields, code }, asApp().headers);
      });
      const errors = (await Promise.all(race)).map(({ body }) => body['error']);
      expect(errors.filter((error) => error === undefined)).toHaveLength(1);
      expect(errors.filter((error) => error === 'invalid_grant')).toHaveLength(19);
    }
  });

  it('24: lives for a minute at most, which is judged when it is used', async () => {
    const { house, app } = scene;
    for (const code of [await scene.code({ prompt: 'consent' }), await scene.code()]) {
      const [row] = await house.database.sql`
        select extract(epoch from expires_at - now())::float8 as left from artifacts where id_hash = ${hashSecret(code)}`;
      expect(row?.['left']).toBeLessThanOrEqual(60);
    }
    const user = await desk.makeUser();
    const now = Math.floor(Date.now() / 1000);
    // Without a consent record a code is redeemed by the library, with one it may be redeemed without.
    for (const consent of [null, (await house.database.sql`select id from grants limit 1`)[0]?.['id']]) {
      const grantId = await desk.makeGrant(app.clientId, user, 'clients:read');
      await house.database.sql`update families set grant_id = ${consent} where id_hash = ${hashSecret(grantId)}`;
      const wish = { clientId: app.clientId, user, grantId, scope: 'clients:read', redirectUri: callback };
      const expired = await desk.makeCode({ ...wish, expiresAt: now - 1 });
      expect(outcome(await scene.redeem(expired.code, { code_verifier: expired.verifier }))).toEqual(refused);
      const live = await desk.makeCode({ ...wish, expiresAt: now + 30 });
      expect((await scene.redeem(live.code, { code_verifier: live.verifier })).status).toBe(200);
    }
  });

  it('25: is bound to the nonce and to the DPoP key of its request', async () => {
    const { body } = await scene.redeem(await scene.code({ scope: 'openid', nonce: 'of this very request' }));
    expect(decodeJwt(String(body['id_token']))['nonce']).toBe('of this very request');
    const [own, foreign] = [await makeKey('ES256'), await makeKey('ES256')];
    const jkt = await calculateJwkThumbprint(own.publicJwk);
    const url = `${scene.house.issuer}/oauth/token`;
    const redeemWith = async (key?: typeof own) =>
      scene.redeem(
        await scene.code({ dpop_jkt: jkt }),
        {},
        key === undefined ? {} : { dpop: await prove(key, { url }) },
      );
    expect(outcome(await redeemWith())).toEqual(refused);
    expect(outcome(await redeemWith(foreign))).toEqual(refused);
    expect((await redeemWith(own)).body['token_type']).toBe('DPoP');
  });
});

describe('the forms of a request', () => {
  const open = async () => {
    const browser = openVisitor(scene.house);
    const begun = await browser.get(`/oauth/authorize?${new URLSearchParams(scene.request())}`);
    return { browser, page: await browser.get(locationOf(begun) ?? '') };
  };
  const credentials = () => ({
    email: scene.house.demo['user_email'] ?? '',
    password: scene.house.demo['user_password'] ?? '',
  });

  it('26: count from the page that we showed, in the browser that began, and nowhere else', async () => {
    const [own, others] = [await open(), await open()];
    const form = formTo(own.page, '/login');
    // The sign-in form of a request can be loaded anywhere, with a seal for that browser.
    const [token = ''] = form.fields.map(([, value]) => value);
    const seen = await others.browser.get(`/oauth/interaction?consent_token=${token}`);
    const seal = Object.fromEntries(formTo(others.page, '/login').fields)['csrf'] ?? '';
    const evil = { origin: 'https://evil.example' };
    const forged = [
      await own.browser.send(form, { ...credentials(), csrf: '' }),
      await own.browser.send(form, { ...credentials(), csrf: seal }),
      await own.browser.send(form, credentials(), { ...evil, 'sec-fetch-site': 'cross-site' }),
      await own.browser.send(form, credentials(), evil),
      await others.browser.send(formTo(seen, '/login'), credentials()),
      await openVisitor(scene.house).send(form, credentials()),
    ];
    expect(forged.map((answer) => [answer.status, locationOf(answer)])).toEqual(forged.map(() => [403, undefined]));
    const taken = await own.browser.send(form, credentials());
    expect([taken.status, locationOf(taken)]).toEqual([303, expect.stringContaining('/oauth/authorize/')]);
    const resumed = await others.browser.get(locationOf(taken) ?? '');
    expect([resumed.status, locationOf(resumed)]).toEqual([400, undefined]);
    expect(toldBy(await own.browser.get(locationOf(taken) ?? ''), callback)).not.toHaveProperty('error');
  });
});
