import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import type { Begun, Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { openSite, type Site } from './site.ts';
import { goThrough } from './steps.ts';

let scene: Scene;
let client: Client;
let elsewhere: Site;
let person: Person;
let context: BrowserContext;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene();
  elsewhere = await openSite('https', 'evil.localhost');
  for (const site of [scene.site, elsewhere]) site.put('/app', 'text/html', '<!doctype html><title>App</title>');
  client = await scene.makeClient({ webOrigins: [scene.site.origin] });
});
beforeEach(async () => {
  person = await scene.makePerson();
  context = await scene.openContext();
  tab = await context.newPage();
});
afterEach(() => scene.endTest());
afterAll(async () => {
  await elsewhere.close();
  await scene.close();
});

/** Brings a code home, to be redeemed by a page. */
async function codeFor(parameters: Parameters<Client['begin']>[0] = {}): Promise<{ begun: Begun; code: string }> {
  const begun = await client.begin(parameters);
  await goThrough(tab, begun.url, person);
  return { begun, code: (await client.came(tab)).parameters['code'] ?? '' };
}

/** Sends a request from a page's script. @returns status and body, or the failure that the script gets to see. */
async function fromPage(origin: string, path: string, init: object): Promise<{ status?: number; body: never }> {
  await tab.goto(`${origin}/app`);
  return tab.evaluate(
    `fetch(${JSON.stringify(scene.house.issuer + path)}, ${JSON.stringify(init)}).then(
      async (answer) => ({ status: answer.status, body: await answer.json() }), (error) => ({ body: String(error) }))`,
  );
}

function redeemFrom(origin: string, { begun, code }: { begun: Begun; code: string }) {
  const form = {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    code,
    code_verifier: begun.verifier,
  };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fromPage(origin, '/oauth/token', { method: 'POST', headers, body: new URLSearchParams(form).toString() });
}

const blocked = 'TypeError: Failed to fetch';

describe('a page of an application, on an origin that its client names', () => {
  it('redeems the code, asks who the user is, refreshes and revokes', async () => {
    const { body } = await redeemFrom(
      scene.site.origin,
      await codeFor({ scope: 'openid email offline_access', prompt: 'consent' }),
    );
    const { access_token: token, refresh_token: refreshToken } = body as Record<string, string>;
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    const user = await fromPage(scene.site.origin, '/oauth/userinfo', bearer);
    expect(user).toEqual({ status: 200, body: { sub: person.sid, email: person.email, email_verified: false } });

    const form = (fields: Record<string, string>) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: client.clientId, ...fields }).toString(),
    });
    const refreshing = form({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });
    expect(await fromPage(scene.site.origin, '/oauth/token', refreshing)).toMatchObject({ status: 200 });
  });

  it('reads why it was refused', async () => {
    const { begun } = await codeFor();
    const answer = await redeemFrom(scene.site.origin, { begun, code: 'made up' });
    expect(answer).toEqual({ status: 400, body: expect.objectContaining({ error: 'invalid_grant' }) });
  });

  it('reads the metadata and the keys', async () => {
    for (const path of ['/.well-known/openid-configuration', '/oauth/jwks']) {
      expect(await fromPage(scene.site.origin, path, {})).toMatchObject({ status: 200 });
    }
  });
});

describe('a page on any other origin', () => {
  beforeEach(() => scene.allow(elsewhere.origin));

  it('does not get to read what the token endpoint answers', async () => {
    expect(await redeemFrom(elsewhere.origin, await codeFor())).toEqual({ body: blocked });
  });

  it('does not get to read who the user is', async () => {
    const { body } = await redeemFrom(scene.site.origin, await codeFor({ scope: 'openid email' }));
    const { access_token: token } = body as Record<string, string>;
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    expect(await fromPage(scene.site.origin, '/oauth/userinfo', bearer)).toMatchObject({ status: 200 });
    expect(await fromPage(elsewhere.origin, '/oauth/userinfo', bearer)).toEqual({ body: blocked });
  });
});
