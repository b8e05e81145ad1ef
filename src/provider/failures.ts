import { Problem } from '../base/index.ts';
import { errors } from './library.ts';

/** Says a Problem in the library's own terms, so that its error handler answers with our status and sentence. */
export function libraryError(problem: Problem): Error {
  const error = new errors.OIDCProviderError(problem.status, problem.oauth);
  return Object.assign(error, { error_description: problem.detail, expose: true, cause: problem.cause });
}

/** Runs work that the library calls; a Problem thrown in it reaches the client as such. */
export async function translated<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem ? libraryError(error) : error;
  }
}
