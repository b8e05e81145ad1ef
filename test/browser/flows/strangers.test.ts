import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { openSite, type Site } from './site.ts';
import { arriveAt, goThrough, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let person: Person;
let context: BrowserContext;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene();
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson();
  context = await scene.openContext();
  tab = await context.newPage();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

const asks = 'Example App asks for access';
const consentsOf = ({ sid }: Person) => scene.house.database.sql`select from grants where user_sid = ${sid}`;
/** The status of the answer that a step brings. */
async function statusOf(step: () => Promise<unknown>, page = tab): Promise<number> {
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().isNavigationRequest() && answer.status() !== 303),
    step(),
  ]);
  return response.status();
}

describe('a request that took too long', () => {
  it.each([
    ['its token', "update consent_tokens set expires_at = now() - interval '1 second'", 'This took too long'],
    ['the request', "delete from artifacts where kind = 'Interaction'", 'This has been answered already'],
  ])('says so on a page, whether it is looked at or answered: %s', async (_what, expire, heading) => {
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    const address = tab.url();
    await scene.house.database.sql.unsafe(expire);
    expect(await statusOf(() => press(tab, 'Allow'))).toBe(410);
    await arriveAt(tab, heading);
    expect(await statusOf(() => tab.goto(address))).toBe(410);
    await arriveAt(tab, heading);
    expect(await consentsOf(person)).toHaveLength(0);
  });

  it('says so when it ran out at the sign-in', async () => {
    await tab.goto((await client.begin()).url);
    await arriveAt(tab, 'Sign in');
    await scene.house.database.sql`update consent_tokens set expires_at = now() - interval '1 second'`;
    await signIn(tab, person);
    await arriveAt(tab, 'This took too long');
    expect(await tab.locator('main').innerText()).toContain('Go back to the application and sign in again.');
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('cs_session');
  });
});

describe('an address that was made up or cut off', () => {
  it.each([
    ['/oauth/interaction', 404, 'There is nothing here'],
    ['/oauth/interaction?consent_token=made-up', 410, 'This took too long'],
    ['/oauth/interaction/login', 405, 'There is nothing here'],
    ['/oauth/authorize/made-up', 400, 'This took too long'],
    ['/oauth/authorize', 400, 'The application made a mistake'],
  ])('is explained on a page: %s', async (path, status, heading) => {
    expect(await statusOf(() => tab.goto(scene.house.issuer + path))).toBe(status);
    await arriveAt(tab, heading);
  });
});

describe('the address of a page, opened in another browser', () => {
  it('shows the sign-in form, which cannot be used there', async () => {
    await tab.goto((await client.begin()).url);
    const other = await scene.openTab();
    await other.goto(tab.url());
    await arriveAt(other, 'Sign in');
    await signIn(other, person);
    await arriveAt(other, 'This was begun in another browser');
    expect((await other.context().cookies()).map(({ name }) => name)).not.toContain('cs_session');
    await signIn(tab, person);
    await arriveAt(tab, asks);
  });

  it('does not show whose consent is asked for', async () => {
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    const other = await scene.openTab();
    expect(await statusOf(() => other.goto(tab.url()), other)).toBe(403);
    await arriveAt(other, 'This was begun in another browser');
    expect(await other.content()).not.toContain(person.email);
  });

  it('does not sign anybody into the browser of somebody else', async () => {
    const mallory = await scene.makePerson();
    const theirs = await scene.openTab();
    await theirs.goto((await client.begin()).url);
    await signIn(theirs, mallory);
    await arriveAt(theirs, asks);
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    await tab.goto(theirs.url());
    await arriveAt(tab, 'This was begun in another browser');
    const begun = await client.begin({ prompt: 'none' });
    await tab.goto(begun.url);
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });
});

describe('a form that another site sends', () => {
  let sites: readonly Site[];
  beforeAll(async () => {
    // The first is another origin of the same site, whose forms come with cookies; the second is another site.
    sites = [await openSite('http', 'localhost'), await openSite('http', '127.0.0.1')];
  });
  afterAll(() => Promise.all(sites.map((site) => site.close())));

  /** The fields of the form on the page that is shown, as if somebody had got to know them. */
  async function stolenFields(): Promise<string> {
    const names = ['consent_token', 'csrf'];
    const values = await Promise.all(
      names.map((name) => tab.locator(`form#allow input[name=${name}]`).getAttribute('value')),
    );
    return names.map((name, index) => `<input type="hidden" name="${name}" value="${values[index]}">`).join('');
  }

  it.each([
    ['of the same site', 0],
    ['of another site', 1],
  ])('counts for nothing, from an origin %s, even with all that it takes', async (_where, index) => {
    const site = sites[index] as Site;
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    const { issuer } = scene.house;
    site.put(
      '/',
      'text/html',
      `<form method="post" action="${issuer}/oauth/interaction/consent">
      ${await stolenFields()}<button>Win a prize</button></form>`,
    );
    const lured = await context.newPage();
    // The one page of a stranger that the browser may ask for.
    scene.allow(site.origin);
    await lured.goto(site.origin);
    expect(await statusOf(() => press(lured, 'Win a prize'), lured)).toBe(403);
    await arriveAt(lured, 'This page is out of date');
    expect(await consentsOf(person)).toHaveLength(0);
    await press(tab, 'Allow');
    await client.came(tab);
  });

  it('cannot show a page of ours in a frame', async () => {
    const site = sites[0] as Site;
    scene.allow(site.origin, 'frame-ancestors');
    await tab.goto((await client.begin()).url);
    site.put('/frame', 'text/html', `<iframe src="${tab.url()}"></iframe>`);
    await tab.goto(`${site.origin}/frame`);
    expect(await tab.frameLocator('iframe').getByRole('heading').count()).toBe(0);
  });
});
