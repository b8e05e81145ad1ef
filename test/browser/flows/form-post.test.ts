import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { goThrough, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let person: Person;
beforeAll(async () => {
  scene = await openScene();
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

describe('an answer by form_post', () => {
  const mode = { response_mode: 'form_post' };
  let tab: Tab;

  it('is posted to the application, and stands in no address', async () => {
    tab = await scene.openTab();
    const begun = await client.begin(mode);
    await goThrough(tab, begun.url, person);
    const { method, parameters } = await client.came(tab);
    expect([method, parameters]).toEqual([
      'POST',
      { code: expect.any(String), state: begun.state, iss: scene.house.issuer },
    ]);
    expect(tab.url()).toBe(client.redirectUri);
    expect(scene.site.asked.join(' ')).not.toContain(parameters['code']);
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('is posted at once where there is nothing to ask', async () => {
    tab = await scene.openTab();
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    const begun = await client.begin({ ...mode, prompt: 'none' });
    await tab.goto(begun.url);
    expect((await client.came(tab)).method).toBe('POST');
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('tells of a refusal too', async () => {
    tab = await scene.openTab();
    const begun = await client.begin(mode);
    await tab.goto(begun.url);
    await signIn(tab, person);
    await press(tab, 'Deny');
    expect(await client.came(tab)).toMatchObject({
      method: 'POST',
      parameters: { error: 'access_denied', state: begun.state, iss: scene.house.issuer },
    });
  });

  it('needs one more press where scripts do not run', async () => {
    tab = await scene.openTab({ javaScriptEnabled: false });
    const begun = await client.begin(mode);
    await goThrough(tab, begun.url, person);
    await press(tab, 'Continue');
    expect((await client.came(tab)).method).toBe('POST');
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });
});
