import { optionalFunction, requireNumber, requireUrl } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { Fetch } from '../transport/types.ts';

/** How the issuer is asked. */
export interface WireOptions {
  /** Sends the requests in place of the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds for one request, the whole answer included. Default 5,000. */
  readonly timeout?: number | undefined;
  /** Ends the requests that are under way, and allows no more. */
  readonly signal?: AbortSignal | undefined;
  /** Allows http beyond this machine. */
  readonly allowInsecureRequests?: boolean | undefined;
}

/** How requests are sent. */
export interface Wire {
  readonly fetch: Fetch;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly allowInsecureRequests: boolean;
}

/** The platform's `fetch`, looked up at each call, so that a tracer which replaces it later is heard. */
const platformFetch: Fetch = (url, init) => globalThis.fetch(url, init);

/** @throws InvalidArgumentError */
export function parseWire({ timeout = 5000, signal, allowInsecureRequests = false, fetch }: WireOptions): Wire {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal', 'must be an AbortSignal.');
  }
  return {
    fetch: optionalFunction('fetch', fetch) ?? platformFetch,
    timeout: requireNumber('timeout', timeout, { unit: 'milliseconds', min: 1, max: 86_400_000 }),
    signal,
    allowInsecureRequests: allowInsecureRequests === true,
  };
}

/** An address that another server named or the options did. @throws InvalidArgumentError unless it is https or local. */
export function publicUrl(field: string, value: unknown, wire: Wire): URL {
  return requireUrl(field, value, wire.allowInsecureRequests);
}
