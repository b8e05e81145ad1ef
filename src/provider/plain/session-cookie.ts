import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../../base/index.ts';
import { cookieKey, cookieNames } from '../cookies.ts';

/** The cookie of a login session. */
export interface SessionCookie {
  /** Its value, if its signature is good. @param header the Cookie header. */
  read(header: string | undefined): string | undefined;
}

/** The value of a cookie that stands in the header once. Two of one name are for the library to judge. */
function cookieValue(header: string, name: string): string | undefined {
  const found = header
    .split(';')
    // As npm cookies reads it: blanks before a name do not count, those behind a value belong to it.
    .map((pair) => pair.replace(/^ +/, ''))
    .filter((pair) => pair.startsWith(`${name}=`));
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
}

/** Reads the cookie as the library wrote it: beside each a second one with the HMAC of the first (npm cookies, keygrip). */
export function sessionCookie(sealer: Sealer, issuer: string): SessionCookie {
  const key = cookieKey(sealer);
  const { session: name } = cookieNames(issuer);
  return {
    read(header) {
      if (header === undefined || header.length > 8_192) return undefined;
      const value = cookieValue(header, name);
      const signature = cookieValue(header, `${name}.sig`);
      if (value === undefined || signature === undefined) return undefined;
      const expected = Buffer.from(createHmac('sha1', key).update(`${name}=${value}`).digest('base64url'));
      const given = Buffer.from(signature);
      return given.length === expected.length && timingSafeEqual(given, expected) ? value : undefined;
    },
  };
}
