import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { accessLog } from './access-log.ts';
import { addressFinder } from './client-address.ts';
import { errorBoundary, type SendProblem } from './errors/boundary.ts';
import { sendOAuthProblem } from './errors/oauth.ts';
import { expressLanes, type Lane } from './express-lane.ts';
import { routeOf, versionPrefix } from './prefix.ts';
import { requestIdOf } from './request-id.ts';
import { originForm } from './request-target.ts';
import { securityHeaders } from './security-headers.ts';
import { keepVisit, type Visit, visitOf } from './visit.ts';

export interface KernelOptions {
  readonly config: Pick<Config, 'issuer' | 'trustProxy'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Adds the routes of every part to the one router. */
  readonly mount: (router: Router) => void;
  /** How a failure is told at a route. By default in OAuth's dialect. */
  readonly dialectOf?: (path: string) => SendProblem;
  /** Ways round koa for plain requests. None by default. */
  readonly lanes?: readonly Lane[];
}

/** A part of the house adds its routes to the router it is given. */
export type Mount = (router: Router) => void;

/** Goes on where the reception, and perhaps an express lane, has left off. */
function resume(headers: ReturnType<typeof securityHeaders>): Middleware {
  return function resumeVisit(ctx: Context, next) {
    const visit = visitOf(ctx.req);
    const { route } = visit;
    visit.route = () => (ctx['routerPath'] as string | undefined) ?? route();
    ctx.state['requestId'] = visit.requestId;
    ctx.state['clientAddress'] = visit.clientAddress;
    if (visit.parameters !== undefined) ctx.state['parameters'] = visit.parameters;
    ctx.res.setHeader('x-request-id', visit.requestId);
    for (const [name, value] of headers) ctx.res.setHeader(name, value);
    return next();
  };
}

/** Tells the caller what went wrong in an express lane. */
async function failAsBefore(ctx: Context, next: Next): Promise<void> {
  const visit = visitOf(ctx.req);
  if ('failure' in visit) throw visit.failure;
  await next();
}

/** No route answered: either nobody lives here, or only for other methods (RFC 9110 section 15.5.6). */
async function refuse(ctx: Context): Promise<never> {
  const layers = (ctx['matched'] ?? []) as ReadonlyArray<{ readonly methods: readonly string[] }>;
  const methods = new Set(layers.flatMap((layer) => layer.methods));
  if (methods.size === 0) throw new Problem('not_found', 'There is nothing at this address.');
  const allow = [...methods].join(', ');
  throw new Problem('method_not_allowed', `This address answers to ${allow} only.`, { headers: { allow } });
}

/** The koa application around all routes. */
function createKoa({ config, logger, mount, dialectOf = () => sendOAuthProblem }: KernelOptions): Koa {
  const app = new Koa();
  const router = new Router({ sensitive: true, strict: true });
  mount(router);
  app.silent = true;
  app.use(resume(securityHeaders(config.issuer)));
  app.use(errorBoundary(logger, (ctx, problem) => dialectOf(routeOf(ctx.path))(ctx, problem)));
  app.use(failAsBefore);
  app.use(originForm);
  app.use(versionPrefix);
  app.use(router.routes());
  app.use(refuse);
  return app;
}

/**
 * Receives every request: names it, finds who calls, follows it for log and metrics, then lets an express lane or koa
 * answer. Paths match to the byte: the guards before a route cannot be passed by writing its path in another case or
 * with a slash behind it.
 */
export function createKernel(options: KernelOptions): RequestListener {
  const { config, logger, metrics, lanes = [] } = options;
  const koa = createKoa(options).callback();
  const addressOf = addressFinder(config.trustProxy);
  const follow = accessLog(logger, metrics);
  const toKoa: Parameters<typeof expressLanes>[2] = (req, res, visit) => {
    keepVisit(req, visit);
    void koa(req, res);
  };
  const express = expressLanes(lanes, securityHeaders(config.issuer), toKoa);
  return function receive(req, res) {
    const visit: Visit = { requestId: requestIdOf(req), clientAddress: addressOf(req), route: () => undefined };
    follow(req, res, visit);
    if (!express(req, res, visit)) toKoa(req, res, visit);
  };
}
