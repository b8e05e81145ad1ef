import type { Config } from '../config/index.ts';

/**
 * Seconds that a refresh token lives from now on: it ends when nobody uses it, and with its authorization in any case.
 * @param issuedFirst when the first of its family was issued; seconds since the epoch, as `now`.
 */
export function refreshTokenTtl(
  tokens: Pick<Config['tokens'], 'refreshTokenTtl' | 'refreshTokenIdleTtl'>,
  issuedFirst: number | undefined,
  now: number,
): number {
  const left = (issuedFirst ?? now) + tokens.refreshTokenTtl - now;
  return Math.max(1, Math.min(tokens.refreshTokenIdleTtl, left));
}
