import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { openSite, type Site } from './site.ts';
import { arriveAt, goThrough, press, signIn } from './steps.ts';

const calls = 'https://calls.example';
const asked = { scope: 'openid email calls:read calls:write', resource: calls };
/** One pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let scene: Scene;
let client: Client;
let person: Person;
let tab: Tab;
let pictures: Site;
beforeAll(async () => {
  scene = await openScene();
  pictures = await openSite('http', 'localhost');
  await scene.registry.makeResource({ identifier: calls, name: 'Calls API', scopes: ['calls:read', 'calls:write'] });
  client = await scene.makeClient({ allowedScopes: ['openid', 'email', 'calls:read', 'calls:write', 'clients:read'] });
});
beforeEach(async () => {
  person = await scene.makePerson();
  tab = await scene.openTab();
});
afterEach(() => scene.endTest());
afterAll(async () => {
  await pictures.close();
  await scene.close();
});

const heading = 'Example App asks for access';

describe('the consent page', () => {
  it('says who asks, for what, in whose name, and where the answer goes', async () => {
    await tab.goto((await client.begin(asked)).url);
    await signIn(tab, person);
    await arriveAt(tab, heading);
    const text = await tab.locator('main').innerText();
    expect(text).toContain('Countersign has not verified this application.');
    expect(text).toContain(person.email);
    expect(text).toContain('Acting for Demo organization');
    expect(text).toContain(`You will be sent back to ${new URL(scene.site.origin).host}.`);
    const groups = await tab.getByRole('group').allInnerTexts();
    expect(groups.map((group) => group.split(/\s*\n\s*/))).toEqual([
      ['Your profile', 'Know that it is you', '(Always included)', 'See your email address'],
      ['Calls API', 'May calls:read', 'May calls:write'],
    ]);
  });

  it('lets a part be left out: the token lacks it, and it is asked for again when it is wanted again', async () => {
    const begun = await client.begin(asked);
    await tab.goto(begun.url);
    await signIn(tab, person);
    await tab.getByLabel('May calls:write').uncheck();
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims).toMatchObject({ aud: calls, scope: 'calls:read' });

    const same = await client.begin({ ...asked, scope: 'openid email calls:read' });
    await tab.goto(same.url);
    expect((await client.redeem(tab, same)).claims['scope']).toBe('calls:read');

    const again = await client.begin(asked);
    await tab.goto(again.url);
    await arriveAt(tab, heading);
    await press(tab, 'Allow');
    expect((await client.redeem(tab, again)).claims['scope']).toBe('calls:read calls:write');
  });

  it('does not let the application see the e-mail address that was left out', async () => {
    const begun = await client.begin({ scope: 'openid email' });
    await tab.goto(begun.url);
    await signIn(tab, person);
    await tab.getByLabel('See your email address').uncheck();
    await press(tab, 'Allow');
    const { access_token: token, scope } = await client.redeem(tab, begun);
    expect([scope, await client.userinfo(token)]).toEqual(['openid', { sub: person.sid }]);
  });

  it('takes everything left out for a no', async () => {
    await tab.goto((await client.begin({ ...asked, scope: 'calls:read' })).url);
    await signIn(tab, person);
    await tab.getByLabel('May calls:read').uncheck();
    await press(tab, 'Allow');
    expect((await client.came(tab)).parameters['error']).toBe('access_denied');
  });

  it('can be denied, which the application is told with its state and our name, and nothing is kept of it', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, person);
    await press(tab, 'Deny');
    const { parameters } = await client.came(tab);
    expect(parameters).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: begun.state,
      iss: scene.house.issuer,
    });
    expect(await scene.house.database.sql`select from grants where user_sid = ${person.sid}`).toHaveLength(0);
    await tab.goto((await client.begin()).url);
    await arriveAt(tab, heading);
  });

  it('does no harm when its button is pressed twice: the answer stands, and the application gets it', async () => {
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await tab.getByRole('button', { name: 'Allow' }).dblclick();
    // Where the second press overtakes the answer to the first, the browser throws that away.
    const answered = tab.getByRole('heading', { name: 'This has been answered already' });
    await tab.locator('#came').or(answered).waitFor();
    const begun = await client.begin();
    await tab.goto(begun.url);
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('comes each time for an app on the machine of the user, which anybody could pretend to be', async () => {
    const receiver = pictures.origin.replace('localhost', '127.0.0.1');
    const native = await scene.makeClient({ name: 'Desktop App', redirectUris: [`${receiver}/callback`] });
    scene.allow(receiver);
    await goThrough(tab, (await native.begin()).url, person);
    await native.came(tab);
    const begun = await native.begin();
    await tab.goto(begun.url);
    await arriveAt(tab, 'Desktop App asks for access');
    const text = await tab.locator('main').innerText();
    expect(text).toContain(`You will be sent back to a program on this computer, at ${new URL(receiver).host}.`);
    expect(text).toContain('Any program on this computer could claim to be Desktop App.');
    await press(tab, 'Allow');
    expect((await native.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('shows the logo of the application from our own origin, so that its site learns nothing', async () => {
    pictures.put('/logo.png', 'image/png', picture);
    const withLogo = await scene.makeClient({ name: 'Pretty App', logoUri: `${pictures.origin}/logo.png` });
    const sources: string[] = [];
    tab.on('request', (request) => request.resourceType() === 'image' && sources.push(request.url()));
    await tab.goto((await withLogo.begin()).url);
    await arriveAt(tab, 'Sign in');
    expect(await tab.evaluate("document.querySelector('.tile-logo').naturalWidth")).toBe(1);
    expect(sources).toEqual([`${scene.house.issuer}/oauth/logos/${withLogo.clientId}`]);
    expect(pictures.asked.filter((asked) => asked.includes('logo'))).toEqual(['GET /logo.png']);
  });
});
