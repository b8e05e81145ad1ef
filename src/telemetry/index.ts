/**
 * What an operator sees of a running server: the log (pino, redacted) and the metrics (Prometheus). It knows the
 * configuration and nothing of requests; http/ feeds it.
 */
export { createLogger, type Logger } from './logger.ts';
export { createMetrics, createWorkerMetrics, type Metrics } from './metrics.ts';
