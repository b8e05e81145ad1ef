import { elapsed, pauseAfter } from './freshness.ts';

/** How a document is kept up to date. Milliseconds. */
export interface Upkeep {
  /** How long it is used past its freshness while it cannot be had anew, counted from when it was read. */
  readonly staleFor: number;
  /** The shortest time between two requests that were not due, and the longest pause after failures. */
  readonly cooldown: number;
  now(): number;
}

/** A document as it was read, and for how many milliseconds it is fresh. */
export interface Fetched<Value> {
  readonly value: Value;
  readonly freshFor: number;
}

interface Kept<Value> extends Fetched<Value> {
  readonly at: number;
}

interface Failure {
  readonly error: unknown;
  readonly at: number;
  /** How many there were in a row. */
  readonly count: number;
}

/**
 * A document of another server, fetched when it is needed, once for all who need it. While that server is away the last
 * one is used and nobody waits for it.
 */
export class KeptDocument<Value> {
  readonly #fetch: () => Promise<Fetched<Value>>;
  readonly #upkeep: Upkeep;
  #kept: Kept<Value> | undefined;
  #failure: Failure | undefined;
  #underway: Promise<void> | undefined;
  #askedAt: number | undefined;

  constructor(fetch: () => Promise<Fetched<Value>>, upkeep: Upkeep) {
    this.#fetch = fetch;
    this.#upkeep = upkeep;
  }

  /** The document. It is there at once while it is fresh. @throws what went wrong, when there is none to fall back on. */
  get(): Value | Promise<Value> {
    const kept = this.#kept;
    if (kept !== undefined && elapsed(this.#upkeep.now(), kept.at) < kept.freshFor) return kept.value;
    return this.#late(kept);
  }

  /**
   * Asks again although the document is fresh, since it lacks something; not more often than the cool-down allows.
   * @returns whether the last attempt worked, so that what is lacking can be said not to exist.
   */
  async renew(): Promise<boolean> {
    const { now, cooldown } = this.#upkeep;
    const isCool = this.#askedAt === undefined || elapsed(now(), this.#askedAt) >= cooldown;
    if (this.#underway !== undefined || isCool) await this.#ask();
    return this.#failure === undefined;
  }

  async #late(kept: Kept<Value> | undefined): Promise<Value> {
    const { now, staleFor } = this.#upkeep;
    const isUsable = kept !== undefined && elapsed(now(), kept.at) < staleFor;
    const failed = this.#failure;
    // Already known to be away: whoever comes now is not made to wait for the next attempt.
    if (failed !== undefined && isUsable) {
      if (this.#isDue(failed)) void this.#ask();
      return kept.value;
    }
    if (failed !== undefined && this.#underway === undefined && !this.#isDue(failed)) throw failed.error;
    await this.#ask();
    return this.#outcome(isUsable ? kept : undefined);
  }

  #outcome(fallback: Kept<Value> | undefined): Value {
    const usable = this.#failure === undefined ? this.#kept : fallback;
    if (usable === undefined) throw this.#failure?.error;
    return usable.value;
  }

  #isDue({ at, count }: Failure): boolean {
    return elapsed(this.#upkeep.now(), at) >= pauseAfter(count, this.#upkeep.cooldown);
  }

  /** One request for all who wait. It never throws: how it ended is noted. */
  #ask(): Promise<void> {
    this.#underway ??= this.#perform().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  async #perform(): Promise<void> {
    const { now } = this.#upkeep;
    this.#askedAt = now();
    try {
      const fetched = await this.#fetch();
      this.#kept = { ...fetched, at: now() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error, at: now(), count: (this.#failure?.count ?? 0) + 1 };
    }
  }
}
