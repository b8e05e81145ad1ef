import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Names the request: the caller's `X-Request-Id` when it is harmless to log, else a new one. It goes back in the answer
 * and stands in every log line and audit event of the request (`ctx.state.requestId`).
 */
export function requestIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
}
