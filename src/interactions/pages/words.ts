const placeholder = /\{(\w+)\}/g;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What fills the placeholders of a text. */
export type Fillings = Readonly<Record<string, string>>;

/** HTML that is safe as it stands. Only this file makes it, and templates put nothing else out raw. */
export interface Markup {
  readonly html: string;
}

/** Escapes text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function fillingOf(name: string, fillings: Fillings): string {
  const filling = fillings[name];
  if (filling === undefined) throw new TypeError(`no filling for {${name}}`);
  return filling;
}

/** A text with its placeholders filled, once: braces in a filling stay what they are. For plain text, not HTML. */
export function fill(text: string, fillings: Fillings): string {
  return text.replace(placeholder, (_match, name: string) => fillingOf(name, fillings));
}

/**
 * The same as HTML: everything is escaped, and each filling stands out and apart, so that a name that is written from
 * right to left cannot reorder the sentence around it.
 */
export function emphasize(text: string, fillings: Fillings): Markup {
  const html = escapeHtml(text).replace(
    placeholder,
    (_match, name: string) => `<b><bdi>${escapeHtml(fillingOf(name, fillings))}</bdi></b>`,
  );
  return { html };
}

/** The form of a text that fits a number in a language. */
export function plural(forms: Readonly<Record<string, string>>, count: number, lang: string): string {
  const form = forms[new Intl.PluralRules(lang).select(count)] ?? forms['other'] ?? '';
  return fill(form, { count: new Intl.NumberFormat(lang).format(count) });
}
