import { backOff } from './rules.ts';
import type { Patience } from './types.ts';

/** How an attempt ended. A failure that asking again cannot mend is thrown instead. */
export type Outcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | {
      readonly kind: 'failed';
      readonly error: Error;
      /** Milliseconds that the server asked to wait. */
      readonly retryAfter?: number | undefined;
    };

/** Waits. @throws the reason of the signal. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * Tries until it works, the attempts are used up, or the server asks for a longer wait than the caller has patience for.
 * @param attempt gets its number, from 1.
 * @throws the error of the last attempt.
 */
export async function withRetries<Value>(
  patience: Patience,
  attempt: (number: number) => Promise<Outcome<Value>>,
): Promise<Value> {
  const { maxRetries, retryDelay, maxRetryDelay, signal } = patience;
  for (let number = 1; ; number += 1) {
    const outcome = await attempt(number);
    if (outcome.kind === 'done') return outcome.value;
    const { error, retryAfter = 0 } = outcome;
    const delay = Math.max(retryAfter, Math.min(backOff(number, retryDelay, Math.random()), maxRetryDelay));
    if (number > maxRetries || delay > maxRetryDelay) throw error;
    await pause(delay, signal);
  }
}
