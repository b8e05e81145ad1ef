import type { Middleware } from 'koa';

export interface FrontendOrigin {
  /** Lets pages of the frontend read the answer. */
  readonly allow: Middleware;
  /** Answers what a browser asks before it sends a credential (Fetch standard, CORS preflight). */
  preflight(method: 'GET' | 'POST'): Middleware;
}

/** Which pages may use the consent API from a browser: those of the configured frontend, and no others. */
export function frontendOrigin(consentUrl: string | undefined): FrontendOrigin {
  const frontend = consentUrl === undefined ? undefined : new URL(consentUrl).origin;
  const isFrontend = (origin: string | undefined) => frontend !== undefined && origin === frontend;
  return {
    async allow(ctx, next) {
      ctx.vary('Origin');
      if (isFrontend(ctx.headers.origin)) {
        ctx.set({
          'access-control-allow-origin': String(frontend),
          'access-control-expose-headers': 'WWW-Authenticate, Retry-After, X-Request-Id',
        });
      }
      await next();
    },
    preflight(method) {
      return async function answerPreflight(ctx) {
        ctx.vary('Origin');
        ctx.status = 204;
        if (!isFrontend(ctx.headers.origin)) return;
        ctx.set({
          'access-control-allow-origin': String(frontend),
          'access-control-allow-methods': method,
          'access-control-allow-headers': 'Authorization, Content-Type, DPoP',
          'access-control-max-age': '3600',
        });
      };
    },
  };
}
