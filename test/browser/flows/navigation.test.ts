import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
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
const over = 'This has been answered already';

describe('the back button', () => {
  it('after the sign-in shows that it is done, and forward is the consent again', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    await tab.goBack();
    await arriveAt(tab, over);
    await tab.goForward();
    await arriveAt(tab, asks);
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims['sub']).toBe(person.sid);
  });

  it('after the consent shows that it is done, and does not do it again', async () => {
    const begun = await client.begin();
    await goThrough(tab, begun.url, person);
    const { claims } = await client.redeem(tab, begun);
    await tab.goBack();
    await arriveAt(tab, over);
    expect(await tab.locator('main').innerText()).toContain('Go back to the application.');
    const families = await scene.house.database.sql`
      select encode(f.id_hash, 'hex') as family, f.revoked_at as "revokedAt"
      from families f join grants g on g.id = f.grant_id where g.user_sid = ${person.sid}`;
    expect(families).toEqual([{ family: claims['fam'], revokedAt: null }]);
  });

  it('after a wrong password leads back to the form, which still works', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, { ...person, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    await tab.goBack();
    await arriveAt(tab, 'Sign in');
    await signIn(tab, person);
    await press(tab, 'Allow');
    await client.redeem(tab, begun);
  });
});

describe('reloading', () => {
  it('shows the same page again and sends nothing twice, at every step', async () => {
    const [north, south] = [
      await scene.registry.makeOrganization('North'),
      await scene.registry.makeOrganization('South'),
    ];
    const member = await scene.makePerson(north, south);
    const begun = await client.begin();
    await tab.goto(begun.url);
    await tab.reload();
    await arriveAt(tab, 'Sign in');
    await signIn(tab, { ...member, password: 'not the password' });
    await tab.getByRole('alert').waitFor();
    await tab.reload();
    await tab.getByRole('alert').waitFor();
    await signIn(tab, member);
    await arriveAt(tab, 'Choose an organization');
    await tab.reload();
    await arriveAt(tab, 'Choose an organization');
    await press(tab, 'Continue');
    await arriveAt(tab, asks);
    await tab.reload();
    await arriveAt(tab, asks);
    await press(tab, 'Allow');
    await client.redeem(tab, begun);
    const failed = await scene.house.database.sql`
      select from audit_events where action = 'user.sign_in_failed' and target_id = ${member.sid}`;
    expect(failed).toHaveLength(1);
  });

  it('of a page that is over says the same again', async () => {
    await tab.goto((await client.begin()).url);
    const address = tab.url();
    await signIn(tab, person);
    await arriveAt(tab, asks);
    await tab.goto(address);
    await tab.reload();
    await arriveAt(tab, over);
  });
});

describe('two tabs with two requests', () => {
  it.each([
    ['the first', 0, 1],
    ['the second', 1, 0],
  ])('come to their ends when %s is finished first', async (_which, before, after) => {
    const tabs = [tab, await context.newPage()];
    const begun = [await client.begin(), await client.begin()];
    for (const index of [0, 1]) await tabs[index]?.goto(begun[index]?.url ?? '');
    for (const index of [before, after]) {
      const [page, request] = [tabs[index] as Tab, begun[index] as Awaited<ReturnType<Client['begin']>>];
      await arriveAt(page, 'Sign in');
      await signIn(page, person);
      // What was allowed in the one tab is not asked for in the other.
      if (index === before) await press(page, 'Allow');
      expect((await client.redeem(page, request)).claims['sub']).toBe(person.sid);
    }
  });

  it('come to their ends step by step in turn', async () => {
    const second = await context.newPage();
    const [one, two] = [await client.begin(), await client.begin()];
    await tab.goto(one.url);
    await second.goto(two.url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    await signIn(second, person);
    await arriveAt(second, asks);
    await press(tab, 'Allow');
    expect((await client.redeem(tab, one)).claims['sub']).toBe(person.sid);
    await press(second, 'Allow');
    expect((await client.redeem(second, two)).claims['sub']).toBe(person.sid);
  });

  it('in which two users sign in end with the one who came last, and with no token of the other', async () => {
    const other = await scene.makePerson();
    const second = await context.newPage();
    const scope = 'openid email';
    const [one, two] = [await client.begin({ scope }), await client.begin({ scope })];
    await tab.goto(one.url);
    await second.goto(two.url);
    await signIn(tab, person);
    await press(tab, 'Allow');
    const { access_token: first } = await client.redeem(tab, one);
    await signIn(second, other);
    await press(second, 'Allow');
    const { access_token: last } = await client.redeem(second, two);
    expect(await client.userinfo(last)).toMatchObject({ sub: other.sid });
    expect(await client.userinfo(first)).toMatchObject({ error: 'invalid_token' });
  });
});

describe('two tabs with the same request', () => {
  it('end once: the one that comes second is told so on a page that helps', async () => {
    const begun = await client.begin();
    await tab.goto(begun.url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    const second = await context.newPage();
    await second.goto(tab.url());
    await arriveAt(second, asks);
    await press(tab, 'Allow');
    await client.redeem(tab, begun);
    await press(second, 'Allow');
    await arriveAt(second, over);
    expect(await second.locator('main').innerText()).toContain(
      'Go back to the application. If you are not signed in there, start again.',
    );
  });

  it('of which one was denied cannot be allowed in the other', async () => {
    await tab.goto((await client.begin()).url);
    await signIn(tab, person);
    await arriveAt(tab, asks);
    const second = await context.newPage();
    await second.goto(tab.url());
    await press(tab, 'Deny');
    await client.came(tab);
    await press(second, 'Allow');
    await arriveAt(second, over);
    expect(await scene.house.database.sql`select from grants where user_sid = ${person.sid}`).toHaveLength(0);
  });

  it('lead on from a sign-in page that is no longer due', async () => {
    await tab.goto((await client.begin()).url);
    const second = await context.newPage();
    await second.goto(tab.url());
    await signIn(tab, person);
    await arriveAt(tab, asks);
    await signIn(second, person);
    await arriveAt(second, over);
  });
});
