import type { IncomingMessage } from 'node:http';
import { hashSecret, type Sealer, sameHash } from '../../base/index.ts';

/** A cookie of the browser that began a request: one for each, so that two tabs do not take each other's. */
export interface RequestCookie {
  /** A Set-Cookie line. @param ttl seconds. It is left to expire: a second click on a form comes from this browser too. */
  line(id: string, ttl: number): string;
  isIn(req: IncomingMessage, id: string): boolean;
}

function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const pairs = (header ?? '').split(';').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()];
  });
  return new Map(pairs);
}

/** @param secure whether browsers reach this server by https: then the cookie is bound to this host (RFC 6265bis). */
export function requestCookie(sealer: Sealer, secure: boolean): RequestCookie {
  const name = (id: string) =>
    `${secure ? '__Host-' : ''}cs_request_${hashSecret(id).toString('base64url').slice(0, 12)}`;
  const value = (id: string) => sealer.fingerprint('browser of a request', id).toString('base64url');
  return {
    line: (id, ttl) =>
      `${name(id)}=${value(id)}; Path=/; Max-Age=${ttl}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    isIn(req, id) {
      const found = cookiesOf(req.headers.cookie).get(name(id));
      return found !== undefined && sameHash(hashSecret(found), hashSecret(value(id)));
    },
  };
}
