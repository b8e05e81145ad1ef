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

const session = async () => (await context.cookies()).find(({ name }) => name === 'cs_session')?.value;

/** What a browser with cookies of somebody's choice is told when it asks without showing pages. */
async function askedWith(cookies: Awaited<ReturnType<BrowserContext['cookies']>>): Promise<string | undefined> {
  const other = await scene.openContext();
  await other.addCookies(cookies);
  const page = await other.newPage();
  await page.goto((await client.begin({ prompt: 'none' })).url);
  return (await client.came(page)).parameters['error'];
}

describe('the cookies of a sign-in', () => {
  it('are for this server alone, out of reach of scripts and of the forms of other sites', async () => {
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    const cookies = await context.cookies();
    const names = cookies.map(({ name }) => name.replace(/request_.*/, 'request_')).sort();
    const library = ['session', 'interaction'].flatMap((name) => [`cs_${name}`, `cs_${name}.sig`]);
    expect(new Set(names)).toEqual(new Set([...library, 'cs_browser', 'cs_device', 'cs_request_']));
    for (const { name, ...cookie } of cookies) {
      expect([name, cookie]).toEqual([
        name,
        expect.objectContaining({ domain: 'localhost', httpOnly: true, sameSite: 'Lax', secure: false }),
      ]);
    }
    expect(await tab.evaluate('document.cookie')).toBe('');
  });

  it('leave a browser that only looked with nothing that says who it is', async () => {
    await tab.goto((await client.begin()).url);
    await arriveAt(tab, 'Sign in');
    expect(await session()).toBeUndefined();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('cs_device');
  });

  it('name another session after the sign-in than one that was planted before', async () => {
    // Signing out when nobody is signed in is how to get a session of nobody's. Without scripts it is left at that.
    context = await scene.openContext({ javaScriptEnabled: false });
    tab = await context.newPage();
    await tab.goto(`${scene.house.issuer}/oauth/logout`);
    const planted = await context.cookies();
    const before = await session();
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    expect(before).toBeDefined();
    expect(await session()).not.toBe(before);
    expect(await askedWith(planted)).toBe('login_required');
    expect(await askedWith(await context.cookies())).toBeUndefined();
  });

  it('name another session whenever somebody signs in again, and the one before is worth nothing', async () => {
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    const before = await context.cookies();
    await tab.goto((await client.begin({ prompt: 'login' })).url);
    await signIn(tab, person);
    await client.came(tab);
    const stolen = before.filter(({ name }) => name.startsWith('cs_session'));
    expect(stolen[0]?.value).not.toBe(await session());
    expect(await askedWith(stolen)).toBe('login_required');
  });

  it('do not sign anybody in when they were made up', async () => {
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    const cookies = await context.cookies();
    const forged = cookies.map((cookie) =>
      cookie.name === 'cs_session.sig' ? { ...cookie, value: 'made-up' } : cookie,
    );
    expect(await askedWith(forged)).toBe('login_required');
  });

  it('are gone after the sign-out, but for the mark of the browser', async () => {
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    const before = await context.cookies();
    await tab.goto(`${scene.house.issuer}/oauth/logout`);
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
    expect(await session()).toBeUndefined();
    expect(await askedWith(before)).toBe('login_required');
  });
});
