/** The bounds within which an answer's own word on its freshness counts. Milliseconds. */
export interface FreshnessBounds {
  readonly least: number;
  readonly most: number;
}

/**
 * How long an answer may be used without asking again (RFC 9111 section 4.2).
 * @returns milliseconds; the longest where the answer says nothing.
 */
export function freshFor(headers: Headers, { least, most }: FreshnessBounds): number {
  const directives = (headers.get('cache-control') ?? '').toLowerCase();
  if (/(^|[\s,])(no-store|no-cache)($|[\s,=])/.test(directives)) return least;
  const found = /(?:^|[\s,])max-age="?(\d{1,10})/.exec(directives)?.[1];
  if (found === undefined) return most;
  const age = Number(/^\d{1,10}$/.exec(headers.get('age')?.trim() ?? '')?.[0] ?? 0);
  return Math.min(most, Math.max(least, (Number(found) - age) * 1000));
}

/** Milliseconds since a moment. A clock that was set back has lost count of them, so everything is long ago. */
export const elapsed = (now: number, since: number): number => (now < since ? Number.POSITIVE_INFINITY : now - since);

/** The pause after failures in a row: a second, doubled each time. @returns milliseconds. */
export const pauseAfter = (failures: number, longest: number): number =>
  Math.min(longest, 1000 * 2 ** Math.min(failures - 1, 20));
