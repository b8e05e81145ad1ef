import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { askWithForm, askWithJson, basic, makeKey, tokenOf } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';
import { type App, obtain, openTown, prepare, resource, type Town, toldBy } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

/** A code, and what its client needs to redeem it. */
async function codeFor(app: App) {
  const { parameters, checks } = await prepare(app, { scope: 'read', resource });
  const url = await town.browserOf().authorize(parameters);
  return {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: app.redirectUri,
    code_verifier: String(checks.pkceCodeVerifier),
  };
}

const withoutPkce = async (app: App) => {
  const { parameters, checks } = await prepare(app, { scope: 'read', resource });
  const { code_challenge: _challenge, code_challenge_method: _method, ...bare } = parameters;
  const { pkceCodeVerifier: _verifier, ...rest } = checks;
  return { parameters: bare, checks: rest };
};

describe('a code is redeemed', () => {
  const tokenUrl = () => `${town.house.issuer}/oauth/token`;

  it('with the secret by HTTP Basic, in the form, or in JSON', async () => {
    for (const authMethod of ['client_secret_basic', 'client_secret_post'] as const) {
      const app = await town.makeApp({ authMethod });
      const credentials = { client_id: app.clientId, client_secret: app.clientSecret };
      const url = tokenUrl();
      const ways = [
        async () => askWithForm(url, await codeFor(app), basic(app.clientId, app.clientSecret)),
        async () => askWithForm(url, { ...(await codeFor(app)), ...credentials }),
        async () => askWithJson(url, { ...(await codeFor(app)), ...credentials }),
        async () => askWithJson(url, await codeFor(app), basic(app.clientId, app.clientSecret)),
        async () => askWithForm(`${town.house.issuer}/v2/oauth/token`, { ...(await codeFor(app)), ...credentials }),
      ];
      for (const way of ways) expect(decodeJwt(tokenOf(await way()))).toMatchObject({ scope: 'read' });
    }
  });

  it('with an assertion of private_key_jwt', async () => {
    const key = await makeKey('ES256');
    const authentication = openid.PrivateKeyJwt({ key: key.privateKey, kid: key.publicJwk.kid ?? '' });
    const app = await town.makeApp({ jwks: { keys: [key.publicJwk] }, authentication });
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid read', resource });
    expect(tokens.claims()?.aud).toBe(app.clientId);
  });

  it('by a public client with its verifier alone', async () => {
    const app = await town.makeApp({ clientType: 'public' });
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid read', resource });
    expect(tokens.claims()?.aud).toBe(app.clientId);
  });

  it.each([
    ['without the verifier', { code_verifier: '' }],
    ['with another verifier', { code_verifier: 'b'.repeat(43) }],
    ['with another redirect URI', { redirect_uri: 'https://app.example/other' }],
    ['without a redirect URI', { redirect_uri: '' }],
  ])('not %s; and then never again', async (_what, wrong) => {
    const app = await town.makeApp();
    const code = await codeFor(app);
    const headers = basic(app.clientId, app.clientSecret);
    const refused = await askWithForm(tokenUrl(), { ...code, ...wrong }, headers);
    expect([refused.status, refused.body['error']]).toEqual([400, expect.stringMatching(/^invalid_(grant|request)$/)]);
    if (refused.body['error'] !== 'invalid_grant') return;
    expect((await askWithForm(tokenUrl(), code, headers)).body['error']).toBe('invalid_grant');
  });

  it('not by another client, whose attempt changes nothing', async () => {
    const [app, other] = [await town.makeApp(), await town.makeApp()];
    const code = await codeFor(app);
    const theirs = await askWithForm(tokenUrl(), code, basic(other.clientId, other.clientSecret));
    expect([theirs.status, theirs.body['error']]).toEqual([400, 'invalid_grant']);
    expect((await askWithForm(tokenUrl(), code, basic(app.clientId, app.clientSecret))).status).toBe(200);
  });

  it('once: the second time ends what the first time gave', async () => {
    const app = await town.makeApp();
    const code = await codeFor(app);
    const headers = basic(app.clientId, app.clientSecret);
    const token = tokenOf(await askWithForm(tokenUrl(), code, headers));
    expect((await openid.tokenIntrospection(app.config, token)).active).toBe(true);
    expect((await askWithForm(tokenUrl(), code, headers)).body['error']).toBe('invalid_grant');
    await within(2000, async () => !(await openid.tokenIntrospection(app.config, token)).active);
  });
});

describe('a native app', () => {
  it('of the demo signs in at whatever port it listens on', async () => {
    const clientId = town.house.demo['app_client_id'] ?? '';
    const config = await town.discover(clientId, openid.None());
    const app = { clientId, clientSecret: '', config, redirectUri: 'http://127.0.0.1:49152/callback' };
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid clients:read' });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: town.house.issuer, scope: 'clients:read' });
  });

  it.each([
    'http://127.0.0.1:49152/other',
    'http://127.0.0.2:49152/callback',
    'http://localhost:49152/callback',
    'https://127.0.0.1:49152/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://127.0.0.1:80@evil.example/callback',
  ])('gets no answer at %s', async (redirectUri) => {
    const clientId = town.house.demo['app_client_id'] ?? '';
    const config = await town.discover(clientId, openid.None());
    const { parameters } = await prepare({ clientId, clientSecret: '', config, redirectUri }, { scope: 'openid' });
    const end = await town.browserOf().begin(parameters);
    expect([end.status, end.url.origin]).toEqual([400, town.house.issuer]);
  });
});

describe('PKCE', () => {
  it('may be left out by a confidential client that is excepted, and by nobody else', async () => {
    const excepted = await town.makeApp({ requirePkce: false });
    const { parameters, checks } = await withoutPkce(excepted);
    const url = await town.browserOf().authorize(parameters);
    expect((await openid.authorizationCodeGrant(excepted.config, url, checks)).scope).toBe('read');
    for (const wish of [{}, { clientType: 'public', requirePkce: false }] as const) {
      const { parameters: bare } = await withoutPkce(await town.makeApp(wish));
      const end = await town.browserOf().begin(bare);
      expect(toldBy(end.url)).toMatchObject({ error: 'invalid_request', iss: town.house.issuer });
    }
  });

  it('counts where it is used, although it need not be', async () => {
    const excepted = await town.makeApp({ requirePkce: false });
    const { code_verifier: _verifier, ...code } = await codeFor(excepted);
    const headers = basic(excepted.clientId, excepted.clientSecret);
    const refused = await askWithForm(`${town.house.issuer}/oauth/token`, code, headers);
    expect(refused.body['error']).toBe('invalid_grant');
  });

  it('takes no verifier for a code that was asked for without one (downgrade)', async () => {
    const excepted = await town.makeApp({ requirePkce: false });
    const { parameters } = await withoutPkce(excepted);
    const url = await town.browserOf().authorize(parameters);
    const fields = {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: excepted.redirectUri,
      code_verifier: 'v'.repeat(43),
    };
    const headers = basic(excepted.clientId, excepted.clientSecret);
    const refused = await askWithForm(`${town.house.issuer}/oauth/token`, fields, headers);
    expect(refused.body['error']).toBe('invalid_grant');
  });
});
