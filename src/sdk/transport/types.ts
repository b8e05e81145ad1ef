/** What sends a request: the platform's `fetch`, or one with a proxy, a certificate or a mock behind it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Two clocks. Lifetimes are measured on both, since either alone can stand still or jump. */
export interface Clock {
  /** Milliseconds since 1970, as this machine believes. */
  wall(): number;
  /** Milliseconds since any moment; never jumps, and may stand still while the machine sleeps. */
  monotonic(): number;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How often and how long to try. */
export interface Patience {
  /** Attempts after the first. */
  readonly maxRetries: number;
  /** Milliseconds before the first retry; doubled each time. */
  readonly retryDelay: number;
  /** Milliseconds that are waited at most, whatever the server asks for. */
  readonly maxRetryDelay: number;
  readonly signal: AbortSignal | undefined;
}
