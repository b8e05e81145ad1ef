import type Router from '@koa/router';
import type { Metrics } from '../telemetry/index.ts';

/** Whether this server should get traffic: `reason` says why not. */
export type Readiness = () => { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** `/healthz`: the process runs. `/readyz`: it should get traffic, else 503 with the reason. */
export function mountHealth(router: Router, readiness: Readiness): void {
  router.get('/healthz', function answerHealth(ctx) {
    ctx.set('cache-control', 'no-store');
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', function answerReadiness(ctx) {
    const state = readiness();
    ctx.set('cache-control', 'no-store');
    ctx.status = state.ready ? 200 : 503;
    ctx.body = state.ready ? { status: 'ready' } : { status: 'not ready', reason: state.reason };
  });
}

/** `/metrics` in the Prometheus text format: for the admin listener only, since it tells strangers about the load. */
export function mountMetrics(router: Router, metrics: Metrics): void {
  router.get('/metrics', async function answerMetrics(ctx) {
    const { contentType, body } = await metrics.render();
    ctx.set('content-type', contentType);
    ctx.body = body;
  });
}
