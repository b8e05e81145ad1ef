import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { type Telling, tellingOf } from './telling.ts';
import { type App, obtain, openTown, prepare, resource, type Town, toldBy } from './town.ts';

let town: Town;
let app: App;
let telling: Telling;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
  telling = tellingOf(town, app);
});
afterAll(() => town.close());

describe('a request', () => {
  it('may come by POST, with the same answer', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    const { parameters, checks } = await prepare(app, { scope: 'openid' });
    const posted = await fetch(`${town.house.issuer}/oauth/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(parameters),
    });
    expect(posted.status).toBe(303);
    const { url } = await person.open(posted.headers.get('location') ?? '');
    expect((await openid.authorizationCodeGrant(app.config, url, checks)).claims()?.sub).toEqual(expect.any(String));
  });

  it('is what it is whatever else stands in it', async () => {
    const person = town.browserOf();
    await obtain(app, person, { scope: 'openid' });
    const ignored = {
      display: 'popup',
      ui_locales: 'de-AT fr',
      claims_locales: 'de',
      acr_values: 'urn:mace:incommon:iap:silver',
      claims: '{"id_token":{"email":{"essential":true}}}',
      login_hint: 'somebody@example.com',
      unknown: 'x',
      foo: 'bar',
      'odd[]': '1',
    };
    const tokens = await obtain(app, person, { scope: 'openid', ...ignored });
    expect(tokens.claims()).not.toHaveProperty('email');
  });

  it('fills in the address that its login_hint names', async () => {
    const page = await town.browserOf().begin(await telling.request({ login_hint: 'ada+"x"@example.com' }));
    expect([page.status, page.page]).toEqual([200, 'login']);
    expect(page.text).toContain('value="ada+&quot;x&quot;@example.com"');
  });

  it.each(['', ' ', 'ünïcödé 漢字 🦊', '"<script>&amp;', 'a=b&c=d#e?f', '%41%00', 'x'.repeat(2_000)])(
    'gets its state back untouched: %j',
    async (state) => {
      const person = town.browserOf();
      await obtain(app, person, { scope: 'openid' });
      const good = await telling.told(person, await telling.request({ state }));
      const bad = await telling.told(person, await telling.request({ state, prompt: 'nonsense' }));
      // An empty parameter is as good as none (RFC 6749 section 3.1).
      for (const answer of [good, bad]) expect(answer['state'] ?? '').toBe(state);
      expect([good['iss'], bad['iss']]).toEqual([town.house.issuer, town.house.issuer]);
    },
  );

  it('needs no nonce, and gets it back in the ID token where it has one', async () => {
    const person = town.browserOf();
    const { nonce: _nonce, ...parameters } = await telling.request();
    expect(await person.authorize(parameters)).toBeInstanceOf(URL);
    const tokens = await obtain(app, person, { scope: 'openid', nonce: 'ñ"\\ 1' });
    expect(tokens.claims()?.nonce).toBe('ñ"\\ 1');
  });

  it.each([
    ['no response type', { response_type: '' }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['the implicit flow of OpenID Connect', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['the hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['no response', { response_type: 'none' }, 'unsupported_response_type'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['no scope that it may have', { scope: 'openid clients:write' }, 'invalid_scope'],
    ['an unknown scope', { scope: 'openid nonsense' }, 'invalid_scope'],
    ['a malformed scope', { scope: 'openid "' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://unknown.example/' }, 'invalid_target'],
    ['a resource that is no URI', { resource: 'x' }, 'invalid_target'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a malformed challenge', { code_challenge: 'x' }, 'invalid_request'],
    ['a malformed organization', { organization: 'north' }, 'invalid_request'],
    ['an unknown response mode', { response_mode: 'nonsense' }, 'unsupported_response_mode'],
    ['JARM', { response_mode: 'jwt' }, 'unsupported_response_mode'],
    ['a web message', { response_mode: 'web_message' }, 'unsupported_response_mode'],
    ['a fragment', { response_mode: 'fragment' }, 'unsupported_response_mode'],
  ])('with %s is refused at the client', async (_what, wrong, error) => {
    await telling.expectTold(town.browserOf(), await telling.request(wrong), error);
  });

  it('is refused where a parameter stands twice', async () => {
    const parameters = Object.entries(await telling.request());
    await telling.expectTold(town.browserOf(), [...parameters, ['scope', 'openid email']], 'invalid_request');
    const twice = await town.browserOf().begin([...parameters, ['redirect_uri', 'https://evil.example/']]);
    expect([twice.status, twice.url.origin]).toEqual([400, town.house.issuer]);
  });

  it('by request_uri is refused unless it was pushed', async () => {
    for (const uri of ['https://app.example/request', 'urn:ietf:params:oauth:request_uri:unknown', 'x']) {
      const end = await town.browserOf().begin({ ...(await telling.request()), request_uri: uri });
      const error = end.page === 'client' ? toldBy(end.url)['error'] : 'on a page';
      expect(['invalid_request_uri', 'request_uri_not_supported', 'on a page']).toContain(error);
    }
  });
});

describe('who is told what went wrong', () => {
  const wrong = [
    ['an unknown client', { client_id: 'OQ00000000000000000000000000000000' }],
    ['no client', { client_id: '' }],
    ['another redirect URI', { redirect_uri: 'https://app.example/callback/' }],
    ['no redirect URI', { redirect_uri: '' }],
  ] as const;

  it.each(wrong)('is the person, on a page, while it is not known whom to tell: %s', async (_what, parameters) => {
    const end = await town.browserOf().begin(await telling.request(parameters));
    expect([end.status, end.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
    expect(end.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(end.headers.get('cache-control')).toContain('no-store');
  });

  it.each(wrong)('is a program in JSON: %s', async (_what, parameters) => {
    const query = new URLSearchParams(await telling.request(parameters));
    const answer = await fetch(`${town.house.issuer}/oauth/authorize?${query}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(await answer.json()).toMatchObject({ error: expect.any(String), error_description: expect.any(String) });
  });

  it('is nobody of an answer to another request: each is tied to the browser that began it', async () => {
    const [ada, eve] = [town.browserOf(), town.browserOf(await town.residents.makeUser())];
    const page = await ada.begin(await telling.request({ scope: 'openid read', resource }));
    const seen = await eve.open(page.url.href);
    expect(seen.page).toBe('login');
    expect((await eve.answer(seen)).status).toBe(403);
  });
});
