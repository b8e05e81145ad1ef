import type { Context } from 'koa';
import type { Problem } from '../../base/index.ts';
import { setProblemHeaders } from './headers.ts';

/** Answers in the dialect of RFC 6749 section 5.2: `{error, error_description}`. */
export function sendOAuthProblem(ctx: Context, problem: Problem): void {
  setProblemHeaders(ctx, problem, `Basic realm="Countersign", error="${problem.oauth}"`);
  ctx.body = { error: problem.oauth, error_description: problem.detail };
}
