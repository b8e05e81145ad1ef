/** For answers that no browser should render, frame, sniff or leak a referrer from. Pages bring their own policy. */
const always = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Two years (RFC 6797). Only where the issuer is https: on loopback it would lock a developer out of other servers. */
const strictTransport = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' };

/** The security headers. The same few for every answer, hence no library that computes them anew each time. */
export function securityHeaders(issuer: string): ReadonlyArray<readonly [name: string, value: string]> {
  return Object.entries(issuer.startsWith('https:') ? { ...always, ...strictTransport } : always);
}
