import type { IncomingHttpHeaders } from 'node:http';
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { Problem } from '../base/index.ts';
import { type QueryLane, readParameters } from '../http/index.ts';
import type { Renderers } from './pages.ts';
import type { PlainAuthorization } from './plain/authorize.ts';

export interface BrowserRoutes {
  /** Hands over to the protocol. */
  readonly protocol: Middleware;
  readonly renderers: Renderers;
  /** Largest body in bytes. */
  readonly limit: number;
}

/** Browsers say so; programs that follow a redirect mostly accept anything. */
export const wantsPage = (headers: IncomingHttpHeaders): boolean => headers.accept?.includes('text/html') === true;

/** More than any real request has; a proxy in front would refuse it anyway. Characters. */
const longestQuery = 8_192;

/** Control characters belong in no parameter; percent-encoded they would pass a header check further on. */
const unacceptable = /\p{Cc}/u;

const guardQuery: Middleware = async function refuseOddQuery(ctx, next) {
  if (ctx.querystring.length > longestQuery) {
    throw new Problem(
      'malformed_request',
      `The query is longer than ${longestQuery} characters: push the request instead (RFC 9126).`,
    );
  }
  const values = Object.values(ctx.query).flat();
  if (values.some((value) => unacceptable.test(value ?? ''))) {
    throw new Problem('malformed_request', 'A parameter contains a control character.');
  }
  await next();
};

/** What people's browsers were refused is told on a page. */
function tellPeople(renderers: Renderers): Middleware {
  return async function tellOnPage(ctx: Context, next) {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof Problem) || !wantsPage(ctx.req.headers)) throw error;
      ctx.status = error.status;
      renderers.error(ctx, { error: error.oauth, description: error.detail });
    }
  };
}

/**
 * The form that answers by form_post runs a script of the library's, whose hash the library adds to `script-src`.
 * Nothing else may run or load.
 */
const pageHeaders = {
  'content-security-policy': "default-src 'none'; script-src; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
} as const;

const policy: Middleware = async function setPolicy(ctx, next) {
  ctx.set(pageHeaders);
  await next();
};

/**
 * A form sent to an endpoint of pages goes on as the same request by GET (OpenID Connect Core section 3.1.2.1 wants
 * both): cookies are SameSite=Lax, so a form of another site comes without them and a navigation with them.
 */
function asGet(path: string, limit: number): Middleware {
  return async function redirectToGet(ctx) {
    const parameters = await readParameters(ctx.req, Math.min(limit, longestQuery));
    const query = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
    ctx.set('cache-control', 'no-store');
    ctx.status = 303;
    ctx.redirect(`${path}?${query}`);
  };
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What is shown to whoever does not follow a redirect. */
function redirection(headers: IncomingHttpHeaders, location: string) {
  const page = wantsPage(headers);
  const shown = page ? location.replace(/[&<>"']/g, (character) => escapes[character] ?? '') : location;
  return { type: page ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8', body: `Redirecting to ${shown}.` };
}

/** The express lane of the authorization endpoint: its plain cases, answered as the library answers them. */
export function authorizationLane(plain: PlainAuthorization): QueryLane {
  return {
    path: '/oauth/authorize',
    reads: 'query',
    maxBytes: longestQuery,
    always: pageHeaders,
    async answer({ headers }, query) {
      // What is longer or has control characters is not plain. A fragment, which no client sends, is for koa to take off.
      const location = query.includes('#') ? undefined : await plain(query, headers.cookie);
      if (location === undefined) return undefined;
      const { type, body } = redirection(headers, location);
      return { status: 303, headers: ['location', location, 'content-type', type], body };
    },
  };
}

/** The endpoints that a browser is sent to: authorization and sign-out. */
export function browserRoutes(router: Router, routes: BrowserRoutes): void {
  const { protocol, renderers, limit } = routes;
  const pages = [tellPeople(renderers), policy, guardQuery];
  router.get('/oauth/authorize', ...pages, protocol);
  router.post('/oauth/authorize', ...pages, asGet('/oauth/authorize', limit));
  router.get('/oauth/authorize/:uid', ...pages, protocol);
  router.get('/oauth/logout', ...pages, protocol);
  router.post('/oauth/logout', ...pages, asGet('/oauth/logout', limit));
  router.post('/oauth/logout/confirm', ...pages, protocol);
  router.get('/oauth/logout/success', ...pages, protocol);
}
