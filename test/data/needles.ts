/** The ways in which a value may lie in a pile of bytes. */
export type Spelling = 'plain' | 'base64' | 'base64url' | 'hex' | 'HEX';

/**
 * The characters of a base64 text that depend on the value alone, for each of the three places at which it may begin
 * within a group of three bytes: a value is found inside a longer one that was encoded as a whole, too.
 */
function base64Cores(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
}

function spellings(bytes: Buffer): ReadonlyArray<readonly [Spelling, Buffer]> {
  const texts: Array<[Spelling, string]> = [
    ...base64Cores(bytes, 'base64').map((text): [Spelling, string] => ['base64', text]),
    ...base64Cores(bytes, 'base64url').map((text): [Spelling, string] => ['base64url', text]),
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
  ];
  return [['plain', bytes], ...texts.map(([spelling, text]) => [spelling, Buffer.from(text)] as const)];
}

/** The value as it was handed out and, where that is base64url, the bytes that it stands for. */
function formsOf(value: string | Buffer): ReadonlyArray<readonly [form: string, bytes: Buffer]> {
  if (Buffer.isBuffer(value)) return [['bytes', value]];
  const decoded = Buffer.from(value, 'base64url');
  const isEncoded = decoded.length >= 16 && decoded.toString('base64url') === value;
  return [['text', Buffer.from(value)], ...(isEncoded ? [['decoded', decoded] as const] : [])];
}

/** Every spelling of a value that is found in a pile, for example `text as hex`. */
export function sightings(pile: Buffer, value: string | Buffer): readonly string[] {
  const found = formsOf(value).flatMap(([form, bytes]) =>
    spellings(bytes)
      .filter(([, needle]) => pile.includes(needle))
      .map(([spelling]) => `${form} as ${spelling}`),
  );
  return [...new Set(found)];
}
