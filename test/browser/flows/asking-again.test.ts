import { setTimeout as wait } from 'node:timers/promises';
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
  scene = await openScene();
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson();
  tab = await scene.openTab();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

/** Signs in and allows. @returns when, in seconds since the epoch, by the ID token. */
async function signedIn(): Promise<number> {
  const begun = await client.begin({ max_age: '3600' });
  await goThrough(tab, begun.url, person);
  return authTime((await client.redeem(tab, begun)).id_token);
}

const authTime = (idToken: string | undefined) => Number(decodeJwt(idToken ?? '')['auth_time']);

/** Asks, where no page is expected to come in between. */
async function ask(parameters: Parameters<Client['begin']>[0]) {
  const begun = await client.begin(parameters);
  await tab.goto(begun.url);
  return { begun, ...(await client.came(tab)) };
}

describe('a request of somebody who has been here before', () => {
  it('is answered without a page', async () => {
    await signedIn();
    const { begun } = await ask({});
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('asks for the password again with prompt=login, and tells when it was given', async () => {
    const first = await signedIn();
    await wait(1_100);
    const begun = await client.begin({ prompt: 'login', max_age: '3600' });
    await tab.goto(begun.url);
    await arriveAt(tab, 'Sign in');
    await signIn(tab, person);
    expect(authTime((await client.redeem(tab, begun)).id_token)).toBeGreaterThan(first);
  });

  it('does not take a wrong password for an answer to prompt=login', async () => {
    await signedIn();
    await tab.goto((await client.begin({ prompt: 'login' })).url);
    await signIn(tab, { ...person, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    await arriveAt(tab, 'Sign in');
  });

  it('asks for the password again when it was given longer ago than max_age', async () => {
    const first = await signedIn();
    const { begun } = await ask({ max_age: '60' });
    expect(authTime((await client.redeem(tab, begun)).id_token)).toBe(first);
    await wait(2_100);
    const late = await client.begin({ max_age: '1' });
    await tab.goto(late.url);
    await arriveAt(tab, 'Sign in');
    await signIn(tab, person);
    expect(authTime((await client.redeem(tab, late)).id_token)).toBeGreaterThan(first);
  });

  it('asks for consent again with prompt=consent', async () => {
    await signedIn();
    const begun = await client.begin({ prompt: 'consent' });
    await tab.goto(begun.url);
    await arriveAt(tab, 'Example App asks for access');
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('asks for both with prompt=login consent, in this order', async () => {
    await signedIn();
    const begun = await client.begin({ prompt: 'login consent' });
    await goThrough(tab, begun.url, person);
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });
});

describe('a request with prompt=none', () => {
  it('is answered with a code where there is nothing to ask', async () => {
    await signedIn();
    const { begun } = await ask({ prompt: 'none' });
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('is answered with login_required where nobody is signed in', async () => {
    const { begun, parameters } = await ask({ prompt: 'none' });
    expect(parameters).toMatchObject({ error: 'login_required', state: begun.state, iss: scene.house.issuer });
  });

  it('is answered with login_required where the sign-in is older than max_age', async () => {
    await signedIn();
    await wait(2_100);
    expect((await ask({ prompt: 'none', max_age: '1' })).parameters['error']).toBe('login_required');
  });

  it('is answered with consent_required where something was not allowed yet', async () => {
    await signedIn();
    expect((await ask({ prompt: 'none', scope: 'openid profile' })).parameters['error']).toBe('consent_required');
  });

  it('is answered with interaction_required where an organization must be chosen', async () => {
    const [north, south] = [
      await scene.registry.makeOrganization('North'),
      await scene.registry.makeOrganization('South'),
    ];
    person = await scene.makePerson(north, south);
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await arriveAt(tab, 'Choose an organization');
    expect((await ask({ prompt: 'none' })).parameters['error']).toBe('interaction_required');
  });
});
