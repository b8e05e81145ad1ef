import { randomBytes } from 'node:crypto';

/**
 * The kinds of things that carry a SID: 34 characters, two capital letters and 32 lower-case hexadecimal digits.
 * An OAuth client's SID is its `client_id`.
 */
export const sidPrefixes = {
  organization: 'OR',
  account: 'AC',
  user: 'US',
  apiKey: 'SK',
  client: 'OQ',
  publicKey: 'CR',
} as const;

export type SidKind = keyof typeof sidPrefixes;

/** A new SID with 128 random bits. */
export function newSid(kind: SidKind): string {
  return sidPrefixes[kind] + randomBytes(16).toString('hex');
}

/** Whether a string has the exact form of a SID of that kind. It says nothing of whether the thing exists. */
export function isSid(kind: SidKind, value: string): boolean {
  return value.length === 34 && value.startsWith(sidPrefixes[kind]) && /^[0-9a-f]{32}$/.test(value.slice(2));
}
