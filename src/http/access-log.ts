import type { Context, Middleware } from 'koa';
import type { Logger, Metrics } from '../telemetry/index.ts';

/** Health probes come every few seconds; they would drown the rest. */
const quiet = new Set(['/healthz', '/readyz']);

const routeOf = (ctx: Context): string | undefined => ctx['routerPath'] as string | undefined;

/** The path without its query string, which on several endpoints holds codes and tokens. */
function writeLine(logger: Logger, ctx: Context, route: string, seconds: number): void {
  const { method, res } = ctx;
  const line = {
    requestId: ctx.state['requestId'],
    method,
    route,
    status: res.statusCode,
    ms: Math.round(seconds * 1e4) / 10,
    client: ctx.state['clientAddress'],
    ...(res.writableFinished ? {} : { aborted: true }),
  };
  if (res.statusCode >= 500) logger.error(line, 'request failed');
  else logger.info(line, 'request');
}

/**
 * One line and one measurement for each answered request. Unknown paths count as `unmatched`, so that nobody can grow
 * the metrics.
 */
export function accessLog(logger: Logger, metrics: Metrics): Middleware {
  return async function logRequest(ctx: Context, next) {
    const started = performance.now();
    ctx.res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const status = ctx.res.statusCode;
      const route = routeOf(ctx);
      metrics.request(
        { method: route === undefined ? 'any' : ctx.method, route: route ?? 'unmatched', status },
        seconds,
      );
      const wanted = status >= 500 || logger.isLevelEnabled('info');
      if (wanted && !quiet.has(route ?? '')) writeLine(logger, ctx, route ?? 'unmatched', seconds);
    });
    await next();
  };
}
