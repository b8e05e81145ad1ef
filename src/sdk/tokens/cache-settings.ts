import { optionalFunction, requireNumber } from '../arguments.ts';
import { type Clock, systemClock } from '../transport/types.ts';
import type { CacheRules } from './rules.ts';

/** How a token is kept. */
export interface CacheOptions {
  /** Seconds for which a token is kept at most. It never makes a token last longer than it does. */
  readonly cacheTtl?: number | undefined;
  /** Seconds that a token is given up before its end; at most a tenth of its lifetime. Default 30. */
  readonly leeway?: number | undefined;
  /** Hears of refreshes that failed while the kept token was still good. Callers do not notice those. */
  readonly onBackgroundError?: ((error: unknown) => void) | undefined;
  /** In place of the platform's clocks, for tests. */
  readonly clock?: Clock | undefined;
}

export interface CacheSettings extends CacheRules {
  readonly clock: Clock;
  readonly onBackgroundError: ((error: unknown) => void) | undefined;
}

const seconds = { unit: 'seconds', min: 0, max: 31_536_000 };

/** @throws InvalidArgumentError */
export function parseCacheSettings(options: CacheOptions): CacheSettings {
  const { cacheTtl, leeway = 30, clock = systemClock } = options;
  return {
    cacheTtl: cacheTtl === undefined ? undefined : requireNumber('cacheTtl', cacheTtl, seconds),
    leeway: requireNumber('leeway', leeway, seconds),
    clock,
    onBackgroundError: optionalFunction('onBackgroundError', options.onBackgroundError),
  };
}
