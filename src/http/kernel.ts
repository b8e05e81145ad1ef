import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { accessLog } from './access-log.ts';
import { clientAddress } from './client-address.ts';
import { errorBoundary } from './errors/boundary.ts';
import { versionPrefix } from './prefix.ts';
import { requestId } from './request-id.ts';
import { originForm } from './request-target.ts';
import { securityHeaders } from './security-headers.ts';

export interface KernelOptions {
  readonly config: Pick<Config, 'issuer' | 'trustProxy'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Adds the routes of every part to the one router. */
  readonly mount: (router: Router) => void;
}

/** A part of the house adds its routes to the router it is given. */
export type Mount = (router: Router) => void;

/** No route answered: either nobody lives here, or only for other methods (RFC 9110 section 15.5.6). */
async function refuse(ctx: Context): Promise<never> {
  const layers = (ctx['matched'] ?? []) as ReadonlyArray<{ readonly methods: readonly string[] }>;
  const methods = new Set(layers.flatMap((layer) => layer.methods));
  if (methods.size === 0) throw new Problem('not_found', 'There is nothing at this address.');
  const allow = [...methods].join(', ');
  throw new Problem('method_not_allowed', `This address answers to ${allow} only.`, { headers: { allow } });
}

/**
 * The koa application around all routes. Paths match to the byte: the guards before a route cannot be passed by writing
 * its path in another case or with a slash behind it.
 */
export function createKernel({ config, logger, metrics, mount }: KernelOptions): Koa {
  const app = new Koa();
  const router = new Router({ sensitive: true, strict: true });
  mount(router);
  app.silent = true;
  app.use(requestId);
  app.use(clientAddress(config.trustProxy));
  app.use(accessLog(logger, metrics));
  app.use(securityHeaders(config.issuer));
  app.use(errorBoundary(logger));
  app.use(originForm);
  app.use(versionPrefix);
  app.use(router.routes());
  app.use(refuse);
  return app;
}
