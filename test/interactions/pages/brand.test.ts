import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StartupError } from '../../../src/base/index.ts';
import { brandProperties } from '../../../src/interactions/pages/colour.ts';
import { loadBrand } from '../../../src/interactions/pages/index.ts';
import { ringPng, wordMarkSvg } from './pictures.ts';
import { plainBrand, servePages } from './server.ts';

/** WCAG's contrast of two colours, from 1 to 21. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const partsOf = (properties: string) =>
  [...properties.matchAll(/--[\w-]+: (#[0-9a-f]{6});/g)].map(([, colour = '']) => colour) as [
    string,
    string,
    string,
    string,
  ];

describe("A brand's colour", () => {
  it('is used as it is where it can be read', () => {
    expect(brandProperties('#1d4ed8').light).toBe(
      '--brand: #1d4ed8; --on-brand: #ffffff; --brand-line: #1d4ed8; --brand-ink: #1d4ed8;',
    );
  });

  it.each([
    ['#facc15', '#facc15'],
    ['#fefce8', '#000000'],
  ])('fills a button on white as it is, unless it could not be seen: %s', (colour, fill) => {
    expect(partsOf(brandProperties(colour).light)[0]).toBe(fill);
  });

  it('becomes readable on light and on dark, whichever it is', () => {
    const colours = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
    fc.assert(
      fc.property(colours, (colour) => {
        const { light, dark } = brandProperties(colour);
        for (const [properties, surface, worst] of [
          [light, '#ffffff', '#f1f2f5'],
          [dark, '#171a1f', '#232830'],
        ] as const) {
          const [fill, on, line, ink] = partsOf(properties);
          expect(contrast(line, surface)).toBeGreaterThanOrEqual(2.95);
          expect(contrast(on, fill)).toBeGreaterThanOrEqual(4.5);
          expect(contrast(ink, worst)).toBeGreaterThanOrEqual(4.4);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("A brand's logo", () => {
  let directory: string;
  const png = ringPng();
  const pictures: Readonly<Record<string, Buffer>> = {
    'ring.png': png,
    'photo.jpg': Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0', 'latin1'),
    'small.webp': Buffer.from('RIFF\x1a\0\0\0WEBPVP8L', 'latin1'),
    'mark.svg': Buffer.from(wordMarkSvg),
    'bom.svg': Buffer.from(`\ufeff<!-- a --><!-- b --><svg xmlns="http://www.w3.org/2000/svg"/>`),
    'wrong-name.svg': png,
    'page.svg': Buffer.from('<html><svg></svg></html>'),
    'moving.gif': Buffer.from('GIF89a', 'latin1'),
    'text.png': Buffer.from('a picture, honestly'),
    'empty.png': Buffer.alloc(0),
    'exact.png': Buffer.concat([png, Buffer.alloc(256 * 1024 - png.length)]),
    'large.png': Buffer.concat([png, Buffer.alloc(256 * 1024 + 1 - png.length)]),
  };
  const load = (name: string) => loadBrand({ name: 'Acme', colour: '#0f766e', logo: join(directory, name) });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-brand-'));
    for (const [name, bytes] of Object.entries(pictures)) await writeFile(join(directory, name), bytes);
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each([
    ['ring.png', 'image/png'],
    ['photo.jpg', 'image/jpeg'],
    ['small.webp', 'image/webp'],
    ['mark.svg', 'image/svg+xml'],
    ['bom.svg', 'image/svg+xml'],
    ['wrong-name.svg', 'image/png'],
    ['exact.png', 'image/png'],
  ])('is known by its bytes: %s is %s', async (name, mediaType) => {
    expect((await load(name)).logo?.mediaType).toBe(mediaType);
  });

  it.each([
    ['page.svg', /none of PNG, JPEG, WebP and SVG/],
    ['moving.gif', /none of PNG, JPEG, WebP and SVG/],
    ['text.png', /none of PNG, JPEG, WebP and SVG/],
    ['empty.png', /none of PNG, JPEG, WebP and SVG/],
    ['large.png', /larger than 256 KiB/],
    ['missing.png', /cannot be read \(ENOENT\)/],
    ['.', /cannot be read \(EISDIR\)/],
  ])('ends the start when it cannot be shown: %s', async (name, fault) => {
    const attempt = load(name);
    await expect(attempt).rejects.toThrow(StartupError);
    await expect(attempt).rejects.toThrow(fault);
    await expect(attempt).rejects.toThrow(/^BRAND_LOGO: /);
  });

  it('need not be', async () => {
    expect(await loadBrand({ name: 'Acme', colour: '#0f766e', logo: undefined })).toMatchObject({ logo: undefined });
  });

  it('is served from our own origin, for a year, and can run nothing', async () => {
    const server = await servePages(
      { one: { kind: 'signed_out', stayed: false, link: undefined } },
      { brand: await load('mark.svg') },
    );
    const html = await (await fetch(`${server.origin}/pages/one`)).text();
    const [, address = ''] =
      /<img class="brand-logo" src="(\/oauth\/assets\/logo\.[0-9a-f]{12}\.svg)" alt="Acme">/.exec(html) ?? [];
    const answer = await fetch(server.origin + address);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; .*sandbox/),
      'content-type': 'image/svg+xml',
      'x-content-type-options': 'nosniff',
    });
    expect(await answer.text()).toBe(wordMarkSvg);
    await server.close();
  });
});

describe('The stylesheet', () => {
  it('has the brand in both schemes and a name that changes with it', async () => {
    const addresses: string[] = [];
    for (const colour of ['#1d4ed8', '#0f766e']) {
      const server = await servePages(
        { one: { kind: 'signed_out', stayed: false, link: undefined } },
        { brand: { ...plainBrand, colour } },
      );
      const html = await (await fetch(`${server.origin}/pages/one`)).text();
      const [, address = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(html) ?? [];
      const answer = await fetch(server.origin + address);
      expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(await answer.text()).toContain(`:root { --brand: ${colour};`);
      addresses.push(address);
      await server.close();
    }
    expect(new Set(addresses).size).toBe(2);
  });

  it('answers under the name that another version gave it, but is not kept', async () => {
    const server = await servePages({});
    const answer = await fetch(`${server.origin}/oauth/assets/pages.000000000000.css`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    await server.close();
  });

  it.each(['other.css', 'logo.000000000000.png', '..%2Fpages.css', 'constructor.css', '%00'])(
    'has nothing beside it: %s',
    async (name) => {
      const server = await servePages({});
      expect((await fetch(`${server.origin}/oauth/assets/${name}`)).status).toBe(404);
      await server.close();
    },
  );
});
