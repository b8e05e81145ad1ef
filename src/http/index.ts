/**
 * The HTTP kernel: the koa application around all routes, the listener and its drain, the reading of parameters, the
 * dialects of errors, health and metrics. It knows nothing of OAuth beyond the shape of an error body, nor of the
 * database. Parts of the house take `Mount`, `readParameters` and the error senders from here.
 */
export { type Parameters, readParameters } from './body.ts';
export { sendOAuthProblem } from './errors/oauth.ts';
export { mountHealth, mountMetrics, type Readiness } from './health.ts';
export { createKernel, type Mount } from './kernel.ts';
export { type Listener, listen } from './listener.ts';
