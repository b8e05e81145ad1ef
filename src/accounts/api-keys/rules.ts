import type { Caller } from '../../api/index.ts';
import type { ProblemFault } from '../../base/index.ts';

/** Scopes that the API does not have, each with its place in the body. */
export function scopeFaults(scopes: readonly string[], all: readonly string[]): ProblemFault[] {
  return scopes.flatMap((scope, index) =>
    all.includes(scope) ? [] : [{ pointer: `/scopes/${index}`, detail: 'is no scope of this API' }],
  );
}

/** Scopes that a caller cannot give: `admin` gives all. @param there what the key has already. */
export function beyondCaller(
  scopes: readonly string[],
  { scopes: own }: Pick<Caller, 'scopes'>,
  there: readonly string[] = [],
): string[] {
  return own.has('admin') ? [] : scopes.filter((scope) => !own.has(scope) && !there.includes(scope));
}
