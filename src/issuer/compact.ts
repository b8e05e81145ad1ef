import { fault, ok, type Result } from '../base/index.ts';
import { repeatsMember } from '../http/index.ts';
import type { Members, Reason } from './types.ts';

/** Characters. Longer texts are refused unread. */
export const longestToken = 16_384;

/** Levels of objects and lists within a part. */
const deepest = 16;

/** A token taken apart. Its parts are there as far as they can be read, whatever else is wrong with it. */
export interface Compact {
  readonly header: Members | null;
  readonly payload: Members | null;
  /** What is signed, and the signature; a reason where the text is no JWT. */
  readonly signed: Result<{ readonly input: string; readonly signature: Buffer }, Reason>;
}

/** Whether a value is a JSON object. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether objects and lists nest no deeper than so many levels. It goes no deeper itself. */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}

/** The bytes of a part. Base64url has several spellings of the same bytes; only one of them is taken. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function membersOf(part: string | undefined): Members | null {
  const bytes = bytesOf(part ?? '');
  if (bytes === undefined) return null;
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (!isMembers(value) || !isShallow(value, deepest)) return null;
    // Of a member that stands twice, others may read the other one.
    return repeatsMember(text, value) ? null : value;
  } catch {
    // Neither UTF-8 nor JSON: the caller says that it is malformed.
    return null;
  }
}

const malformed = (message: string) => fault<Reason>({ code: 'malformed', message });

function signedOf(parts: readonly string[], header: Members | null, payload: Members | null): Compact['signed'] {
  const [head, body, last] = parts;
  if (head === undefined || body === undefined || last === undefined || parts.length > 3) {
    return malformed('It is no JWT: it must have three parts with a dot between them.');
  }
  if (header === null) return malformed('Its header is no JSON object in base64url that names each member once.');
  if (payload === null) return malformed('Its payload is no JSON object in base64url that names each member once.');
  const signature = bytesOf(last);
  if (signature === undefined) return malformed('Its signature is not base64url.');
  return ok({ input: `${head}.${body}`, signature });
}

/** Takes a token apart (RFC 7515 section 3.1). Nothing of it is believed yet. */
export function readCompact(token: string): Compact {
  const parts = token.length > longestToken ? [] : token.split('.', 4);
  const [header, payload] = [membersOf(parts[0]), membersOf(parts[1])];
  return { header, payload, signed: signedOf(parts, header, payload) };
}
