import type { Page } from './types.ts';

/** What a host may be in a policy (CSP 3, section 2.3.1). URLs allow more, such as `;`, which would end the directive. */
const plainHost = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const plainScheme = /^[a-z][a-z0-9+.-]*:$/;

/** Schemes in which a document could run; no form is ever led there. */
const unwanted = new Set(['javascript:', 'data:', 'blob:', 'vbscript:', 'about:', 'file:', 'filesystem:']);

/**
 * A redirect URI, an origin or a scheme as a source of `form-action`. Nothing but letters that cannot end or widen the
 * directive comes out of it: a host that a policy cannot name (an IPv6 address) becomes its bare scheme.
 */
export function formActionSource(target: string): string | undefined {
  if (!URL.canParse(target)) return undefined;
  const { protocol, hostname, port } = new URL(target);
  if (!plainScheme.test(protocol) || unwanted.has(protocol)) return undefined;
  const web = protocol === 'https:' || protocol === 'http:';
  if (!web || !plainHost.test(hostname)) return protocol;
  return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`;
}

function formAction(targets: readonly string[]): string {
  const sources = targets.map(formActionSource).filter((source) => source !== undefined);
  return ["'self'", ...new Set(sources)].join(' ');
}

const neverMind = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()';

/**
 * The headers of a page, on top of those that every answer has (nosniff, no framing, no referrer). Nothing runs, nothing
 * comes from elsewhere, nothing is kept.
 */
export function pageHeaders(page: Page): Readonly<Record<string, string>> {
  const asksNothing = page.kind === 'error' || page.kind === 'signed_out';
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${asksNothing ? "'none'" : formAction(page.formTargets)}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'cross-origin-resource-policy': 'same-origin',
    // Applications open the pages of a request in a popup and talk to its opener afterwards: those keep it.
    'cross-origin-opener-policy': page.kind === 'logout' || page.kind === 'signed_out' ? 'same-origin' : 'unsafe-none',
    'permissions-policy': neverMind,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex',
  };
}
