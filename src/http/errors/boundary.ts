import type { Context, Middleware } from 'koa';
import { Problem } from '../../base/index.ts';
import type { Logger } from '../../telemetry/index.ts';

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

/** Answers with a problem in one of the dialects. */
export type SendProblem = (ctx: Context, problem: Problem) => void;

/**
 * Every failure within becomes a Problem, sent in the dialect of those who call here; ours are logged with their cause.
 * One lies around the whole server; routes that speak another dialect put one of their own around themselves.
 */
export function errorBoundary(logger: Logger, send: SendProblem): Middleware {
  return async function catchProblems(ctx: Context, next) {
    try {
      await next();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status >= 500) {
        logger.error({ err: problem.cause ?? problem, requestId: ctx.state['requestId'] }, problem.title);
      }
      send(ctx, problem);
    }
  };
}
