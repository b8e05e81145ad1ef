/** A bounded memory of answers, each with an end of its own: of too many the one unused for longest goes. */
export class Recent<Value> {
  readonly #kept = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @param now milliseconds since 1970. */
  get(key: string, now: number): Value | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    if (found.until <= now) return undefined;
    this.#kept.set(key, found);
    return found.value;
  }

  set(key: string, value: Value, until: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until });
    if (this.#kept.size <= this.#most) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
