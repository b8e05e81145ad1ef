import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { arriveAt, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let organizations: readonly [string, string];
let person: Person;
beforeAll(async () => {
  scene = await openScene();
  organizations = [await scene.registry.makeOrganization('North'), await scene.registry.makeOrganization('South')];
  client = await scene.makeClient({ postLogoutRedirectUris: [`${scene.site.origin}/goodbye`] });
});
beforeEach(async () => {
  person = await scene.makePerson(...organizations);
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

const wanted = { scope: 'openid email clients:read grants:read' };

describe('the whole way', () => {
  it('is gone without scripts, from the sign-in to the sign-out', async () => {
    const tab = await scene.openTab({ javaScriptEnabled: false });
    const begun = await client.begin(wanted);
    await tab.goto(begun.url);
    await signIn(tab, { ...person, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    await signIn(tab, person);
    await tab.getByLabel('South').check();
    await press(tab, 'Continue');
    await arriveAt(tab, 'Example App asks for access');
    await tab.getByLabel('See your email address').uncheck();
    await press(tab, 'Allow');
    const tokens = await client.redeem(tab, begun);
    expect(tokens.claims).toMatchObject({
      sub: person.sid,
      org_id: organizations[1],
      scope: 'clients:read grants:read',
    });
    await tab.goto(`${scene.house.issuer}/oauth/logout?id_token_hint=${tokens.id_token}`);
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
  });

  it('is gone with the keyboard alone, from the sign-in to the sign-out', async () => {
    const tab = await scene.openTab();
    const { keyboard } = tab;
    /** Presses Tab until a control has the focus, as somebody does who hears its name. */
    async function reach(selector: string): Promise<void> {
      for (let stops = 0; stops < 20; stops += 1) {
        if ((await tab.locator(`${selector}:focus`).count()) === 1) return;
        await keyboard.press('Tab');
      }
      throw new Error(`Tab does not lead to ${selector}`);
    }
    const begun = await client.begin(wanted);
    await tab.goto(begun.url);
    await tab.locator('#email:focus').waitFor();
    await keyboard.type(person.email);
    await keyboard.press('Tab');
    await keyboard.type(person.password);
    await keyboard.press('Enter');

    await arriveAt(tab, 'Choose an organization');
    await reach('input[type=radio]');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');

    await arriveAt(tab, 'Example App asks for access');
    await reach('input[value$="grants:read"]');
    await keyboard.press('Space');
    await reach('button.primary');
    await keyboard.press('Enter');
    const tokens = await client.redeem(tab, begun);
    expect(tokens.claims).toMatchObject({ sub: person.sid, org_id: organizations[1], scope: 'clients:read' });

    await tab.goto(`${scene.house.issuer}/oauth/logout`);
    await arriveAt(tab, 'Do you want to sign out?');
    await reach('button.primary');
    await keyboard.press('Space');
    await arriveAt(tab, 'You are signed out');
  });

  it('is ended with the keyboard by a no', async () => {
    const tab = await scene.openTab();
    const begun = await client.begin(wanted);
    await tab.goto(begun.url);
    await tab.locator('#email:focus').waitFor();
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    expect((await client.came(tab)).parameters['error']).toBe('access_denied');
  });
});
