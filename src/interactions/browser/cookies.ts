import type { Context } from 'koa';

/** Cookies of the pages: readable by no script, sent along by no other site's forms. */
export interface PageCookies {
  read(ctx: Context, name: string): string | undefined;
  /** @param maxAge in seconds; without it the cookie ends with the browser. */
  write(ctx: Context, name: string, value: string, maxAge?: number): void;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not written by us, so it says nothing.
    return undefined;
  }
}

/**
 * Under https the names carry the prefix `__Host-`: no other host of the domain can set such a cookie (RFC 6265bis
 * section 4.1.3.2). The header is written here since koa's cookies refuse `Secure` behind a proxy that ends TLS.
 */
export function pageCookies(issuer: string): PageCookies {
  const secure = issuer.startsWith('https:');
  const prefix = secure ? '__Host-cs_' : 'cs_';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    read(ctx, name) {
      const value = ctx.cookies.get(prefix + name);
      return value === undefined ? undefined : decode(value);
    },
    write(ctx, name, value, maxAge) {
      const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
      ctx.append('set-cookie', `${prefix}${name}=${encodeURIComponent(value)}; ${attributes}${age}`);
    },
  };
}
