import type { Context } from 'koa';
import type { Problem } from '../../base/index.ts';

/**
 * What every dialect shares: the status, no caching, a challenge with a 401 (RFC 9110 section 15.5.2), a small
 * `Retry-After` with a 503, since real clients honour that header uncapped, and the headers that the problem brings.
 * @param challenge value of `WWW-Authenticate`, where the problem brings none of its own.
 */
export function setProblemHeaders(ctx: Context, problem: Problem, challenge: string): void {
  ctx.status = problem.status;
  ctx.set('cache-control', 'no-store');
  if (problem.status === 401) ctx.set('www-authenticate', challenge);
  if (problem.status === 503) ctx.set('retry-after', '1');
  ctx.set({ ...problem.headers });
}
