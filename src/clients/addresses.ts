import type { ProblemFault } from '../base/index.ts';
import type { ClientDraft } from './types.ts';

/** Hosts of this machine itself (RFC 8252 section 7.3). */
const loopbackHosts = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Schemes that a browser runs or opens itself: never an app waiting for a code. */
const browserSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'ftp:',
  'ws:',
  'wss:',
]);

const isLoopback = ({ protocol, hostname }: URL) => protocol === 'http:' && loopbackHosts.has(hostname);

/** Whether a redirect URI belongs to an app on the user's own machine: loopback, or a scheme of its own. */
export function isNativeRedirect(uri: string): boolean {
  const url = URL.parse(uri);
  return url !== null && url.protocol !== 'https:' && (isLoopback(url) || url.protocol !== 'http:');
}

/** What every address has in common: absolute, no fragment, no user, no wildcard, and nothing a parser would drop. */
function commonFault(uri: string, url: URL | null): string | undefined {
  if (url === null || uri.length > 2048) return 'is not an absolute URI of at most 2048 characters';
  if (/[\s\\\p{Cc}]/u.test(uri)) return 'holds a space, a backslash or a control character';
  if (uri.includes('#')) return 'must have no fragment';
  if (url.username !== '' || url.password !== '' || /^[a-z][a-z0-9+.-]*:\/\/[^/?]*@/i.test(uri)) {
    return 'must name no user';
  }
  return url.host.includes('*') ? 'must not hold a wildcard: redirects are compared exactly' : undefined;
}

/** RFC 9700 section 2.1 and RFC 8252 section 7: https, or this machine, or a reverse-domain scheme of an app. */
export function redirectFault(uri: string): string | undefined {
  const url = URL.parse(uri);
  const common = commonFault(uri, url);
  if (common !== undefined || url === null) return common;
  if (url.protocol === 'https:' || isLoopback(url)) return undefined;
  if (url.protocol === 'http:') return 'must be https; http is for 127.0.0.1, [::1] and localhost';
  if (browserSchemes.has(url.protocol)) return `has the scheme ${url.protocol} which a browser runs itself`;
  return url.protocol.includes('.') ? undefined : 'needs a scheme with a dot, like com.example.app:/callback';
}

function originFault(origin: string): string | undefined {
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin) return 'must be an origin like https://app.example.com, nothing behind it';
  return url.protocol === 'https:' || isLoopback(url) ? undefined : 'must be https; http is for this machine only';
}

/** What is wrong with a link to a page of a client's, read on after the address. */
export function linkFault(uri: string): string | undefined {
  const url = URL.parse(uri);
  const common = commonFault(uri, url);
  if (common !== undefined || url === null) return common;
  return url.protocol === 'https:' || isLoopback(url) ? undefined : 'must be https';
}

/** What the protocol library makes of a redirect URI depends on where an app runs (OpenID Connect Registration section 2). */
function kindFault(uri: string, applicationType: 'web' | 'native'): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return undefined;
  if (applicationType === 'web') {
    return /^https?:$/.test(url.protocol) ? undefined : 'has a scheme of its own, which takes application_type native';
  }
  const isLocalHttps = url.protocol === 'https:' && loopbackHosts.has(url.hostname);
  return isLocalHttps ? 'must be http: a native app on this machine has no certificate for it' : undefined;
}

const each = (field: string, values: readonly string[], rule: (value: string) => string | undefined): ProblemFault[] =>
  values.flatMap((value, index) => {
    const detail = rule(value);
    return detail === undefined ? [] : [{ pointer: `/${field}/${index}`, code: 'invalid_value', detail }];
  });

const one = (field: string, value: string | undefined): ProblemFault[] => {
  const detail = value === undefined ? undefined : linkFault(value);
  return detail === undefined ? [] : [{ pointer: `/${field}`, code: 'invalid_value', detail }];
};

/** What is wrong with the addresses of a client. */
export function addressFaults(draft: ClientDraft, applicationType: 'web' | 'native'): ProblemFault[] {
  const redirect = (uri: string) => redirectFault(uri) ?? kindFault(uri, applicationType);
  return [
    ...each('redirect_uris', draft.redirectUris ?? [], redirect),
    ...each('post_logout_redirect_uris', draft.postLogoutRedirectUris ?? [], redirect),
    ...each('web_origins', draft.webOrigins ?? [], originFault),
    ...one('logo_uri', draft.logoUri),
    ...one('policy_uri', draft.policyUri),
    ...one('tos_uri', draft.tosUri),
    ...one('jwks_uri', draft.jwksUri),
  ];
}
