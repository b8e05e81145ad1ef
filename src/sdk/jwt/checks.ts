import { InvalidArgumentError } from './errors.ts';

/** No token of these kinds lives longer than a day: the receiving side refuses it. In seconds. */
const LONGEST_LIFETIME = 86_400;

/** The last second of the year 9999: a larger number is not in seconds but in milliseconds. */
const LAST_SECOND = 253_402_300_799;

/** Ends the call with an error that reads "field rule". */
export function refuse(field: string, rule: string): never {
  throw new InvalidArgumentError(field, `${field} ${rule}`);
}

/** An option object. Nothing at all counts as no options. */
export function optionsOf<Options extends object>(value: Options | null | undefined, field = 'options'): Options {
  return record(field, value ?? {}) as Options;
}

/** An object with named members: no list, no text, no function. */
export function record(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(field, 'must be an object');
  return value as Record<string, unknown>;
}

/** A text that must be there. `missing` is what to say when it is not. */
export function requiredText(field: string, value: unknown, missing = `${field} is required`): string {
  if (value === undefined || value === null || value === '') throw new InvalidArgumentError(field, missing);
  return wellFormed(field, value);
}

/** A text that may be left out. Empty is refused, being nearly always a variable that nobody has set. */
export function optionalText(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === '') return refuse(field, 'must not be empty: leave it out instead');
  return wellFormed(field, value);
}

/** Text, without half of a surrogate pair, which no encoding can carry. */
export function wellFormed(field: string, value: unknown): string {
  if (typeof value !== 'string') return refuse(field, 'must be a string');
  if (/\p{Surrogate}/u.test(value)) return refuse(field, 'must be well-formed Unicode');
  return value;
}

/** A SID: one of the two-letter prefixes, then letters, digits, `_` or `-`. */
export function sid(field: string, value: unknown, prefixes: readonly string[], missing?: string): string {
  const text = requiredText(field, value, missing);
  if (!prefixes.includes(text.slice(0, 2)) || !/^[\w-]{3,64}$/.test(text)) {
    return refuse(field, `must be a SID that starts with ${prefixes.join(', ')}`);
  }
  return text;
}

/** A secret shared by both sides. A PEM key is refused: signed with as text, a public key would be a secret. */
export function sharedSecret(field: string, value: unknown, missing?: string): string {
  const text = requiredText(field, value, missing);
  if (text.includes('-----BEGIN ')) return refuse(field, 'must be a shared secret and not a PEM key');
  return text;
}

/** A lifetime in whole seconds, up to a day. Text is refused, so nobody has to guess its unit. */
export function lifetime(field: string, value: unknown, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  if (!isWhole(value, 1, LONGEST_LIFETIME)) {
    return refuse(field, `must be a number of whole seconds from 1 to ${LONGEST_LIFETIME}`);
  }
  return value;
}

/** A moment in whole seconds since 1970, or nothing. */
export function moment(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isWhole(value, 0, LAST_SECOND)) {
    return refuse(field, 'must be a number of whole seconds since 1970 (not milliseconds)');
  }
  return value;
}

/** One of a list, named in the words of the package that users know. */
export function algorithmOf<Name extends string>(allowed: readonly Name[], value: unknown): Name {
  if ((allowed as readonly unknown[]).includes(value)) return value as Name;
  throw new InvalidArgumentError('algorithm', `Algorithm not supported. Allowed values are ${allowed.join(', ')}`);
}

/** The present second since 1970. */
export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** A whole number between two bounds, both included. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
