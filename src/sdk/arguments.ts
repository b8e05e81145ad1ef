import { InvalidArgumentError } from './errors.ts';

/** The longest value that the server reads of any one parameter but the assertion. */
const maxText = 4096;

// biome would read the bounds as control characters: that is what they are, and what is refused.
const hasControlCharacter = (text: string): boolean =>
  Array.from(text).some((character) => character < ' ' || character === '\u007f');

/** @throws InvalidArgumentError unless the value is a text of 1 to `max` characters without control characters. */
export function requireText(field: string, value: unknown, max = maxText): string {
  if (value === undefined || value === null || value === '') throw new InvalidArgumentError(field, 'is required.');
  if (typeof value !== 'string') throw new InvalidArgumentError(field, `must be a string, not ${nameOf(value)}.`);
  if (value.length > max) throw new InvalidArgumentError(field, `must be at most ${max} characters long.`);
  if (value.trim() !== value) throw new InvalidArgumentError(field, 'must not begin or end with white space.');
  if (hasControlCharacter(value)) throw new InvalidArgumentError(field, 'must not contain control characters.');
  return value;
}

/** The same for an option that may be left out. */
export function optionalText(field: string, value: unknown): string | undefined {
  return value === undefined ? undefined : requireText(field, value);
}

/** One text or several, for parameters that may be repeated. */
export function optionalTexts(field: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value)
    ? value.map((one, index) => requireText(`${field}[${index}]`, one))
    : [requireText(field, value)];
}

/** Names what a number counts and where it ends. */
export interface NumberRule {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/** @throws InvalidArgumentError unless the value is a number in the range: a numeric string is none. */
export function requireNumber(field: string, value: unknown, { unit, min, max, integer = false }: NumberRule): number {
  const right = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (right) return value;
  const kind = integer ? 'a whole number' : 'a number';
  const given = typeof value === 'number' ? String(value) : nameOf(value);
  throw new InvalidArgumentError(field, `must be ${kind} of ${unit} from ${min} to ${max}, not ${given}.`);
}

/** @throws InvalidArgumentError unless the value is a function. */
export function requireFunction<Call>(field: string, value: Call): Call {
  if (typeof value === 'function') return value;
  throw new InvalidArgumentError(field, `must be a function, not ${nameOf(value)}.`);
}

/** The same for an option that may be left out. */
export function optionalFunction<Call>(field: string, value: Call | undefined): Call | undefined {
  return value === undefined ? undefined : requireFunction(field, value);
}

/** @throws InvalidArgumentError unless the value is one of the names. */
export function requireOneOf<Name extends string>(field: string, value: unknown, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found === undefined) throw new InvalidArgumentError(field, `must be one of ${names.join(', ')}.`);
  return found;
}

/** @throws InvalidArgumentError unless the options are an object. */
export function requireOptions<Options extends object>(field: string, value: Options | undefined): Options {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new InvalidArgumentError(field, `must be an object, not ${nameOf(value)}.`);
}

/** This machine's own names: what is sent to them crosses no network. */
const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function parseUrl(field: string, value: unknown): URL {
  const text = requireText(field, value instanceof URL ? value.href : value, 2048);
  try {
    return new URL(text);
  } catch {
    // What the platform says of it differs from one to the next.
    throw new InvalidArgumentError(field, 'must be a whole URL, as in https://auth.example.com/oauth/token.');
  }
}

/**
 * @param allowInsecure whether http may leave this machine.
 * @throws InvalidArgumentError unless the value is an address that secrets may be sent to: https, or http on this
 *   machine, without credentials, query or fragment in it.
 */
export function requireUrl(field: string, value: unknown, allowInsecure = false): URL {
  const url = parseUrl(field, value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new InvalidArgumentError(field, 'must be an https URL.');
  }
  if (url.protocol === 'http:' && !allowInsecure && !loopback.test(url.hostname)) {
    const way = 'Set allowInsecureRequests for a network that you trust.';
    throw new InvalidArgumentError(field, `must be https, since secrets are sent there. ${way}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError(field, 'must not contain a user name or password.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError(field, 'must not have a query or a fragment.');
  }
  return url;
}

/** What a value is, without showing it: it may be a secret in the wrong place. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  const type = typeof value;
  return type === 'undefined' ? 'undefined' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
