import { Problem } from '../base/index.ts';

/** Lets work through, so much at a time. */
export type Gate = <Value>(work: () => Promise<Value>) => Promise<Value>;

/**
 * @param width most pieces of work at once.
 * @param queue most that wait for their turn; whoever comes then gets a Problem 503.
 */
export function createGate(width: number, queue: number): Gate {
  const waiting: Array<() => void> = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < width) {
      running += 1;
      return;
    }
    if (waiting.length >= queue)
      throw new Problem('unavailable', 'Too many passwords are looked at right now; try again soon.');
    // Whoever leaves hands over the place, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
