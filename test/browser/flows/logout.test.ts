import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { openSite, type Site } from './site.ts';
import { arriveAt, goThrough, press } from './steps.ts';

let scene: Scene;
let client: Client;
let goodbye: string;
let neighbour: Site;
let person: Person;
let context: BrowserContext;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene();
  goodbye = `${scene.site.origin}/goodbye`;
  neighbour = await openSite('http', 'localhost');
  client = await scene.makeClient({ postLogoutRedirectUris: [goodbye] });
});
beforeEach(async () => {
  person = await scene.makePerson();
  context = await scene.openContext();
  tab = await context.newPage();
});
afterEach(() => scene.endTest());
afterAll(async () => {
  await neighbour.close();
  await scene.close();
});

async function tokens() {
  const begun = await client.begin({ scope: 'openid email' });
  await goThrough(tab, begun.url, person);
  const { access_token: accessToken, id_token: idToken = '' } = await client.redeem(tab, begun);
  return { accessToken, idToken };
}

const signOut = (parameters: Readonly<Record<string, string>> = {}) =>
  tab.goto(`${scene.house.issuer}/oauth/logout?${new URLSearchParams(parameters)}`);

async function isSignedIn(): Promise<boolean> {
  const page = await context.newPage();
  await page.goto((await client.begin({ prompt: 'none', scope: 'openid email' })).url);
  const { parameters } = await client.came(page);
  await page.close();
  return parameters['error'] !== 'login_required';
}

const counts = async (token: string) => (await client.userinfo(token))['sub'] !== undefined;

describe('signing out', () => {
  it('is asked for by an application with an ID token, and leads back to it with its state', async () => {
    const { accessToken, idToken } = await tokens();
    await signOut({ id_token_hint: idToken, post_logout_redirect_uri: goodbye, state: 'a state' });
    await arriveAt(tab, 'Do you want to sign out?');
    const text = await tab.locator('main').innerText();
    expect(text).toContain('Example App asks to sign you out of Countersign in this browser.');
    expect(text).toContain(person.email);
    await press(tab, 'Sign out');
    await tab.waitForURL(`${goodbye}?state=a+state`);
    expect(await isSignedIn()).toBe(false);
    expect(await counts(accessToken)).toBe(false);
  });

  it('is asked for by the name of a client alone', async () => {
    await tokens();
    await signOut({ client_id: client.clientId, post_logout_redirect_uri: goodbye });
    await press(tab, 'Sign out');
    await tab.waitForURL(goodbye);
    expect(await isSignedIn()).toBe(false);
  });

  it('is asked for by nobody, and ends on a page of ours', async () => {
    const { accessToken } = await tokens();
    await signOut();
    await arriveAt(tab, 'Do you want to sign out?');
    expect(await tab.locator('main').innerText()).toContain('This signs you out of Countersign in this browser.');
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
    expect(await isSignedIn()).toBe(false);
    expect(await counts(accessToken)).toBe(false);
  });

  it('never leads to an address that nobody registered', async () => {
    const { idToken } = await tokens();
    await signOut({ id_token_hint: idToken, post_logout_redirect_uri: `${scene.site.origin}/elsewhere` });
    await arriveAt(tab, 'The application made a mistake');
    await signOut({ post_logout_redirect_uri: `${scene.site.origin}/elsewhere` });
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
  });

  it('says so at once to somebody who is not signed in', async () => {
    await signOut();
    await arriveAt(tab, 'You are signed out');
    await signOut({ client_id: client.clientId, post_logout_redirect_uri: goodbye, state: 'x' });
    await tab.waitForURL(`${goodbye}?state=x`);
  });

  it('needs one more press of somebody who is not signed in and runs no scripts', async () => {
    tab = await scene.openTab({ javaScriptEnabled: false });
    await signOut();
    await press(tab, 'Continue');
    await arriveAt(tab, 'You are signed out');
  });

  it('is not done by a form of another origin, not even one that cookies come along from', async () => {
    await tokens();
    await signOut();
    await arriveAt(tab, 'Do you want to sign out?');
    const fields = '<input name="logout" value="yes"><input name="xsrf" value="guessed"><button>Go</button>';
    const action = `${scene.house.issuer}/oauth/logout/confirm`;
    neighbour.put('/lure', 'text/html', `<form method="post" action="${action}">${fields}</form>`);
    const lured = await context.newPage();
    scene.allow(neighbour.origin);
    await lured.goto(`${neighbour.origin}/lure`);
    await press(lured, 'Go');
    await arriveAt(lured, /./);
    expect(await isSignedIn()).toBe(true);
  });
});

describe('staying signed in', () => {
  it('keeps the session and its tokens, and does not say that anybody was signed out', async () => {
    const { accessToken } = await tokens();
    await signOut();
    await press(tab, 'Stay signed in');
    await arriveAt(tab, /./);
    expect(await isSignedIn()).toBe(true);
    expect(await counts(accessToken)).toBe(true);
    expect(await tab.locator('main').innerText()).not.toContain('You are signed out');
  });

  it('leads back to the application that asked', async () => {
    const { idToken } = await tokens();
    await signOut({ id_token_hint: idToken, post_logout_redirect_uri: goodbye, state: 'a state' });
    await press(tab, 'Stay signed in');
    await tab.waitForURL(`${goodbye}?state=a+state`);
    expect(await isSignedIn()).toBe(true);
  });
});
