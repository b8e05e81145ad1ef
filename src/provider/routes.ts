import type { IncomingHttpHeaders } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Config } from '../config/index.ts';
import type { Mount, Parameters as RequestParameters } from '../http/index.ts';
import { limitRequests, type RequestLimits } from '../limits/index.ts';
import { browserRoutes, wantsPage } from './browser-routes.ts';
import { refuseBlockedClient, watchFailures } from './client-failures.ts';
import type { ProtocolEngine } from './engine.ts';
import { protectedResourceMetadata } from './metadata.ts';
import type { Renderers } from './pages.ts';
import { type BearerPolicy, guardParameters, replay } from './parameter-guard.ts';
import { settleAt, type TokenAddress, tokenPath } from './token-addresses.ts';

export interface ProtocolRoutes {
  readonly config: Pick<Config, 'issuer' | 'http' | 'tokens'>;
  readonly engine: ProtocolEngine;
  readonly renderers: Renderers;
  readonly limits: Pick<RequestLimits, 'pushedRequests'>;
  /** Further addresses of the token endpoint. */
  readonly tokenAddresses?: readonly TokenAddress[];
}

/**
 * The library builds every URL it writes from the request. It gets to see the issuer's own origin only, so neither a
 * forged Host nor X-Forwarded-* can change what the server says of itself, and answers JSON to all but browsers.
 */
function canonicalHeaders(issuer: string, pages: boolean): (headers: IncomingHttpHeaders) => void {
  const { host, protocol } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  return (headers) => {
    headers.host = host;
    headers['x-forwarded-proto'] = scheme;
    delete headers['x-forwarded-host'];
    delete headers['x-forwarded-for'];
    headers.accept = pages && wantsPage(headers) ? 'text/html' : 'application/json';
  };
}

interface HandOver {
  /** Whether it may answer browsers with pages. */
  readonly pages?: boolean;
  /** The path by which it knows the endpoint, where that is another than was asked for. */
  readonly path?: string;
}

/** Hands a request over to the protocol, which answers it by itself. */
function toEngine(engine: ProtocolEngine, issuer: string, { pages = false, path }: HandOver = {}): Middleware {
  const canonical = canonicalHeaders(issuer, pages);
  return async function handOver(ctx: Context) {
    canonical(ctx.req.headers);
    const parameters = ctx.state['parameters'] as RequestParameters | undefined;
    if (parameters !== undefined) replay(ctx.req, parameters);
    if (path !== undefined) ctx.req.url = path;
    ctx.respond = false;
    // Our koa has put its 404 there; the library's koa decides anew.
    ctx.res.statusCode = 200;
    await engine.handle(ctx.req, ctx.res);
  };
}

/** A 401 always carries a challenge (RFC 9110 section 15.5.2), a 503 says when to come back. */
const completeErrors: Middleware = async (ctx, next) => {
  const { res } = ctx;
  const { writeHead } = res;
  res.writeHead = function complete(this: typeof res, ...args: Parameters<typeof writeHead>) {
    if (res.statusCode === 401 && !res.hasHeader('www-authenticate')) {
      res.setHeader('www-authenticate', 'Basic realm="Countersign", error="invalid_client"');
    }
    if (res.statusCode === 503) res.setHeader('retry-after', '1');
    // Where no page asks, the library opens the answer to all of them. Those that may are told by name.
    if (res.getHeader('access-control-allow-origin') === '*') {
      res.removeHeader('access-control-allow-origin');
      res.removeHeader('access-control-expose-headers');
    }
    return writeHead.apply(res, args);
  } as typeof writeHead;
  await next();
};

function cacheFor(seconds: number): Middleware {
  return async (ctx, next) => {
    ctx.set('cache-control', `public, max-age=${seconds}`);
    await next();
  };
}

/** Metadata is for everybody, browsers on any origin too. The library adds no CORS headers where there are some. */
const openToAll: Middleware = async (ctx, next) => {
  ctx.set('access-control-allow-origin', '*');
  await next();
};

/** Answers what a browser asks before it sends a request with headers of its own (Fetch standard, CORS preflight). */
function preflight(method: 'GET' | 'POST' | 'GET, POST'): Middleware {
  return async function answerPreflight(ctx) {
    ctx.status = 204;
    ctx.set({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': method,
      'access-control-max-age': '3600',
    });
    const asked = ctx.get('access-control-request-headers');
    if (asked !== '') ctx.set('access-control-allow-headers', asked);
  };
}

/** Adds the protocol's endpoints, each path to the byte. What is not listed here does not exist. */
export function protocolRoutes(routes: ProtocolRoutes): Mount {
  const { config, engine, renderers, limits, tokenAddresses = [] } = routes;
  const protocol = toEngine(engine, config.issuer);
  const resourceMetadata = protectedResourceMetadata(config.issuer);
  return function mountProtocol(router) {
    const limit = config.http.maxBodyBytes;
    const { introspect, revoke } = engine.endpoints;
    const before = [completeErrors, watchFailures(engine.failures)];
    const guarded = (bearer?: BearerPolicy) => [guardParameters(limit, bearer), refuseBlockedClient(engine.failures)];
    router.post(tokenPath, ...before, ...guarded(), protocol);
    for (const address of tokenAddresses) {
      const asTokenEndpoint = toEngine(engine, config.issuer, { path: tokenPath });
      router.post(address.path, ...before, settleAt(address, limit), ...guarded(), asTokenEndpoint);
    }
    router.post('/oauth/introspect', ...before, ...guarded('caller'), introspect, protocol);
    router.post('/oauth/revoke', ...before, ...guarded(), revoke, protocol);
    router.post('/oauth/par', ...before, limitRequests(limits.pushedRequests), ...guarded(), protocol);
    const forPages = [tokenPath, '/oauth/par', '/oauth/revoke', ...tokenAddresses.map(({ path }) => path)];
    for (const path of forPages) router.options(path, preflight('POST'));
    router.get('/oauth/userinfo', completeErrors, protocol);
    router.post('/oauth/userinfo', completeErrors, protocol);
    router.options('/oauth/userinfo', preflight('GET, POST'));
    browserRoutes(router, {
      protocol: toEngine(engine, config.issuer, { pages: true }),
      renderers,
      limit,
    });
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      router.get(path, openToAll, protocol);
      router.options(path, preflight('GET'));
    }
    router.get('/oauth/jwks', openToAll, cacheFor(config.tokens.jwksMaxAge), protocol);
    router.options('/oauth/jwks', preflight('GET'));
    router.get('/.well-known/oauth-protected-resource', openToAll, cacheFor(300), async (ctx) => {
      ctx.body = resourceMetadata;
    });
    router.options('/.well-known/oauth-protected-resource', preflight('GET'));
  };
}
