import type { Context, Middleware } from 'koa';
import type { Logger, Metrics } from '../telemetry/index.ts';

/** Health probes come every few seconds; they would drown the rest. */
const quiet = new Set(['/healthz', '/readyz']);

/**
 * One line and one measurement for each answered request. The path is written without its query string, which on
 * several endpoints holds codes and tokens; unknown paths count as `unmatched`, so that nobody can grow the metrics.
 */
export function accessLog(logger: Logger, metrics: Metrics): Middleware {
  return async function logRequest(ctx: Context, next) {
    const started = performance.now();
    ctx.res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const route = (ctx['routerPath'] as string | undefined) ?? 'unmatched';
      const { method, res } = ctx;
      metrics.request({ method: route === 'unmatched' ? 'any' : method, route, status: res.statusCode }, seconds);
      if (quiet.has(route)) return;
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
    });
    await next();
  };
}
