import type { Context } from 'koa';
import type { Problem } from '../../base/index.ts';

/**
 * Answers in the dialect of RFC 6749 section 5.2: `{error, error_description}`, never cached. A 401 always carries a
 * challenge (RFC 9110 section 15.5.2), a 503 a small `Retry-After`, since real clients honour that header uncapped.
 */
export function sendOAuthProblem(ctx: Context, problem: Problem): void {
  ctx.status = problem.status;
  ctx.set('cache-control', 'no-store');
  if (problem.status === 401) ctx.set('www-authenticate', `Basic realm="Countersign", error="${problem.oauth}"`);
  if (problem.status === 503) ctx.set('retry-after', '1');
  ctx.set({ ...problem.headers });
  ctx.body = { error: problem.oauth, error_description: problem.detail };
}
