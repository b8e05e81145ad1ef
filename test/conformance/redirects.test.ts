import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askWithJson } from '../support/tokens.ts';
import { appScopes, callback, openScene, otherCallback, type Scene, signedOut } from './scene.ts';
import { formsOf, formTo, locationOf, openVisitor, toldBy, type Visitor } from './visitor.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const authorize = (changes: Readonly<Record<string, string>>, browser = openVisitor(scene.house)) =>
  browser.get(`/oauth/authorize?${new URLSearchParams(scene.request(changes))}`);

/** A page that says what is wrong, and leads nowhere by itself. */
async function expectErrorPage(changes: Readonly<Record<string, string>>, browser?: Visitor): Promise<void> {
  const page = await authorize(changes, browser);
  expect([changes, page.status, locationOf(page)]).toEqual([changes, 400, undefined]);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(formsOf(page)).toEqual([]);
  expect(page.text).not.toMatch(/http-equiv|<script|href="(?!\/oauth\/assets\/)/);
}

/** Whether a redirect URI is taken: then the person is asked to sign in. */
async function isTaken(clientId: string, redirectUri: string): Promise<boolean> {
  const answer = await authorize({ client_id: clientId, redirect_uri: redirectUri });
  return locationOf(answer)?.startsWith(`${scene.house.issuer}/oauth/interaction?`) === true;
}

describe('redirects and the authorization request', () => {
  it('1: a redirect URI that differs in any byte is shown an error and sent nowhere', async () => {
    const ofFirst = ['/', '?', '?x=1', '#', '#f', ' ', '%20', '/../callback', ';a'].map((tail) => callback + tail);
    const others = ['https://APP.example/callback', 'http://app.example/callback', 'https://app.example/Callback'];
    const authorities = [
      'app.example:443',
      'me@app.example',
      'app.example.evil.example',
      'app.example%2F@evil.example',
    ];
    const spellings = ['%63allback', './callback', '/callback', 'callbac', 'callback%00'];
    const ofSecond = [
      '8444/cb?tenant=a%2Fb',
      '8443/cb?tenant=a%2fb',
      '8443/cb?tenant=a/b',
      '8443/cb',
      '8443/cb?tenant=a%2Fb&x',
    ];
    const near = [
      ...ofFirst,
      ...others,
      ...authorities.map((authority) => `https://${authority}/callback`),
      ...spellings.map((path) => `https://app.example/${path}`),
      ...ofSecond.map((rest) => `https://app.example:${rest}`),
    ];
    // Who has signed in and allowed all before is sent on without a page, and nowhere else either.
    await scene.code();
    for (const uri of near) {
      await expectErrorPage({ redirect_uri: uri });
      await expectErrorPage({ redirect_uri: uri }, scene.person);
    }
    expect(toldBy(await authorize({}, scene.person), callback)).toHaveProperty('code');
    expect(await isTaken(scene.app.clientId, callback)).toBe(true);
    expect(await isTaken(scene.app.clientId, otherCallback)).toBe(true);
  });

  it('2: a redirect to this machine may differ in its port and in nothing else', async () => {
    const hosts = ['127.0.0.1', 'localhost', '[::1]'];
    for (const host of hosts) {
      const { clientId } = await scene.registry.makeClient({
        clientType: 'public',
        allowedGrantTypes: ['authorization_code'],
        allowedScopes: appScopes,
        redirectUris: [`http://${host}/callback`],
      });
      for (const port of ['', ':1024', ':51004']) {
        expect(await isTaken(clientId, `http://${host}${port}/callback`)).toBe(true);
      }
      const elsewhere = hosts.filter((other) => other !== host).map((other) => `http://${other}:51004/callback`);
      const changed = ['/', '/callback/', '/callback?x', '/Callback'].map((path) => `http://${host}:51004${path}`);
      const odd = [`https://${host}/callback`, `http://me@${host}:51004/callback`, 'http://127.0.0.2/callback'];
      for (const uri of [...elsewhere, ...changed, ...odd]) {
        await expectErrorPage({ client_id: clientId, redirect_uri: uri });
      }
    }
  });

  it('3: no client is registered with a wildcard, a fragment, plain http, or a scheme that a browser runs', async () => {
    const schemes = ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b'];
    const hosts = [
      'https://*.app.example/cb',
      'https://*/cb',
      'http://app.example/cb',
      'http://127.0.0.1.evil.example/',
    ];
    const others = [
      `${callback}#f`,
      `${callback}#`,
      'https://me:pw@app.example/cb',
      'https://app.example\\@evil.example/',
    ];
    for (const uri of [...schemes, ...hosts, ...others, '/cb', 'app:/cb', '']) {
      const made = scene.makeApp({ redirectUris: [uri] }).then(() => 'registered');
      await expect(made).rejects.toMatchObject({
        code: 'unprocessable',
        message: expect.stringContaining('redirect_uris'),
      });
      const afterwards = scene.makeApp({ postLogoutRedirectUris: [uri] }).then(() => 'registered');
      await expect(afterwards).rejects.toMatchObject({ code: 'unprocessable' });
    }
  });

  it('4: without a valid client and redirect URI nobody is sent anywhere, whatever else is asked', async () => {
    const clients = ['OQ00000000000000000000000000000000', '', 'x', scene.house.demo.client_id];
    const wrong = [
      ...clients.map((client_id) => ({ client_id })),
      { redirect_uri: '' },
      { redirect_uri: 'https://evil.example/' },
    ];
    const besides = [
      {},
      { prompt: 'none' },
      { response_mode: 'form_post' },
      { response_type: 'token' },
      { scope: 'nonsense' },
    ];
    for (const fault of wrong) {
      for (const more of besides) await expectErrorPage({ ...more, ...fault });
    }
  });

  it('5: prompt=none answers a registered address only, and for who registered itself there is a page in between', async () => {
    const { house, makeApp, request } = scene;
    await expectErrorPage({ prompt: 'none', redirect_uri: 'https://evil.example/' });
    const stranger = await authorize({ prompt: 'none' });
    expect(toldBy(stranger, callback)).toMatchObject({ error: 'login_required', state: 'a state', iss: house.issuer });
    const person = openVisitor(house);
    await person.authorize(request());
    const { clientId } = await makeApp();
    const asked = await person.authorize(request({ prompt: 'none', client_id: clientId }));
    expect(asked.told).toEqual({
      error: 'consent_required',
      error_description: expect.any(String),
      state: 'a state',
      iss: house.issuer,
    });
    const body = { redirect_uris: ['https://evil.example/'], token_endpoint_auth_method: 'none' };
    const made = await askWithJson(`${house.issuer}/oauth/register`, body);
    const own = { client_id: String(made.body['client_id']), redirect_uri: 'https://evil.example/' };
    for (const fault of [{ prompt: 'none' }, { scope: 'none such' }, { response_type: 'token' }]) {
      const page = await authorize({ ...own, ...fault });
      expect([fault, page.status, locationOf(page), formsOf(page)]).toEqual([fault, 400, undefined, []]);
      expect(page.text).not.toMatch(/http-equiv|<script/);
    }
  });

  it('6: no endpoint goes to an address out of the request', async () => {
    const { house, app } = scene;
    const names = [
      'redirect_uri',
      'post_logout_redirect_uri',
      'return_to',
      'returnTo',
      'next',
      'url',
      'target_link_uri',
      'note',
      'switch',
    ];
    const paths = [
      '/oauth/authorize',
      '/oauth/authorize/x',
      '/oauth/logout',
      '/oauth/logout/success',
      '/oauth/interaction',
      '/oauth/userinfo',
    ];
    for (const evil of ['https://evil.example/', '//evil.example', '/\\evil.example', 'https:%0d%0aevil.example']) {
      for (const path of paths) {
        const query = new URLSearchParams(names.map((name): [string, string] => [name, evil]));
        for (const client of ['', `&client_id=${app.clientId}`]) {
          const answer = await openVisitor(house).get(`${path}?${query}${client}`);
          expect([path, `${locationOf(answer)}`.includes('evil.example')]).toEqual([path, false]);
          expect(answer.text).not.toMatch(/(href|action|src|content)="[^"]*evil\.example/);
        }
      }
    }
    const person = openVisitor(house);
    await person.authorize(scene.request());
    const leave = async (uri: string) => {
      const page = await person.get(
        `/oauth/logout?${new URLSearchParams({ client_id: app.clientId, post_logout_redirect_uri: uri })}`,
      );
      return page.status === 200
        ? locationOf(await person.send(formTo(page, '/confirm'), { logout: 'yes' }))
        : page.status;
    };
    expect(await leave(`${signedOut}/`)).toBe(400);
    expect(await leave(signedOut)).toBe(signedOut);
  });
});
