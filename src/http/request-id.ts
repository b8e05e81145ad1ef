import { randomUUID } from 'node:crypto';
import type { Context, Next } from 'koa';

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Names the request: the caller's `X-Request-Id` when it is harmless to log, else a new one. It goes back in the answer
 * and stands in every log line and audit event of the request (`ctx.state.requestId`).
 */
export async function requestId(ctx: Context, next: Next): Promise<void> {
  const given = ctx.get('x-request-id');
  const id = acceptable.test(given) ? given : randomUUID();
  ctx.state['requestId'] = id;
  ctx.set('x-request-id', id);
  await next();
}
