/**
 * Ends one caller's wait without touching what is waited for.
 * @throws the reason of the signal.
 */
export async function abortable<Value>(work: () => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    work()
      .finally(() => signal.removeEventListener('abort', aborted))
      .then(resolve, reject);
  });
}
