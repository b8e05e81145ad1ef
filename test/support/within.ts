import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until the answer is yes.
 * @param limit milliseconds after which the change came too late.
 * @throws Error when it did not come in time; an answer that itself comes later counts as late.
 */
export async function within(limit: number, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    if ((await holds()) && performance.now() < end) return;
    await wait(10);
  }
  throw new Error(`it did not happen within ${limit} ms`);
}
