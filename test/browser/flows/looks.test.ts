import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page as Tab } from 'playwright-core';
import { artifactsDirectory } from '../../support/browser.ts';
import type { Client } from './client.ts';
import { openScene, type Scene } from './scene.ts';
import { arriveAt, press, signIn } from './steps.ts';

const calls = 'https://calls.example';

let scene: Scene;
let client: Client;
let organizations: readonly string[];
beforeAll(async () => {
  scene = await openScene();
  const { registry } = scene;
  organizations = [
    await registry.makeOrganization('Acme Telephony'),
    await registry.makeOrganization('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'),
  ];
  await registry.makeResource({ identifier: calls, name: 'Calls API', scopes: ['calls:read', 'calls:write'] });
  client = await scene.makeClient({
    name: 'Acme Dialer',
    allowedScopes: ['openid', 'profile', 'email', 'calls:read', 'calls:write'],
    policyUri: 'https://acme.example/privacy',
    tosUri: 'https://acme.example/terms',
  });
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

describe('the pages on the way', () => {
  it.each([
    ['light', 'light', 1280],
    ['dark', 'dark', 1280],
    ['narrow', 'light', 320],
    ['narrow-dark', 'dark', 320],
  ] as const)('have their styles and fit the screen: %s', async (look, colorScheme, width) => {
    const directory = await artifactsDirectory('flows', look);
    const tab = await scene.openTab({ colorScheme, viewport: { width, height: 800 } });
    const person = await scene.makePerson(...organizations);

    async function take(name: string, heading: string, page: Tab = tab): Promise<void> {
      await arriveAt(page, heading);
      await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
      const seen = await page.evaluate(
        `({ sheets: [...document.styleSheets].map((sheet) => sheet.cssRules.length > 0),
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth })`,
      );
      expect([name, seen]).toEqual([name, { sheets: [true], overflow: 0 }]);
    }

    const begun = await client.begin({ scope: 'openid profile email calls:read calls:write', resource: calls });
    await tab.goto(begun.url);
    await take('1-sign-in', 'Sign in');
    await signIn(tab, { ...person, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    await take('2-wrong-password', 'Sign in');
    await signIn(tab, person);
    await take('3-organization', 'Choose an organization');
    await tab.getByRole('radio').last().check();
    await press(tab, 'Continue');
    await take('4-consent', 'Acme Dialer asks for access');
    const address = tab.url();
    await press(tab, 'Allow');
    await client.redeem(tab, begun);
    await tab.goto(address);
    await take('5-answered', 'This has been answered already');
    await tab.goto(`${scene.house.issuer}/oauth/logout?client_id=${client.clientId}`);
    await take('6-sign-out', 'Do you want to sign out?');
    await press(tab, 'Sign out');
    await take('7-signed-out', 'You are signed out');
    await tab.goto((await client.begin({ redirect_uri: 'https://acme.example/elsewhere' })).url);
    await take('8-wrong-address', 'The application gave a wrong address');
  });
});
