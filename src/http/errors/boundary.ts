import type { Context, Middleware } from 'koa';
import { Problem } from '../../base/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { sendOAuthProblem } from './oauth.ts';

/** Errors of Node and koa that are the sender's fault carry a 4xx `status`; anything else unknown is ours. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status } = error as { status?: unknown };
  if (status === 413) return new Problem('payload_too_large', 'Send a smaller request.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem('malformed_request', 'The request is malformed.', { cause: error });
  }
  return new Problem('server_error', 'Something went wrong on this side. The request id helps to find it.', {
    cause: error,
  });
}

/** The outermost catch: every failure becomes a Problem in the caller's dialect, and ours are logged with their cause. */
export function errorBoundary(logger: Logger): Middleware {
  return async function catchProblems(ctx: Context, next) {
    try {
      await next();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status >= 500) {
        logger.error({ err: problem.cause ?? problem, requestId: ctx.state['requestId'] }, problem.title);
      }
      sendOAuthProblem(ctx, problem);
    }
  };
}
