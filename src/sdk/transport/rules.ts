/** Whether asking again may help: too many requests, or a fault of the server. Other 4xx stay what they are. */
export function isWorthRetrying(status: number): boolean {
  return status === 429 || status >= 500;
}

/**
 * What `Retry-After` asks for (RFC 9110 section 10.2.3), a date by the server's own clock where it tells it.
 * @param now milliseconds since 1970 by this machine's clock.
 * @returns milliseconds; undefined when the header is missing or unreadable.
 */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - (serverTimeOf(headers) ?? now));
}

/** The server's clock, by its `Date` header. @returns milliseconds since 1970, exact to the second. */
export function serverTimeOf(headers: Headers): number | undefined {
  const moment = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(moment) ? undefined : moment;
}

/**
 * The wait before a retry: doubled each time, with up to half of it taken off by chance, so that many clients which
 * failed together do not come back together.
 * @param attempt how many attempts have failed, from 1.
 * @param random from 0 to 1.
 * @returns milliseconds.
 */
export function backOff(attempt: number, base: number, random: number): number {
  return base * 2 ** (attempt - 1) * (1 - random / 2);
}
