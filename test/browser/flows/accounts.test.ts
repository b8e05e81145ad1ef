import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { arriveAt, goThrough, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let other: Client;
let first: Person;
let second: Person;
let context: BrowserContext;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene();
  client = await scene.makeClient();
  other = await scene.makeClient({ name: 'Other App' });
});
beforeEach(async () => {
  [first, second] = [await scene.makePerson(), await scene.makePerson()];
  context = await scene.openContext();
  tab = await context.newPage();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

/** Whether a token for the userinfo endpoint still counts. */
const counts = async (token: string) => (await client.userinfo(token))['sub'] !== undefined;

/** What is known of the browser's user without asking. */
async function quietly(parameters: Parameters<Client['begin']>[0] = {}) {
  const begun = await client.begin({ ...parameters, prompt: 'none' });
  await tab.goto(begun.url);
  return { begun, ...(await client.came(tab)) };
}

const consentsOf = ({ sid }: Person) =>
  scene.house.database.sql<Array<{ client: string }>>`select client_id as client from grants where user_sid = ${sid}`;

describe('using another account', () => {
  it('leads to tokens of the second user, and ends the session of the first with what hung on it', async () => {
    const before = await client.begin({ scope: 'openid email' });
    await goThrough(tab, before.url, first);
    const { access_token: token } = await client.redeem(tab, before);
    expect(await counts(token)).toBe(true);

    const begun = await other.begin({ scope: 'openid email' });
    await tab.goto(begun.url);
    await arriveAt(tab, 'Other App asks for access');
    await press(tab, 'Use another account');
    await arriveAt(tab, 'Sign in');
    expect(await tab.getByLabel('E-mail address').inputValue()).toBe('');
    await signIn(tab, second);
    await tab.locator('.account-email', { hasText: second.email }).waitFor();
    await press(tab, 'Allow');
    const tokens = await other.redeem(tab, begun);
    expect(await other.userinfo(tokens.access_token)).toMatchObject({ sub: second.sid, email: second.email });
    expect(await counts(token)).toBe(false);
    expect((await quietly({ scope: 'openid email' })).parameters['error']).toBe('consent_required');
  });

  it('needs no scripts', async () => {
    tab = await scene.openTab({ javaScriptEnabled: false });
    await goThrough(tab, (await client.begin()).url, first);
    await client.came(tab);
    const begun = await other.begin();
    await tab.goto(begun.url);
    await press(tab, 'Use another account');
    await signIn(tab, second);
    await press(tab, 'Allow');
    expect((await other.redeem(tab, begun)).claims['sub']).toBe(second.sid);
  });

  it('changes nothing as long as nobody has signed in: not by asking, not by a wrong password', async () => {
    await goThrough(tab, (await client.begin()).url, first);
    await client.came(tab);
    await tab.goto((await other.begin()).url);
    await press(tab, 'Use another account');
    await signIn(tab, { ...second, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    const { begun } = await quietly();
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(first.sid);
  });

  it('may be the same account after all, whose session then goes on', async () => {
    const before = await client.begin({ scope: 'openid email' });
    await goThrough(tab, before.url, first);
    const { access_token: token } = await client.redeem(tab, before);
    const begun = await other.begin();
    await tab.goto(begun.url);
    await press(tab, 'Use another account');
    await signIn(tab, first);
    await press(tab, 'Allow');
    expect((await other.redeem(tab, begun)).claims['sub']).toBe(first.sid);
    expect(await counts(token)).toBe(true);
  });

  it('forgets the organization that the first user chose', async () => {
    const [north, south] = await Promise.all(['North', 'South'].map((name) => scene.registry.makeOrganization(name)));
    const member = await scene.makePerson(north ?? '', south ?? '');
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, member);
    await tab.getByLabel('South').check();
    await press(tab, 'Continue');
    await tab.getByText('Acting for South').waitFor();
    await press(tab, 'Use another account');
    await signIn(tab, second);
    await tab.getByText('Acting for Demo organization').waitFor();
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims).toMatchObject({
      sub: second.sid,
      org_id: scene.house.demo.organization_sid,
    });
  });

  it('is what prompt=login allows too', async () => {
    await goThrough(tab, (await client.begin()).url, first);
    await client.came(tab);
    const begun = await client.begin({ prompt: 'login' });
    await goThrough(tab, begun.url, second);
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(second.sid);
  });
});

describe('a page that still names a user who is no longer signed in in this browser', () => {
  /** Opens the consent page of the first user, to be answered after something has happened in another tab. */
  async function leaveOpen(): Promise<Tab> {
    await goThrough(tab, (await client.begin()).url, first);
    await client.came(tab);
    const page = await context.newPage();
    await page.goto((await other.begin()).url);
    await arriveAt(page, 'Other App asks for access');
    return page;
  }

  it('allows nothing in their name after they signed out', async () => {
    const page = await leaveOpen();
    await tab.goto(`${scene.house.issuer}/oauth/logout`);
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
    await press(page, 'Allow');
    await page.getByText('Go back to the application').waitFor();
    expect(page.url()).not.toContain(other.redirectUri);
    expect(await consentsOf(first)).toEqual([{ client: client.clientId }]);
  });

  it('allows nothing in their name after somebody else signed in', async () => {
    const page = await leaveOpen();
    await tab.goto((await client.begin({ prompt: 'login' })).url);
    await signIn(tab, second);
    await arriveAt(tab, 'Example App asks for access');
    await press(page, 'Allow');
    await page.getByText('Go back to the application').waitFor();
    expect(page.url()).not.toContain(other.redirectUri);
    expect(await consentsOf(first)).toEqual([{ client: client.clientId }]);
    await press(tab, 'Allow');
    await client.came(tab);
  });
});
