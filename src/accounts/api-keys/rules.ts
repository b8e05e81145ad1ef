import type { Caller } from '../../api/index.ts';
import type { ProblemFault } from '../../base/index.ts';

/** Scopes that the API does not have, each with its place in the body. */
export function scopeFaults(scopes: readonly string[], all: readonly string[]): ProblemFault[] {
  return scopes.flatMap((scope, index) =>
    all.includes(scope) ? [] : [{ pointer: `/scopes/${index}`, detail: 'is no scope of this API' }],
  );
}

/** What a key does for its own account alone. With any other scope it reaches its organization. */
const forAccount: ReadonlySet<string> = new Set(['access_tokens:write']);

/**
 * Scopes that a caller cannot give: `admin` gives all. Who is narrowed to an account gives none that reach further: a key
 * would lead out of the account. @param there what the key has already.
 */
export function beyondCaller(
  scopes: readonly string[],
  { scopes: own, accountSid }: Pick<Caller, 'scopes' | 'accountSid'>,
  there: readonly string[] = [],
): string[] {
  const mayGive = (scope: string) =>
    (own.has('admin') || own.has(scope)) && (accountSid === undefined || forAccount.has(scope));
  return scopes.filter((scope) => !mayGive(scope) && !there.includes(scope));
}
