import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { arriveAt, goThrough, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let person: Person;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene({ SIGN_IN_ATTEMPTS_PER_ACCOUNT: '3' });
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson();
  tab = await scene.openTab();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

const wrong = 'That e-mail address and password do not go together. Check both and try again.';
const message = () => tab.getByRole('alert').innerText();

/** Tries wrong passwords, as somebody who is not the owner. */
async function guess(from: Tab, times: number): Promise<void> {
  await from.goto((await client.begin()).url);
  for (let attempt = 1; attempt <= times; attempt += 1) {
    await signIn(from, { email: person.email, password: `guess ${attempt}` });
    await from.getByRole('alert').waitFor();
  }
}

describe('signing in', () => {
  it('leads with the right password to the consent, and then to tokens of that user', async () => {
    const begun = await client.begin({ scope: 'openid email' });
    await tab.goto(begun.url);
    await arriveAt(tab, 'Sign in');
    expect(await tab.title()).toBe('Sign in · Countersign');
    await signIn(tab, person);
    await arriveAt(tab, 'Example App asks for access');
    await press(tab, 'Allow');
    const tokens = await client.redeem(tab, begun);
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: person.sid, aud: client.clientId });
    expect(await client.userinfo(tokens.access_token)).toEqual({
      sub: person.sid,
      email: person.email,
      email_verified: false,
    });
  });

  it('says that a password is wrong, keeps the address, and goes on with the right one', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, { ...person, password: 'not the password' });
    expect(await message()).toBe(wrong);
    expect(await tab.title()).toBe('Error: Sign in · Countersign');
    expect(await tab.getByLabel('E-mail address').inputValue()).toBe(person.email);
    expect(await tab.getByLabel('Password').inputValue()).toBe('');
    expect(tab.url()).not.toContain('example.com');
    await tab.getByLabel('Password').fill(person.password);
    await press(tab, 'Sign in');
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('shows who does not exist the very page that a wrong password gets', async () => {
    const shown: string[] = [];
    for (const email of [person.email, 'nobody@example.com']) {
      await tab.goto((await client.begin()).url);
      await signIn(tab, { email, password: 'not the password' });
      await tab.getByRole('alert').waitFor();
      const html = await tab.locator('main').innerHTML();
      shown.push(html.replaceAll(email, 'ADDRESS').replace(/(name="(consent_token|csrf)" value=)"[^"]+"/g, '$1'));
    }
    expect(shown[0]).toContain(wrong);
    expect(shown[1]).toBe(shown[0]);
  });

  it('asks for patience, in minutes, where wrong passwords were tried too often', async () => {
    await guess(tab, 3);
    const answer = tab.waitForResponse((response) => response.url().includes('note='));
    await signIn(tab, person);
    expect((await answer).status()).toBe(429);
    expect(await message()).toBe('There were too many attempts. Wait 15 minutes, then try again.');
  });

  it('lets owners in, in a browser that they have used before, while strangers guess', async () => {
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    await guess(await scene.openTab(), 4);
    await tab.goto((await client.begin({ prompt: 'login' })).url);
    await signIn(tab, person);
    expect((await client.came(tab)).parameters['code']).toBeDefined();
  });

  it('fills in the address that the application hints at, and waits for the password', async () => {
    await tab.goto((await client.begin({ login_hint: person.email })).url);
    expect(await tab.getByLabel('E-mail address').inputValue()).toBe(person.email);
    await tab.locator('#password:focus').waitFor();
    await tab.keyboard.type(person.password);
    await tab.keyboard.press('Enter');
    await arriveAt(tab, 'Example App asks for access');
  });

  it('can be given up, which tells the application so', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await press(tab, 'Cancel and go back to Example App');
    const { parameters } = await client.came(tab);
    expect(parameters).toMatchObject({ error: 'access_denied', state: begun.state, iss: scene.house.issuer });
  });
});
