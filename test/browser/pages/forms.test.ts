import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core';
import { type Mount, readParameters } from '../../../src/http/index.ts';
import type { Page } from '../../../src/interactions/pages/index.ts';
import { samples } from '../../interactions/pages/samples.ts';
import { type PageServer, servePages } from '../../interactions/pages/server.ts';
import { openBrowser } from '../../support/browser.ts';

/** What a form sent, and the headers that it came with. */
interface Posted {
  readonly path: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly headers: IncomingMessage['headers'];
}

const tokens = [
  ['consent_token', 'consent-token'],
  ['csrf', 'csrf-token'],
] as const;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe('The pages, in a browser without JavaScript', () => {
  /** The application that is sent back to, on another origin. */
  const arrived: IncomingMessage[] = [];
  const application = createServer((req, res) => {
    arrived.push(req);
    res.end('arrived');
  });
  const posted: Posted[] = [];
  let callback: string;
  let server: PageServer;
  let context: BrowserContext;
  let tab: Tab;

  /** Takes every form, and sends on to the application as the end of a request does: over an address of ours. */
  const takeForms: Mount = (router) => {
    router.post('/oauth/*path', async function takeForm(ctx) {
      posted.push({ path: ctx.path, fields: await readParameters(ctx.req, 10_000), headers: ctx.req.headers });
      ctx.status = 303;
      ctx.set('location', '/oauth/authorize/resume');
    });
    router.get('/oauth/authorize/resume', async function sendOn(ctx) {
      ctx.status = 303;
      ctx.set('location', callback);
    });
  };

  beforeAll(async () => {
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    callback = `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`;
    const here = (page: Page | undefined): Page => ({
      ...(page as Page & { kind: 'consent' }),
      formTargets: [callback],
    });
    server = await servePages(
      {
        ...Object.fromEntries(Object.entries(samples).map(([name, page]) => [name, here(page)])),
        elsewhere: samples['consent'] as Page,
      },
      { mounts: [takeForms] },
    );
  });
  beforeEach(async () => {
    posted.length = 0;
    arrived.length = 0;
    await context?.close();
    context = await browser.newContext({ javaScriptEnabled: false });
    tab = await context.newPage();
  });
  afterAll(async () => {
    await context.close();
    await server.close();
    application.closeAllConnections();
    await new Promise((resolve) => application.close(resolve));
  });

  const open = (name: string) => tab.goto(`${server.origin}/pages/${name}`);
  const button = (name: string) => tab.getByRole('button', { name, exact: true });
  const sent = () => posted.map(({ path, fields }) => ({ path, fields }));

  it('sign in with what was typed, by the Enter key', async () => {
    await open('login');
    await tab.locator('#email:focus').waitFor();
    await tab.keyboard.type('ada@acme.example');
    await tab.keyboard.press('Tab');
    await tab.keyboard.type('correct horse');
    await tab.keyboard.press('Enter');
    await tab.waitForURL(callback);
    expect(sent()).toEqual([
      {
        path: '/oauth/interaction/login',
        fields: [...tokens, ['email', 'ada@acme.example'], ['password', 'correct horse']],
      },
    ]);
  });

  it('cancel without sending what was typed', async () => {
    await open('login');
    await tab.getByLabel('Password').fill('correct horse');
    await button('Cancel and go back to Acme Dialer').click();
    await tab.waitForURL(callback);
    expect(sent()).toEqual([{ path: '/oauth/interaction/deny', fields: tokens }]);
  });

  it('send the organization that was chosen with the arrow keys', async () => {
    await open('organization');
    await tab.getByRole('radio', { name: /^Acme Telephony Owner/ }).focus();
    await tab.keyboard.press('ArrowDown');
    await button('Continue').click();
    await tab.waitForURL(callback);
    expect(sent()).toEqual([
      { path: '/oauth/interaction/organization', fields: [...tokens, ['organization', `OR${'2'.repeat(32)}`]] },
    ]);
  });

  it('allow only what was left checked', async () => {
    await open('consent');
    await tab.getByText('Make calls at your expense').click();
    await button('Allow').click();
    await tab.waitForURL(callback);
    const scopes = ['email', '1 calls:read', '1 numbers:read'].map((scope) => ['scope', scope]);
    expect(sent()).toEqual([{ path: '/oauth/interaction/consent', fields: [...tokens, ...scopes] }]);
  });

  it.each([
    ['Deny', '/oauth/interaction/deny'],
    ['Use another account', '/oauth/interaction/switch'],
  ])('send no scope along with %s', async (name, path) => {
    await open('consent');
    await button(name).click();
    await tab.waitForURL(callback);
    expect(sent()).toEqual([{ path, fields: tokens }]);
  });

  it.each([
    [
      'Sign out',
      [
        ['xsrf', 'xsrf-token'],
        ['logout', 'yes'],
      ],
    ],
    ['Stay signed in', [['xsrf', 'xsrf-token']]],
  ])('answer the library as its own form would: %s', async (name, fields) => {
    await open('logout');
    await button(name).click();
    await tab.waitForURL(callback);
    expect(sent()).toEqual([{ path: '/oauth/logout/confirm', fields }]);
  });

  it('do not let a form lead to an application that the policy does not name', async () => {
    await open('elsewhere');
    await button('Allow').click();
    await tab.waitForLoadState();
    expect(posted).toHaveLength(1);
    expect(arrived).toEqual([]);
  });

  it('tell nobody where the user comes from, and the server that the form is its own', async () => {
    await open('consent');
    await button('Allow').click();
    await tab.waitForURL(callback);
    expect(arrived[0]?.headers.referer).toBeUndefined();
    // Without a referrer the origin is withheld too (Fetch, section 3.2): Sec-Fetch-Site has to say it.
    expect(posted[0]?.headers).toMatchObject({ origin: 'null', 'sec-fetch-site': 'same-origin' });
  });

  it.each([
    ['login', ['email', 'password', 'Sign in', 'Cancel and go back to Acme Dialer']],
    [
      'consent',
      [
        'Use another account',
        'email',
        '1 calls:read',
        '1 calls:write',
        '1 numbers:read',
        'Deny',
        'Allow',
        'Privacy policy of Acme Dialer (opens in a new tab)',
        'Terms of Acme Dialer (opens in a new tab)',
      ],
    ],
    ['logout', ['Stay signed in', 'Sign out']],
  ])('are walked through by the Tab key in the order in which they are read: %s', async (name, order) => {
    // Scripts are off in the page; this context only lets the test look at what has the focus.
    const looking = await browser.newContext();
    const page = await looking.newPage();
    await page.goto(`${server.origin}/pages/${name}`);
    const walked: unknown[] = [];
    if (name === 'login') await page.locator('#email:focus').waitFor();
    else await page.keyboard.press('Tab');
    for (const _stop of order) {
      walked.push(
        await page.evaluate(
          `(({ tagName, type, value, name, textContent }) => tagName !== 'INPUT' ? textContent.trim()
            : type === 'checkbox' ? value : name)(document.activeElement)`,
        ),
      );
      await page.keyboard.press('Tab');
    }
    await looking.close();
    expect(walked).toEqual(order);
  });
});
