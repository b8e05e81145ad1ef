import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core';
import type { Mount } from '../../../src/http/index.ts';
import { createClientLogos } from '../../../src/interactions/pages/index.ts';
import { ringPng, wordMarkSvg } from '../../interactions/pages/pictures.ts';
import { samples } from '../../interactions/pages/samples.ts';
import { type PageServer, servePages } from '../../interactions/pages/server.ts';
import { artifactsDirectory, openBrowser } from '../../support/browser.ts';

const looks = [
  { look: 'light', colorScheme: 'light', width: 1280 },
  { look: 'dark', colorScheme: 'dark', width: 1280 },
  { look: 'narrow-light', colorScheme: 'light', width: 320 },
  { look: 'narrow-dark', colorScheme: 'dark', width: 320 },
] as const;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds, by the rules of WCAG 2.2 AA and its own good practice. */
async function violations(tab: Tab): Promise<readonly Violation[]> {
  // By the debugger's door: the policy of the page lets no script in.
  await tab.evaluate(axe.source);
  return (await tab.evaluate(
    'axe.run({ resultTypes: ["violations"] }).then((found) => found.violations)',
  )) as Violation[];
}

describe('Every page', () => {
  let browser: Browser;
  let server: PageServer;
  let mounts: readonly Mount[];

  beforeAll(async () => {
    const logos = createClientLogos({
      outbound: { fetch: async (url) => ({ ok: true, value: { url, headers: {}, body: ringPng() } }) },
      logoUri: async () => 'https://acme.example/logo.png',
    });
    mounts = [logos.mount];
    server = await servePages(samples, { mounts });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  describe.each(looks)('in a window of $width pixels, $colorScheme', ({ look, colorScheme, width }) => {
    let context: BrowserContext;
    let directory: string;
    beforeAll(async () => {
      context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
      directory = await artifactsDirectory('pages', look);
    });
    afterAll(() => context.close());

    it.each(Object.keys(samples))('can be read and used by everybody: %s', async (name) => {
      const tab = await context.newPage();
      const complaints: string[] = [];
      tab.on('console', (message) => complaints.push(message.text()));
      await tab.goto(`${server.origin}/pages/${name}`);
      await tab.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const found = await violations(tab);
      expect(found.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map((node) => node.html) }))).toEqual([]);
      expect(complaints).toEqual([]);
      await tab.close();
    });
  });

  describe.each(['#facc15', '#000000', '#ffffff', '#0f766e'])('in the colour %s of a brand', (colour) => {
    const logo = { mediaType: 'image/svg+xml', extension: 'svg', bytes: Buffer.from(wordMarkSvg) };
    const brand = { name: 'Häberle', colour, logo: colour === '#0f766e' ? logo : undefined };

    it.each(['light', 'dark'] as const)('can be read, %s', async (colorScheme) => {
      const branded = await servePages(samples, { brand, mounts });
      const context = await browser.newContext({ colorScheme, viewport: { width: 480, height: 800 } });
      const tab = await context.newPage();
      const directory = await artifactsDirectory('pages', 'brands');
      for (const name of ['login', 'organization', 'consent']) {
        await tab.goto(`${branded.origin}/pages/${name}`);
        await tab.screenshot({
          path: join(directory, `${colour.slice(1)}-${colorScheme}-${name}.png`),
          fullPage: true,
        });
        expect(await violations(tab)).toEqual([]);
      }
      await context.close();
      await branded.close();
    });
  });
});
