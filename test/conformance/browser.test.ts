import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, askWithForm, askWithJson, basic, send } from '../support/tokens.ts';
import { introspect } from '../tokens/questions.ts';
import { callback, openScene, type Scene } from './scene.ts';
import { formsOf, formTo, locationOf, openVisitor, toldBy, type Visitor } from './visitor.ts';

const entities: Readonly<Record<string, string>> = { quot: '"', gt: '>', lt: '<', amp: '&', '#39': "'" };
const logo = 'https://cdn.example/logo.png';

let scene: Scene;
/** Every page that people are shown, by its name. */
let pages: ReadonlyMap<string, Answer>;
beforeAll(async () => {
  scene = await openScene();
  pages = new Map(
    await Promise.all(Object.entries(visits).map(async ([name, visit]) => [name, await visit()] as const)),
  );
});
afterAll(() => scene.close());

const begin = async (browser: Visitor, changes: Readonly<Record<string, string>> = {}) =>
  browser.get(`/oauth/authorize?${new URLSearchParams(scene.request(changes))}`);

async function login(browser: Visitor): Promise<Answer> {
  const { clientId } = await scene.makeApp({ logoUri: logo, policyUri: 'https://app.example/privacy' });
  return browser.get(locationOf(await begin(browser, { client_id: clientId })) ?? '');
}

async function consent(browser: Visitor): Promise<Answer> {
  const { demo } = scene.house;
  const credentials = { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' };
  const signedIn = await browser.send(formTo(await login(browser), '/login'), credentials);
  return browser.get(locationOf(await browser.get(locationOf(signedIn) ?? '')) ?? '');
}

const visits: Readonly<Record<string, () => Promise<Answer>>> = {
  login: () => login(openVisitor(scene.house)),
  consent: () => consent(openVisitor(scene.house)),
  logout: async () => {
    const browser = openVisitor(scene.house);
    await browser.authorize(scene.request());
    return browser.get('/oauth/logout');
  },
  'logout of nobody': () => openVisitor(scene.house).get('/oauth/logout'),
  'signed out': () => openVisitor(scene.house).get('/oauth/logout/success'),
  'an error of the protocol': () => begin(openVisitor(scene.house), { redirect_uri: 'https://evil.example/' }),
  'an error of the pages': () => openVisitor(scene.house).get('/oauth/interaction?consent_token=x'),
  form_post: async () => (await openVisitor(scene.house).authorize(scene.request({ response_mode: 'form_post' }))).last,
};

/** A policy by its directives. */
function policyOf({ headers }: Answer): ReadonlyMap<string, string> {
  const directives = (headers.get('content-security-policy') ?? '').split(';').map((directive) => directive.trim());
  return new Map(
    directives.map((directive) => [directive.split(' ')[0] ?? '', directive.split(' ').slice(1).join(' ')]),
  );
}

describe('pages for people', () => {
  it('27: load nothing from elsewhere and tell nobody where they were', () => {
    expect([...pages.keys()]).toHaveLength(8);
    for (const [name, page] of pages) {
      const loaded = [
        ...page.text.matchAll(/<(?:img|link|script|iframe|source|object|embed)\b[^>]*?(?:src|href|data)="([^"]*)"/g),
      ];
      const foreign = loaded.map(([, address]) => address).filter((address) => address?.startsWith('/oauth/') !== true);
      expect([name, foreign, page.headers.get('referrer-policy')]).toEqual([name, [], 'no-referrer']);
      const policy = policyOf(page);
      expect([name, policy.get('default-src'), policy.get('img-src') ?? "'none'"]).toEqual([
        name,
        "'none'",
        expect.stringMatching(/^'(self|none)'$/),
      ]);
      expect(page.text).not.toContain(logo);
    }
    expect(pages.get('consent')?.text).toContain('https://app.example/privacy');
  });

  it('29: may not be framed, and neither may anything else', async () => {
    const { issuer } = scene.house;
    const others = ['/oauth/jwks', '/.well-known/openid-configuration', '/oauth/token', '/nowhere', '/healthz'];
    const rest = await Promise.all(others.map(async (path) => [path, await send(issuer + path)] as const));
    for (const [name, answer] of [...pages, ...rest]) {
      const framing = [policyOf(answer).get('frame-ancestors'), answer.headers.get('x-frame-options')];
      expect([name, framing]).toEqual([name, ["'none'", 'DENY']]);
    }
  });
});

describe('caches', () => {
  it('28: keep nothing that holds a code, a token or a question', async () => {
    const { house, app, person, request, code, redeem, refresh } = scene;
    const headers = basic(app.clientId, app.clientSecret);
    const redeemed = await redeem(await code({ scope: 'openid offline_access', prompt: 'consent' }));
    const { access_token: access, refresh_token: token } = redeemed.body;
    const machine = { grant_type: 'client_credentials' };
    const owner = basic(house.demo.client_id, house.demo.client_secret);
    const asked = locationOf(await begin(openVisitor(house))) ?? '';
    const consentToken = new URL(asked).searchParams.get('consent_token') ?? '';
    const key = { authorization: `Bearer ${house.demo['api_key']}` };
    const answers = new Map<string, Answer>([
      ...pages,
      ['a code in a redirect', (await person.authorize(request())).last],
      ['a question in a redirect', await begin(openVisitor(house))],
      [
        'a redirect of a form',
        await openVisitor(house).send({ action: '/oauth/authorize', fields: Object.entries(request()) }),
      ],
      ['tokens for a code', redeemed],
      ['tokens for a refresh token', await refresh(token)],
      ['a machine token', await askWithForm(`${house.issuer}/oauth/token`, machine, owner)],
      [
        'a machine token by the library',
        await askWithForm(`${house.issuer}/oauth/token`, { ...machine, x: '1' }, owner),
      ],
      ['a refusal', await askWithForm(`${house.issuer}/oauth/token`, machine, basic('x', 'y'))],
      ['introspection', await introspect(house.issuer, String(access), { headers })],
      ['introspection by an API key', await introspect(house.issuer, String(access), { headers: key })],
      ['userinfo', await send(`${house.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${access}` } })],
      ['a pushed request', await askWithForm(`${house.issuer}/oauth/par`, request(), headers)],
      ['a question by API', await send(`${house.issuer}/oauth/consent/${consentToken}`, { headers: key })],
      [
        'a callback by API',
        await askWithJson(`${house.issuer}/oauth/grants`, { consent_token: consentToken, allowed: true }, key),
      ],
    ]);
    expect(answers.get('userinfo')?.status).toBe(200);
    expect(answers.get('a callback by API')?.text).toContain('code=');
    for (const [name, answer] of answers)
      expect([name, answer.headers.get('cache-control')]).toEqual([name, 'no-store']);
  });
});

describe('answers by way of the browser', () => {
  it('30: the page of form_post escapes all that it carries and runs its one script', async () => {
    const state = `"><script>alert(1)</script>'&lt;<img src=x onerror=alert(1)>`;
    const asked = scene.request({ response_mode: 'form_post', state });
    const answered = (await scene.person.authorize(asked)).last;
    const refused = await openVisitor(scene.house).get(
      `/oauth/authorize?${new URLSearchParams({ ...asked, prompt: 'none' })}`,
    );
    for (const page of [answered, refused]) {
      expect(page.text.match(/<script/g)).toHaveLength(1);
      expect(page.text).not.toMatch(/<img|alert\(1\)<\/script>/);
      const form = formTo(page, callback);
      expect([formsOf(page).length, form.action]).toEqual([1, callback]);
      const carried = new Map(form.fields).get('state') ?? '';
      expect(carried.replace(/&(quot|gt|lt|amp|#39);/g, (_entity, name: string) => entities[name] ?? '')).toBe(state);
      const scripts = policyOf(page).get('script-src') ?? '';
      expect([policyOf(page).get('default-src'), scripts]).toEqual([
        "'none'",
        expect.stringMatching(/^'sha256-[\w+/=]+'$/),
      ]);
    }
  });

  it('31: web_message is neither offered nor answered', async () => {
    const { body } = await send(`${scene.house.issuer}/.well-known/oauth-authorization-server`);
    expect(body['response_modes_supported']).toEqual(['query', 'form_post']);
    const asked = { response_mode: 'web_message', web_message_uri: 'https://evil.example', web_message_target: 'x' };
    for (const browser of [openVisitor(scene.house), scene.person]) {
      const answer = await begin(browser, { ...asked, prompt: 'none' });
      expect(toldBy(answer, callback)['error']).toBe('unsupported_response_mode');
      expect(answer.text).not.toMatch(/postMessage|evil\.example/);
    }
  });
});
