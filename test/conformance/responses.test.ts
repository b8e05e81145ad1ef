import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic, send } from '../support/tokens.ts';
import { callback, openScene, type Scene } from './scene.ts';
import { formTo, locationOf, openVisitor, toldBy } from './visitor.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const authorize = (changes: Readonly<Record<string, string>>, headers = {}) =>
  openVisitor(scene.house).get(`/oauth/authorize?${new URLSearchParams(scene.request(changes))}`, headers);

describe('authorization responses', () => {
  it('7: after a form of a person, and everywhere else, the redirect is a 303', async () => {
    const person = openVisitor(scene.house);
    const { clientId } = await scene.makeApp();
    const { answers, told } = await person.authorize(scene.request({ client_id: clientId }));
    const page = await person.get('/oauth/logout');
    const posted = await person.send(formTo(page, '/confirm'), { logout: 'yes' });
    const begun = await person.send({ action: '/oauth/authorize', fields: Object.entries(scene.request()) });
    const login = await person.get(locationOf(await person.get(locationOf(begun) ?? '')) ?? '');
    const denied = await person.send(formTo(login, '/deny'));
    const redirects = [...answers, posted, begun, denied].filter((answer) => locationOf(answer) !== undefined);
    expect(told['code']).toBeDefined();
    expect(redirects.length).toBeGreaterThanOrEqual(8);
    expect(redirects.map(({ status }) => status)).toEqual(redirects.map(() => 303));
  });

  const oddState = ' a+b%2B&c=d#"<é🙂 ';

  it('8: an error names the issuer and gives the state back untouched', async () => {
    const faults = [
      { prompt: 'none' },
      { scope: 'nonsense' },
      { response_type: 'token' },
      { code_challenge: '' },
      { max_age: '-1' },
    ];
    for (const fault of faults) {
      const told = toldBy(await authorize({ ...fault, state: oddState }), callback);
      expect(told).toEqual({
        error: expect.any(String),
        error_description: expect.any(String),
        state: oddState,
        iss: scene.house.issuer,
      });
    }
    const unstated = toldBy(await authorize({ prompt: 'none', state: '' }), callback);
    expect(Object.keys(unstated).sort()).toEqual(['error', 'error_description', 'iss']);
  });

  it('9: every response carries the issuer of the metadata, and the metadata says so', async () => {
    const { house, person, request } = scene;
    const { body } = await send(`${house.issuer}/.well-known/oauth-authorization-server`);
    expect(body).toMatchObject({ issuer: house.issuer, authorization_response_iss_parameter_supported: true });
    // The second time nobody is asked any more.
    for (const time of ['first', 'second']) {
      const { told } = await person.authorize(request({ state: oddState }));
      expect([time, told]).toEqual([time, { code: expect.any(String), state: oddState, iss: house.issuer }]);
    }
    for (const more of [{}, { max_age: '-1' }]) {
      const { last } = await person.authorize(request({ response_mode: 'form_post', ...more }));
      expect(formTo(last, callback).fields).toContainEqual(['iss', house.issuer]);
    }
  });

  it('10: a forged Host or X-Forwarded header changes no redirect and no issuer', async () => {
    const { house, person, request } = scene;
    const forged = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '192.0.2.1',
      forwarded: 'host=evil.example;proto=https',
      'x-original-url': 'https://evil.example/',
    };
    const begun = await authorize({}, forged);
    expect(locationOf(begun)).toMatch(new RegExp(`^${house.issuer}/oauth/interaction\\?`));
    const stranger = openVisitor(house);
    const asked = await stranger.get(`/oauth/authorize?${new URLSearchParams(request())}`, forged);
    const login = await stranger.get(locationOf(asked) ?? '', forged);
    expect(login.text).not.toContain('evil.example');
    const denied = await stranger.send(formTo(login, '/deny'), {}, { origin: house.issuer, ...forged });
    expect(locationOf(denied)).toMatch(new RegExp(`^${house.issuer}/oauth/authorize/`));
    await person.authorize(request());
    const answered = await person.get(`/oauth/authorize?${new URLSearchParams(request())}`, forged);
    expect(toldBy(answered, callback)['iss']).toBe(house.issuer);
    const page = await person.get('/oauth/logout', forged);
    expect([page.status, formTo(page, '/oauth/logout/confirm').action]).toEqual([200, '/oauth/logout/confirm']);
  });
});

describe('what a front channel may carry', () => {
  it('11: no token comes through the browser: response types other than code are refused and not advertised', async () => {
    const { body } = await send(`${scene.house.issuer}/.well-known/oauth-authorization-server`);
    expect(body['response_types_supported']).toEqual(['code']);
    const types = ['token', 'id_token', 'id_token token', 'code token', 'code id_token', 'code id_token token', 'none'];
    for (const type of types) {
      const told = toldBy(await authorize({ response_type: type, scope: 'openid', nonce: 'n' }), callback);
      expect([type, told['error']]).toEqual([
        type,
        expect.stringMatching(/^(unsupported_response_type|invalid_request)$/),
      ]);
    }
  });

  it('12: an access token in a URL is not read', async () => {
    const { house, code, redeem } = scene;
    const { body } = await redeem(await code({ scope: 'openid' }));
    const token = String(body['access_token']);
    const inHeader = await send(`${house.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    const inUrl = await send(`${house.issuer}/oauth/userinfo?access_token=${token}`);
    expect([inHeader.status, inUrl.status]).toEqual([200, 400]);
    expect(inUrl.text).not.toContain('sub');
    const asking = basic(scene.app.clientId, scene.app.clientSecret);
    for (const path of ['/oauth/introspect', '/oauth/revoke']) {
      const answer = await send(`${house.issuer}${path}?token=${token}`, { method: 'POST', headers: asking });
      expect([path, answer.status]).toEqual([path, 400]);
    }
  });

  it('13: pages of other sites read nothing of the authorization endpoint, and of the others what is configured', async () => {
    const { house, makeApp } = scene;
    const origin = 'https://spa.example';
    const begun = await authorize({}, { origin });
    const login = await openVisitor(house).get(locationOf(begun) ?? '', { origin });
    const logout = await openVisitor(house).get('/oauth/logout', { origin });
    for (const { headers } of [begun, login, logout]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    for (const path of ['/oauth/authorize', '/oauth/interaction', '/oauth/logout', '/oauth/introspect']) {
      const preflight = await send(house.issuer + path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      expect([path, preflight.status, preflight.headers.has('access-control-allow-origin')]).toEqual([
        path,
        405,
        false,
      ]);
    }
    const app = await makeApp({ webOrigins: [origin] });
    const refused = await scene.refresh('x', {}, { origin });
    const allowed = await scene.refresh('x', {}, { origin, ...basic(app.clientId, app.clientSecret) });
    const readers = [refused, allowed].map(({ headers }) => headers.get('access-control-allow-origin'));
    expect([refused.body['error'], allowed.body['error'], readers]).toEqual([
      'invalid_request',
      'invalid_grant',
      [null, origin],
    ]);
  });
});
