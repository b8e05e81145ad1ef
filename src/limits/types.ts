/** How often something may be tried. */
export interface Limit {
  /** Attempts within the duration. */
  readonly points: number;
  /** Seconds, from the first attempt on. Then counting starts anew. */
  readonly duration: number;
  /** Seconds for which nothing more is allowed, from the first attempt too many on. Default: the rest of the duration. */
  readonly blockDuration?: number;
}

/** Whether one more attempt is allowed. */
export interface Verdict {
  readonly allowed: boolean;
  /** Seconds until counting starts anew, at least 1; 0 when the attempt is allowed. */
  readonly retryAfter: number;
  /** Seconds until counting starts anew, at least 1. */
  readonly resetAfter: number;
  /** Attempts that are left after this one. */
  readonly remaining: number;
  /** When this was decided, in milliseconds since the epoch. */
  readonly at: number;
}

/** A count of one key within its time. */
export interface Tally {
  readonly points: number;
  /** Milliseconds until it ends. */
  readonly left: number;
}

/** Where one limit's attempts are counted. */
export interface Counter {
  /** The count, or none when there is no live one. */
  read(key: string): Promise<Tally | undefined>;
  /** Counts attempts, whatever the count is. @param times default: one. @returns the count with them. */
  add(key: string, times?: number): Promise<Tally>;
  /** Takes one attempt off the count that it went into. @param at when it was counted. */
  takeBack(key: string, at: number): Promise<void>;
  clear(key: string): Promise<void>;
}
