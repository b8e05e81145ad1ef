/** What is known of a token's end. Seconds, and seconds since 1970. */
export interface Lifetimes {
  readonly expiresIn: number | undefined;
  readonly exp: number | undefined;
  readonly iat: number | undefined;
  /** The server's clock when it answered, where it told. */
  readonly serverNow: number | undefined;
  /** This machine's clock, which may be wrong. */
  readonly localNow: number;
}

/** What is kept how long. Seconds. */
export interface CacheRules {
  /** Spared at the end for what is under way, and for clocks that differ; at most a tenth of the lifetime. */
  readonly leeway: number;
  /** An upper bound on top of the token's own end. */
  readonly cacheTtl: number | undefined;
}

/** How a token is used, in milliseconds from the moment at which it was asked for. */
export interface Plan {
  /** From here on a new one is fetched beside its use. */
  readonly refreshAfter: number;
  /** From here on it is not used. */
  readonly usableFor: number;
}

/** Whether a token can be sent in a header: visible ASCII, and something at all. */
export function isSendable(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
}

/** How long a token is kept that does not tell its end: RFC 6749 only recommends `expires_in`. */
const untold = 60;
/** The refresh begins within this time before the end, in seconds, and within the last quarter. */
const longestAhead = 300;

/**
 * The seconds for which a token will be good: by `expires_in` and by `exp`, whichever is sooner. `exp` is read against
 * the server's clock (its `Date` header, or the token's own `iat`) and against ours only for want of both: a clock that
 * is wrong by minutes would make a good token expired, or an expired one good.
 */
export function lifetimeOf({ expiresIn, exp, iat, serverNow, localNow }: Lifetimes): number {
  const references = [serverNow, iat].filter((moment) => moment !== undefined);
  const reference = references.length === 0 ? localNow : Math.max(...references);
  const ends = [expiresIn, exp === undefined ? undefined : exp - reference].filter((end) => end !== undefined);
  return ends.length === 0 ? untold : Math.max(0, Math.min(...ends));
}

/**
 * @param lifetime seconds.
 * @param random from 0 to 1: spreads the refreshes of many processes that started together.
 */
export function planOf(lifetime: number, { leeway, cacheTtl }: CacheRules, random: number): Plan {
  const good = lifetime - Math.min(leeway, lifetime / 10);
  const usable = Math.min(good, cacheTtl ?? good);
  const ahead = Math.min(usable / 4, longestAhead) * (0.5 + random / 2);
  return { usableFor: usable * 1000, refreshAfter: (usable - ahead) * 1000 };
}

/**
 * The wait after a refresh beside the use of a valid token has failed.
 * @param failures in a row, from 1.
 * @returns milliseconds, at most a minute unless the server asked for more.
 */
export function backgroundDelay(failures: number, retryAfter: number | undefined): number {
  return Math.max(Math.min(1000 * 2 ** (failures - 1), 60_000), retryAfter ?? 0);
}
