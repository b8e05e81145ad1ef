import { describe, expect, it } from '@jest/globals';
import { createPages } from '../../../src/interactions/pages/index.ts';
import { english, type Texts } from '../../../src/interactions/pages/texts.ts';
import { emphasize, fill, plural } from '../../../src/interactions/pages/words.ts';
import { samples } from './samples.ts';
import { plainBrand } from './server.ts';

/** Every text, each letter doubled but for placeholders: a language nobody speaks. */
function pseudo(texts: unknown): unknown {
  if (typeof texts === 'string')
    return texts.replaceAll(/\{\w+\}|\p{L}/gu, (match) => (match.length > 1 ? match : match + match));
  return Object.fromEntries(Object.entries(texts as object).map(([key, text]) => [key, pseudo(text)]));
}

describe('The words of the pages', () => {
  it('are filled in by name, once, whatever stands in a filling', () => {
    expect(fill('{b} and {a}', { a: '{b}', b: '$&' })).toBe('$& and {b}');
    expect(emphasize('<{a}>', { a: '<{a}>' }).html).toBe('&lt;<b><bdi>&lt;{a}&gt;</bdi></b>&gt;');
  });

  it('are never shown with a hole in them', () => {
    expect(() => fill('{a}', {})).toThrow('no filling for {a}');
  });

  it('take the form that a language has for a number', () => {
    const forms = { one: '{count} minuta', few: '{count} minuty', many: '{count} minut', other: '{count} minuty' };
    expect([1, 3, 5].map((count) => plural(forms, count, 'pl'))).toEqual(['1 minuta', '3 minuty', '5 minut']);
  });

  it.each(Object.entries(samples))('all come from one place, with their language and direction: %s', (_name, page) => {
    const { lang: _lang, dir: _dir, ...words } = english;
    const texts = { ...(pseudo(words) as object), lang: 'ar', dir: 'rtl' } as unknown as Texts;
    const html = createPages(plainBrand, texts).render(page);
    expect(html).toContain('<html lang="ar" dir="rtl">');
    // What is left in single letters after our words are doubled was put together elsewhere.
    const visible = html
      .replace(/<head>[\s\S]*<\/head>/, '')
      .replaceAll(/<bdi[^>]*>[\s\S]*?<\/bdi>|<code>[^<]*<\/code>/g, '');
    const plainWords = visible.replaceAll(/<[^>]*>/g, ' ').match(/\b[a-z]{4,}\b/gi) ?? [];
    const names = JSON.stringify([page, plainBrand.name]);
    const strange = plainWords.filter((word) => !names.includes(word) && !/^(?:([a-z])\1)+$/i.test(word));
    expect(strange).toEqual([]);
  });
});
