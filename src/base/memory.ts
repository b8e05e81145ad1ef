import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** The young generation is let grow to two halves of this size. Bytes. */
const youngHalf = 4 * 1024 * 1024;

/**
 * V8 is generous by itself: under load the young generation grows to two halves of 16 MB and a copy of one, and the old
 * generation to several times what lives in it before it is collected. What living on less costs and brings is in
 * docs/operations.md.
 */
const thrift = '--heap-growing-percent=40';
const growNoMore = '--semi-space-growth-factor=1';

const youngSize = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/**
 * Makes V8 use little memory. To be called before the server is loaded: a young generation that has grown stays so. It
 * is watched while it grows, since a limit for it (--max-semi-space-size) works on Node's command line only, which is
 * the operator's.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(thrift);
  const observer = new PerformanceObserver(() => {
    if (youngSize() < 2 * youngHalf) return;
    setFlagsFromString(growNoMore);
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
