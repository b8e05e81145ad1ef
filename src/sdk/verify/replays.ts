/** Where used proofs are noted, for all processes that answer for one resource: a table, or Redis `SET NX PXAT`. */
export interface ReplayStore {
  /**
   * Notes that a proof was used.
   * @param id the proof's key and `jti` as one text, at most 300 characters.
   * @param until milliseconds since 1970 after which it may be forgotten, since the proof is too old by then.
   * @returns whether this was the first time. Of callers at the same moment one is told true.
   * @throws when it cannot say: the request is refused then.
   */
  spend(id: string, until: number): boolean | Promise<boolean>;
}

/** Thrown by a store that can note no more. */
export class ReplayStoreFull extends Error {
  override readonly name = 'ReplayStoreFull';
}

/**
 * Used proofs of one process. It forgets none before its time, or a flood of proofs would make room for an old one:
 * when it is full, it throws.
 */
export class MemoryReplays implements ReplayStore {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;
  readonly #most: number;

  /** @param now milliseconds since 1970. @param most proofs that are kept. */
  constructor(now: () => number = Date.now, most = 200_000) {
    this.#now = now;
    this.#most = most;
  }

  spend(id: string, until: number): boolean {
    if (this.#until.has(id)) return false;
    this.#forget();
    if (this.#until.size >= this.#most) throw new ReplayStoreFull('Too many proofs are in use.');
    this.#until.set(id, until);
    return true;
  }

  /** Two that are over for each that comes: the oldest are at the front. */
  #forget(): void {
    const now = this.#now();
    let looked = 0;
    for (const [id, until] of this.#until) {
      if (until >= now || looked === 2) return;
      this.#until.delete(id);
      looked += 1;
    }
  }
}
