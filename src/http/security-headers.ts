import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/**
 * Headers for answers that no browser should render, frame, sniff or leak a referrer from. HSTS only where the issuer
 * is https: on plain loopback it would lock a developer out of other local servers.
 */
export function securityHeaders(issuer: string): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    dnsPrefetchControl: false,
    ieNoOpen: false,
    permittedCrossDomainPolicies: false,
    xssFilter: false,
    hidePoweredBy: false,
    hsts: issuer.startsWith('https:') ? { maxAge: 63_072_000, includeSubDomains: true } : false,
  }) as unknown as Middleware;
}
