import type { Sealer } from '../base/index.ts';

/** The key that the library signs its cookies with: the same on all nodes. */
export const cookieKey = (sealer: Sealer): string => sealer.fingerprint('cookie', 'signature').toString('base64url');

/** Over https a cookie is bound to this host, and no other host of the domain can set it (RFC 6265bis section 4.1.3). */
export function cookieNames(issuer: string) {
  const secure = issuer.startsWith('https:');
  return {
    session: `${secure ? '__Host-' : ''}cs_session`,
    interaction: `${secure ? '__Secure-' : ''}cs_interaction`,
    resume: `${secure ? '__Secure-' : ''}cs_resume`,
  };
}
