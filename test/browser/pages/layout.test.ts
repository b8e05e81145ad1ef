import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core';
import { createClientLogos, type Texts } from '../../../src/interactions/pages/index.ts';
import { english } from '../../../src/interactions/pages/texts.ts';
import { samples } from '../../interactions/pages/samples.ts';
import { type PageServer, servePages } from '../../interactions/pages/server.ts';
import { artifactsDirectory, openBrowser } from '../../support/browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe('The pages, as they lie on the screen', () => {
  const rightToLeft = { ...english, lang: 'ar', dir: 'rtl' } as unknown as Texts;
  let server: PageServer;
  let mirrored: PageServer;
  let context: BrowserContext;
  let tab: Tab;

  beforeAll(async () => {
    const logos = createClientLogos({
      outbound: { fetch: async () => ({ ok: false, fault: { reason: 'unreachable', detail: 'ECONNREFUSED' } }) },
      logoUri: async () => 'https://acme.example/logo.png',
    });
    server = await servePages(samples, { mounts: [logos.mount] });
    mirrored = await servePages(samples, { texts: rightToLeft, mounts: [logos.mount] });
    context = await browser.newContext({ viewport: { width: 320, height: 700 } });
    tab = await context.newPage();
  });
  afterAll(async () => {
    await context.close();
    await server.close();
    await mirrored.close();
  });

  const overflow = () => tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  it.each(Object.keys(samples))('ask nobody but their own server for anything: %s', async (name) => {
    const asked: string[] = [];
    const listen = (request: { url(): string }) => asked.push(new URL(request.url()).origin);
    tab.on('request', listen);
    await tab.goto(`${server.origin}/pages/${name}`);
    tab.off('request', listen);
    expect(new Set(asked)).toEqual(new Set([server.origin]));
  });

  it.each(Object.keys(samples))('have nothing to press that is smaller than a fingertip: %s', async (name) => {
    await tab.goto(`${server.origin}/pages/${name}`);
    const heights = (await tab.evaluate(
      `[...document.querySelectorAll('button, a, label:has(input), .field input')].map((element) =>
        [element.textContent.trim() || element.name, element.getBoundingClientRect().height])`,
    )) as [string, number][];
    expect(heights.filter(([, height]) => height < 44)).toEqual([]);
  });

  it.each(Object.keys(samples))('fit when their letters are twice as large: %s', async (name) => {
    await tab.goto(`${server.origin}/pages/${name}`);
    await tab.evaluate("document.documentElement.style.fontSize = '200%'");
    expect(await overflow()).toBe(0);
  });

  it.each(['login-wrong', 'organization', 'consent-loopback', 'error-invalid-request'])(
    'fit when they are read from right to left: %s',
    async (name) => {
      await tab.goto(`${mirrored.origin}/pages/${name}`);
      await tab.screenshot({
        path: `${await artifactsDirectory('pages', 'right-to-left')}/${name}.png`,
        fullPage: true,
      });
      expect(await overflow()).toBe(0);
    },
  );

  it.each(['login', 'organization', 'consent', 'signed-out'])('show where the keyboard is: %s', async (name) => {
    await tab.goto(`${server.origin}/pages/${name}`);
    const unseen: unknown[] = [];
    for (let stop = 0; stop < 10; stop++) {
      await tab.keyboard.press('Tab');
      const element = await tab.evaluate(`((element) => {
        const shown = [element, element.closest('.choice')].some((at) => at !== null &&
          (getComputedStyle(at).outlineStyle !== 'none' || getComputedStyle(at).boxShadow !== 'none'));
        return element === document.body || shown ? null : element.outerHTML;
      })(document.activeElement)`);
      if (element !== null) unseen.push(element);
    }
    expect(unseen).toEqual([]);
  });

  it('show a stand-in where a logo turns out not to be there after all', async () => {
    await tab.goto(`${server.origin}/pages/consent`);
    await tab.screenshot({ path: `${await artifactsDirectory('pages', 'states')}/logo-missing.png` });
    const logo = "(({ complete, naturalWidth }) => ({ complete, naturalWidth }))(document.querySelector('.tile-logo'))";
    expect(await tab.evaluate(logo)).toEqual({ complete: true, naturalWidth: 48 });
  });

  it.each(['active', 'none'] as const)('keep their outlines where colours are forced: %s', async (forcedColors) => {
    const high = await browser.newContext({ forcedColors, contrast: 'more', viewport: { width: 480, height: 800 } });
    const page = await high.newPage();
    await page.goto(`${server.origin}/pages/consent`);
    const directory = await artifactsDirectory('pages', 'states');
    await page.screenshot({ path: `${directory}/forced-colours-${forcedColors}.png`, fullPage: true });
    const borders = await page.evaluate(
      `[...document.querySelectorAll('.button')].map((button) => getComputedStyle(button).borderTopWidth)`,
    );
    expect(borders).toEqual(['1px', '1px']);
    await high.close();
  });
});
