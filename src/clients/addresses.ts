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
function redirectFault(uri: string): string | undefined {
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

function linkFault(uri: string): string | undefined {
  const url = URL.parse(uri);
  const common = commonFault(uri, url);
  if (common !== undefined || url === null) return common;
  return url.protocol === 'https:' || isLoopback(url) ? undefined : 'must be https';
}

const named = (field: string, values: readonly string[], rule: (value: string) => string | undefined): string[] =>
  values.flatMap((value) => {
    const fault = rule(value);
    return fault === undefined ? [] : [`${field}: "${value.slice(0, 200)}" ${fault}`];
  });

/** What is wrong with the addresses of a client, each fault naming its field. */
export function addressFaults(draft: ClientDraft): string[] {
  const link = (field: 'logoUri' | 'policyUri' | 'tosUri') => {
    const value = draft[field];
    return value === undefined ? [] : named(field, [value], linkFault);
  };
  return [
    ...named('redirectUris', draft.redirectUris ?? [], redirectFault),
    ...named('postLogoutRedirectUris', draft.postLogoutRedirectUris ?? [], redirectFault),
    ...named('webOrigins', draft.webOrigins ?? [], originFault),
    ...link('logoUri'),
    ...link('policyUri'),
    ...link('tosUri'),
  ];
}
