import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import { newSecret, type Sealer, sameHash } from '../../base/index.ts';
import type { PageCookies } from './cookies.ts';

/**
 * Whether a form was sent from a page of ours. Browsers say so in Sec-Fetch-Site, which no page can forge. Older ones,
 * and plain http outside loopback, have only Origin; our pages send no referrer, which makes it `null` there.
 */
export function isSentFromOwnPage(headers: IncomingHttpHeaders, issuer: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  return origin === undefined || origin === 'null' || origin === issuer;
}

/** Ties a form to what it is about and to the browser that it was shown in. */
export interface FormSeal {
  /** The value for the form's hidden field. The browser gets a random cookie where it has none. */
  issue(ctx: Context, subject: string): string;
  /** Compares in constant time. */
  fits(ctx: Context, subject: string, value: string): boolean;
}

const purpose = 'interaction form';
const cookieName = 'browser';
const ownCookie = /^[\w-]{43}$/;

/** A keyed hash over both: whoever reads a page in another browser learns nothing that counts in this one. */
export function formSeal(sealer: Sealer, cookies: PageCookies): FormSeal {
  const sealOf = (subject: string, browser: string) => sealer.fingerprint(purpose, `${subject} ${browser}`);

  function browserOf(ctx: Context): string | undefined {
    const value = cookies.read(ctx, cookieName);
    return value !== undefined && ownCookie.test(value) ? value : undefined;
  }

  return {
    issue(ctx, subject) {
      const known = browserOf(ctx);
      const browser = known ?? newSecret();
      if (known === undefined) cookies.write(ctx, cookieName, browser);
      return sealOf(subject, browser).toString('base64url');
    },
    fits(ctx, subject, value) {
      const browser = browserOf(ctx);
      return browser !== undefined && sameHash(Buffer.from(value, 'base64url'), sealOf(subject, browser));
    },
  };
}
