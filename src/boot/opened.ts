/** What has been opened so far, to be closed in reverse order, after a failed start too. */
export class Opened {
  readonly #closers: Array<() => Promise<void>> = [];

  add(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  /** Closes all, whatever fails on the way; the first failure is thrown at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0)) await close().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
