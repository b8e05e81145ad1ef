import type { IncomingHttpHeaders } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Config } from '../config/index.ts';
import type { Mount, Parameters as RequestParameters } from '../http/index.ts';
import type { ProtocolEngine } from './engine.ts';
import { protectedResourceMetadata } from './metadata.ts';
import { guardParameters, replay } from './parameter-guard.ts';

export interface ProtocolRoutes {
  readonly config: Pick<Config, 'issuer' | 'http' | 'tokens'>;
  readonly engine: ProtocolEngine;
}

/**
 * The library builds every URL it writes from the request. It gets to see the issuer's own origin only, so neither a
 * forged Host nor X-Forwarded-* can change what the server says of itself, and answers JSON whatever Accept says.
 */
function canonicalHeaders(issuer: string): (headers: IncomingHttpHeaders) => void {
  const { host, protocol } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  return (headers) => {
    headers.host = host;
    headers['x-forwarded-proto'] = scheme;
    delete headers['x-forwarded-host'];
    delete headers['x-forwarded-for'];
    headers.accept = 'application/json';
  };
}

/** Hands a request over to the protocol, which answers it by itself. */
function toEngine(engine: ProtocolEngine, issuer: string): Middleware {
  const canonical = canonicalHeaders(issuer);
  return async function handOver(ctx: Context) {
    canonical(ctx.req.headers);
    const parameters = ctx.state['parameters'] as RequestParameters | undefined;
    if (parameters !== undefined) replay(ctx.req, parameters);
    ctx.respond = false;
    // Our koa has put its 404 there; the library's koa decides anew.
    ctx.res.statusCode = 200;
    await engine.handle(ctx.req, ctx.res);
  };
}

const tokenHeaders = { 'cache-control': 'no-store', vary: 'Origin', 'content-type': 'application/json; charset=utf-8' };

/** The plain cases of the token endpoint; the rest goes on to the library. */
function answerPlain(engine: ProtocolEngine): Middleware {
  return async function answerPlainToken(ctx, next) {
    const answer = await engine.plainToken(ctx.req.headers, ctx.state['parameters'] as RequestParameters);
    if (answer === undefined) return next();
    // Head and body in one write: koa's own way costs a tenth of the request.
    const body = JSON.stringify(answer);
    ctx.respond = false;
    ctx.res.writeHead(200, { ...tokenHeaders, 'content-length': Buffer.byteLength(body) }).end(body);
    return undefined;
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
function preflight(method: 'GET' | 'POST'): Middleware {
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
export function protocolRoutes({ config, engine }: ProtocolRoutes): Mount {
  const protocol = toEngine(engine, config.issuer);
  const resourceMetadata = protectedResourceMetadata(config.issuer);
  return function mountProtocol(router) {
    const limit = config.http.maxBodyBytes;
    const { introspect, revoke } = engine.endpoints;
    router.post('/oauth/token', completeErrors, guardParameters(limit), answerPlain(engine), protocol);
    router.post('/oauth/introspect', completeErrors, guardParameters(limit, 'caller'), introspect, protocol);
    router.post('/oauth/revoke', completeErrors, guardParameters(limit), revoke, protocol);
    router.post('/oauth/par', completeErrors, guardParameters(limit), protocol);
    router.get('/oauth/authorize', protocol);
    router.get('/oauth/authorize/:uid', protocol);
    router.options('/oauth/token', preflight('POST'));
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
