/**
 * Characters that show nothing but change what is around them: controls, and the formatting characters that reverse or
 * hide text. Marks that scripts need to be written (joiners, variation selectors) stay.
 */
const invisible = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Somebody else's name for a page: in one line, without tricks, and short enough to leave room for what matters. */
export function displayName(name: string, maxLength = 80): string {
  const clean = name.replaceAll(/\s+/gu, ' ').replaceAll(invisible, '').trim();
  const characters = [...clean];
  return characters.length <= maxLength ? clean : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** One or two letters that stand for a name where there is no picture. */
export function initials(name: string): string {
  const words = displayName(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase('en') || '?';
}

/** A link to elsewhere that somebody else chose: http or https, or none at all. */
export function externalHref(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** A link back: elsewhere, or a path of ours (`//host` and `/\host` are elsewhere in disguise). */
export function backHref(href: string): string | undefined {
  return /^\/(?![/\\])[^\s\\]*$/.test(href) ? href : externalHref(href);
}
