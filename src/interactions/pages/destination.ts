/** Where an authorization response goes, as far as a person can judge it. */
export type Destination =
  | { readonly kind: 'web'; readonly host: string }
  | { readonly kind: 'loopback'; readonly host: string }
  | { readonly kind: 'app'; readonly scheme: string };

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads a redirect URI for the page. The host is in its ASCII form, so that letters that only look like others show; of
 * a private-use scheme (RFC 8252 section 7.1) there is nothing but the scheme.
 */
export function destinationOf(redirectUri: string): Destination {
  const url = new URL(redirectUri);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'app', scheme: url.protocol };
  return { kind: loopback.test(url.hostname) ? 'loopback' : 'web', host: url.host };
}
