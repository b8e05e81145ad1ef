import type { Context } from 'koa';
import type { Problem } from '../../base/index.ts';
import { setProblemHeaders } from './headers.ts';

/** Every fault of a problem with its place, or the problem itself. */
export function faultsOf({ code, title, detail, faults }: Problem): readonly object[] {
  if (faults.length === 0) return [{ code, title, detail }];
  return faults.map(({ pointer, parameter, ...fault }) => ({
    code: fault.code ?? code,
    title,
    detail: fault.detail,
    source: parameter === undefined ? { pointer: pointer ?? '' } : { parameter },
  }));
}

/**
 * Answers in the dialect of the management API: `error` and `error_description` as OAuth has them, and `errors[]` with
 * one entry for each fault, which says where in the body it is by `source.pointer` (RFC 6901), or which query parameter
 * it is by `source.parameter`. The credential here is a
 * Bearer, so that is the challenge, of a scope that does not suffice too (RFC 6750 section 3).
 */
export function sendManagementProblem(ctx: Context, problem: Problem): void {
  const challenge = `Bearer realm="Countersign", error="${problem.oauth}"`;
  if (problem.code === 'insufficient_scope') ctx.set('www-authenticate', challenge);
  setProblemHeaders(ctx, problem, challenge);
  ctx.body = { error: problem.oauth, error_description: problem.detail, errors: faultsOf(problem) };
}
