import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { Visit } from './visit.ts';

/** Health probes come every few seconds; they would drown the rest. */
const quiet = new Set(['/healthz', '/readyz']);

/** Follows a request to the end of its answer. */
export type AccessLog = (req: IncomingMessage, res: ServerResponse, visit: Visit) => void;

/**
 * One line and one measurement for each answered request. Unknown paths count as `unmatched`, so that nobody can grow
 * the metrics.
 */
export function accessLog(logger: Logger, metrics: Metrics): AccessLog {
  /** The path without its query string, which on several endpoints holds codes and tokens. */
  function writeLine(method: string, res: ServerResponse, visit: Visit, route: string, seconds: number): void {
    const line = {
      requestId: visit.requestId,
      method,
      route,
      status: res.statusCode,
      ms: Math.round(seconds * 1e4) / 10,
      client: visit.clientAddress,
      ...(res.writableFinished ? {} : { aborted: true }),
    };
    if (res.statusCode >= 500) logger.error(line, 'request failed');
    else logger.info(line, 'request');
  }

  return function followRequest(req, res, visit) {
    const started = performance.now();
    // A library may be handed the request and change it.
    const method = req.method ?? '';
    res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const status = res.statusCode;
      const route = visit.route();
      metrics.request({ method: route === undefined ? 'any' : method, route: route ?? 'unmatched', status }, seconds);
      const wanted = status >= 500 || logger.isLevelEnabled('info');
      if (wanted && !quiet.has(route ?? '')) writeLine(method, res, visit, route ?? 'unmatched', seconds);
    });
  };
}
