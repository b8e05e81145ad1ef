import { optionalFunction, requireNumber } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { Fetch, Patience } from './types.ts';

/** How requests are sent. The same options everywhere in this library. */
export interface TransportOptions {
  /** Sends the requests in place of the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds for one attempt, the whole answer included. */
  readonly timeout?: number | undefined;
  /** Attempts after the first, on network errors, 429 and 5xx. Default 2; 0 turns retries off. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds before the first retry, doubled for each further one. Default 250. */
  readonly retryDelay?: number | undefined;
  /** Milliseconds that a retry waits at most; a longer `Retry-After` ends the call with an error. Default 10,000. */
  readonly maxRetryDelay?: number | undefined;
  /** Ends every call, under way or later, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Transport extends Patience {
  readonly fetch: Fetch;
  readonly timeout: number;
}

/** A day: longer is a mistake of the unit. */
const longest = 86_400_000;
const milliseconds = (min: number) => ({ unit: 'milliseconds', min, max: longest });

/** The platform's `fetch`, looked up at each call, so that a tracer which replaces it later is heard. */
const platformFetch: Fetch = (url, init) => globalThis.fetch(url, init);

/**
 * @param defaultTimeout milliseconds.
 * @throws InvalidArgumentError
 */
export function parseTransport(options: TransportOptions, defaultTimeout: number): Transport {
  const { timeout = defaultTimeout, maxRetries = 2, retryDelay = 250, maxRetryDelay = 10_000, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal', 'must be an AbortSignal.');
  }
  return {
    fetch: optionalFunction('fetch', options.fetch) ?? platformFetch,
    timeout: requireNumber('timeout', timeout, milliseconds(1)),
    maxRetries: requireNumber('maxRetries', maxRetries, { unit: 'retries', min: 0, max: 10, integer: true }),
    retryDelay: requireNumber('retryDelay', retryDelay, milliseconds(0)),
    maxRetryDelay: requireNumber('maxRetryDelay', maxRetryDelay, milliseconds(0)),
    signal,
  };
}
