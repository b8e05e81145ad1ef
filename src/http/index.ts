/**
 * The HTTP kernel: the reception of requests, the express lanes and the koa application around all routes, the listener
 * and its drain, the reading of bodies, the dialects of errors, health and metrics. It knows nothing of OAuth beyond the
 * shape of an error body, nor of the database. Parts of the house take `Mount`, the readers of bodies, the error boundary
 * and the error senders from here.
 */
export { type Parameters, readBytes, readJsonObject, readOptionalJson, readParameters, repeatsMember } from './body.ts';
export { errorBoundary, type SendProblem } from './errors/boundary.ts';
export { sendManagementProblem } from './errors/management.ts';
export { sendOAuthProblem } from './errors/oauth.ts';
export { sendTwilioProblem, twilioBody } from './errors/twilio.ts';
export type { FormLane, JsonLane, Lane, LaneAnswer, QueryLane } from './express-lane.ts';
export { mountHealth, mountMetrics, type Readiness } from './health.ts';
export { createKernel, type Mount } from './kernel.ts';
export { type Listener, listen } from './listener.ts';
export { clientAddressOf } from './visit.ts';
