import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { artifactsDirectory, openBrowser } from '../../support/browser.ts';
import { type House, openHouse } from '../../support/house.ts';

const looks = [
  { look: 'light', colorScheme: 'light', width: 1280 },
  { look: 'dark', colorScheme: 'dark', width: 1280 },
  { look: 'narrow-light', colorScheme: 'light', width: 320 },
  { look: 'narrow-dark', colorScheme: 'dark', width: 320 },
] as const;

let house: House;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([openHouse(), openBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await house.close();
});

describe.each(looks)('the reference in a window of $width pixels, $colorScheme', ({ look, colorScheme, width }) => {
  it.each(['reference', 'reference/errors'])(
    'can be read and used by everybody: /%s',
    async (path) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const tab = await context.newPage();
      const complaints: string[] = [];
      tab.on('console', (message) => complaints.push(message.text()));
      await tab.goto(`${house.address}/${path}`);
      const directory = await artifactsDirectory('reference', look);
      await tab.screenshot({ path: join(directory, `${path.replace('/', '-')}.png`) });
      await tab
        .locator('.operation')
        .nth(1)
        .screenshot({ path: join(directory, `${path.replace('/', '-')}-part.png`) });
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await tab.evaluate(axe.source);
      const found = (await tab.evaluate(
        'axe.run({ resultTypes: ["violations"] }).then((found) => found.violations.map(({ id, nodes }) => ({ id, html: nodes.slice(0, 3).map((node) => node.html) })))',
      )) as unknown;
      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    },
    60_000,
  );
});

describe('somebody who uses the keyboard', () => {
  it('comes to the content at once, past all that leads there', async () => {
    const tab = await browser.newPage();
    await tab.goto(`${house.address}/reference`);
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    expect(new URL(tab.url()).hash).toBe('#content');
    await tab.close();
  });
});
