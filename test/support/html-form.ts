/** A form of a page, as a browser would fill it in without anybody touching it. */
export interface HtmlForm {
  readonly action: string;
  /** Hidden fields, and what is ticked or chosen beforehand. */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  /** The values on offer, by the name of their tick boxes or radio buttons. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

/** Text of an attribute, without its escapes. */
export const unescapeHtml = (text: string): string =>
  text.replaceAll(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescapeHtml(value);
}

const inputsOf = (html: string) =>
  [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => ({
    type: attribute(tag, 'type') ?? 'text',
    name: attribute(tag, 'name') ?? '',
    value: attribute(tag, 'value') ?? '',
    checked: /\schecked[\s>]/.test(tag),
  }));

/** The forms of a page. */
export function formsOf(html: string): HtmlForm[] {
  return [...html.matchAll(/(<form\b[^>]*>)([\s\S]*?)<\/form>/g)].map(([, tag = '', content = '']) => {
    const inputs = inputsOf(content);
    const choices = new Map<string, string[]>();
    for (const { type, name, value } of inputs) {
      if (type === 'checkbox' || type === 'radio') choices.set(name, [...(choices.get(name) ?? []), value]);
    }
    const filled = inputs.filter(({ type, checked }) => type === 'hidden' || checked);
    return {
      action: attribute(tag, 'action') ?? '',
      fields: filled.map(({ name, value }) => [name, value] as const),
      choices,
    };
  });
}
