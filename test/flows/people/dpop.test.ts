import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt, exportJWK } from 'jose';
import * as openid from 'openid-client';
import { type App, openTown, prepare, refreshTokenOf, resource, type Town, toldBy } from './town.ts';

const native = 'http://127.0.0.1/callback';
type Keys = Awaited<ReturnType<typeof openid.randomDPoPKeyPair>>;

const thumbprintOf = async ({ publicKey }: Keys) => calculateJwkThumbprint(await exportJWK(publicKey));

/** The whole flow with proofs of one key. @param own how the key is announced, if at all. */
async function obtainBound(town: Town, app: App, keys: Keys, more: Readonly<Record<string, string>> = {}) {
  const { parameters, checks } = await prepare(app, { scope: 'read', resource, ...more });
  const url = await town.browserOf().authorize(parameters);
  return openid.authorizationCodeGrant(app.config, url, checks, {}, { DPoP: openid.getDPoPHandle(app.config, keys) });
}

describe.each([
  ['without nonces', {}],
  ['with nonces of the server', { DPOP_NONCES: 'true' }],
])('DPoP %s', (_what, variables) => {
  let town: Town;
  let app: App;
  let publicApp: App;
  let keys: Keys;
  beforeAll(async () => {
    town = await openTown(variables);
    app = await town.makeApp();
    publicApp = await town.makeApp({ clientType: 'public', redirectUris: [native] });
    keys = await openid.randomDPoPKeyPair('ES256');
  });
  afterAll(() => town.close());

  it('binds the access token to the key', async () => {
    const tokens = await obtainBound(town, app, keys);
    expect(tokens.token_type).toBe('dpop');
    expect(decodeJwt(tokens.access_token)['cnf']).toEqual({ jkt: await thumbprintOf(keys) });
  });

  it('binds the refresh token of a public client to the key, and no other key is good for it', async () => {
    const tokens = await obtainBound(town, publicApp, keys);
    const token = refreshTokenOf(tokens);
    const other = await openid.randomDPoPKeyPair('ES256');
    const by = (pair: Keys) => ({ DPoP: openid.getDPoPHandle(publicApp.config, pair) });
    await expect(openid.refreshTokenGrant(publicApp.config, token)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(openid.refreshTokenGrant(publicApp.config, token, {}, by(other))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const second = await openid.refreshTokenGrant(publicApp.config, token, {}, by(keys));
    expect([second.token_type, second.refresh_token === token]).toEqual(['dpop', false]);
  });

  it('lets a confidential client change its key at a refresh', async () => {
    const token = refreshTokenOf(await obtainBound(town, app, keys));
    const other = await openid.randomDPoPKeyPair('ES256');
    const second = await openid.refreshTokenGrant(
      app.config,
      token,
      {},
      { DPoP: openid.getDPoPHandle(app.config, other) },
    );
    expect(decodeJwt(second.access_token)['cnf']).toEqual({ jkt: await thumbprintOf(other) });
  });

  it('binds a code to the key that the request names', async () => {
    const jkt = await thumbprintOf(keys);
    expect((await obtainBound(town, app, keys, { dpop_jkt: jkt })).token_type).toBe('dpop');
    const other = await openid.randomDPoPKeyPair('ES256');
    await expect(obtainBound(town, app, other, { dpop_jkt: jkt })).rejects.toMatchObject({ error: 'invalid_grant' });
    const { parameters, checks } = await prepare(app, { scope: 'read', resource, dpop_jkt: jkt });
    const url = await town.browserOf().authorize(parameters);
    await expect(openid.authorizationCodeGrant(app.config, url, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('binds a pushed request by its proof', async () => {
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const DPoP = openid.getDPoPHandle(app.config, keys);
    const url = await openid.buildAuthorizationUrlWithPAR(app.config, parameters, { DPoP });
    const answer = await town.browserOf().authorize([...url.searchParams]);
    await expect(openid.authorizationCodeGrant(app.config, answer, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('opens the userinfo endpoint with a proof, and not without', async () => {
    const tokens = await obtainBound(town, app, keys, { scope: 'openid email', resource: '' });
    const subject = tokens.claims()?.sub ?? '';
    const DPoP = openid.getDPoPHandle(app.config, keys);
    const info = await openid.fetchUserInfo(app.config, tokens.access_token, subject, { DPoP });
    expect(info.email).toBe(town.house.demo['user_email']);
    const expected = { Bearer: [401, 'invalid_token'], DPoP: [400, 'invalid_request'] };
    for (const [scheme, refusal] of Object.entries(expected)) {
      const answer = await fetch(`${town.house.issuer}/oauth/userinfo`, {
        headers: { authorization: `${scheme} ${tokens.access_token}` },
      });
      const { error } = (await answer.json()) as { readonly error: string };
      expect([answer.status, error]).toEqual(refusal);
      expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP /);
    }
  });

  it('is forced upon a client that requires it', async () => {
    const strict = await town.makeApp({ requireDpop: true });
    const { parameters, checks } = await prepare(strict, { scope: 'read', resource });
    const url = await town.browserOf().authorize(parameters);
    await expect(openid.authorizationCodeGrant(strict.config, url, checks)).rejects.toMatchObject({
      error: expect.stringMatching(/^invalid_(dpop_proof|grant|request)$/),
    });
    expect((await obtainBound(town, strict, keys)).token_type).toBe('dpop');
  });

  it('refuses a key that is no thumbprint', async () => {
    const { parameters } = await prepare(app, { scope: 'read', resource, dpop_jkt: 'x' });
    const end = await town.browserOf().begin(parameters);
    // The request is refused, or the key never fits: a code must not come of it that any key redeems.
    if (end.page === 'client') expect(toldBy(end.url)).toMatchObject({ error: 'invalid_request' });
    else
      await expect(obtainBound(town, app, keys, { dpop_jkt: 'x' })).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('nonces of the server', () => {
  it('are asked for and given where they are switched on', async () => {
    const town = await openTown({ DPOP_NONCES: 'true' });
    const app = await town.makeApp();
    const keys = await openid.randomDPoPKeyPair('ES256');
    const answers: Response[] = [];
    app.config[openid.customFetch] = async (url, options) => {
      const answer = await fetch(url, options as RequestInit);
      answers.push(answer);
      return answer;
    };
    await obtainBound(town, app, keys);
    const nonces = answers.map(({ status, headers }) => [status, headers.has('dpop-nonce')]);
    expect(nonces).toEqual([
      [400, true],
      [200, expect.any(Boolean)],
    ]);
    await town.close();
  });
});
