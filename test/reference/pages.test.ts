import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../src/base/index.ts';
import { operationsOf, readDocument } from '../api/document.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Answer, send } from '../support/tokens.ts';

let house: House;
let page: Answer;
beforeAll(async () => {
  house = await openHouse();
  page = await send(`${house.address}/reference`);
});
afterAll(() => house.close());

describe('the reference', () => {
  it('has every operation of the document, with its method, its path and its parameters', async () => {
    expect(page.status).toBe(200);
    for (const { id, path, method, parameters } of operationsOf(await readDocument(house.address))) {
      const [, section = ''] = page.text.split(`<section class="operation" id="${id}"`);
      const own = section.split('</section>')[0] ?? '';
      expect(own).toContain(`>${method}</span> <code>${path}</code>`);
      for (const { name } of parameters) expect(own).toContain(`<code>${name}</code>`);
    }
  });

  it('says what a body is made of, and which scope an operation takes', () => {
    expect(page.text).toContain('<code>access_token_ttl</code>');
    expect(page.text).toContain('Takes the scope <code>resources:write</code>.');
  });

  it('leads nowhere but to places that are there', () => {
    const places = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !places.has(link))).toEqual([]);
  });

  it('runs nothing and loads nothing from elsewhere', () => {
    expect(page.text).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('has its stylesheets at this server', async () => {
    const hrefs = [...page.text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href);
    expect(hrefs).toHaveLength(2);
    for (const href of hrefs) {
      const { status, headers } = await send(`${house.address}${href}`);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    }
  });
});

describe('the page of error codes', () => {
  it('has one place for each code, with what to do', async () => {
    const { status, text } = await send(`${house.address}/reference/errors`);
    expect(status).toBe(200);
    for (const { code, help } of errorCodes()) {
      expect(text).toContain(`<section class="operation" id="${code}"`);
      expect(text).toContain(help);
    }
  });

  it('explains every code in one sentence', () => {
    for (const { help } of errorCodes()) expect(help).toMatch(/^[A-Z][^.]+\.$/);
  });
});
