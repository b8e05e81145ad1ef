import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/index.ts';
import type { Outbound } from '../outbound/index.ts';

/** Key sets are small: 64 keys of 4,096 bits do not fill this. */
const request = { maxBytes: 64 * 1024, timeoutMs: 2_500, accept: 'application/json' };

/** Milliseconds that an answer is kept at least, at most and when the other side says nothing, and a failure. */
const keep = { least: 60_000, most: 3_600_000, failed: 30_000 } as const;

const maxCacheBytes = 8 * 1024 * 1024;
const entryWeight = 512;

/** Fetches under way at once; beyond them assertions fail. */
const maxFetches = 64;

/** A body, or why there is none. */
type Fetched = { readonly body: Buffer } | { readonly reason: string };

/** RFC 9111 section 5.2.2.1, within bounds: neither a fetch for each request nor keys for ever. */
function lifetimeOf(cacheControl: string | undefined): number {
  const seconds = /(?:^|[\s,])max-age=(\d{1,9})/.exec(cacheControl ?? '')?.[1];
  return Math.min(keep.most, Math.max(keep.least, Number(seconds ?? 0) * 1000));
}

/**
 * The `fetch` of the protocol library, which gets the key sets at clients' `jwks_uri` by it: through the guarded fetch,
 * each address by one request at a time. What came is kept for a while, and so is a failure, so that nobody makes this
 * server knock at somebody's door as often as they like.
 */
export function keyFetch(outbound: Outbound, clock: Clock): (url: string | URL) => Promise<Response> {
  const known = new LRUCache<string, Fetched>({
    max: 10_000,
    maxSize: maxCacheBytes,
    perf: { now: clock },
    ttlResolution: 0,
    sizeCalculation: (fetched) => entryWeight + ('body' in fetched ? fetched.body.length : 0),
  });
  const underWay = new Map<string, Promise<Fetched>>();

  async function load(url: string): Promise<Fetched> {
    const answer = await outbound.fetch(url, request);
    const fetched = answer.ok ? { body: answer.value.body } : { reason: answer.fault.reason };
    const ttl = answer.ok ? lifetimeOf(answer.value.headers['cache-control']) : keep.failed;
    known.set(url, fetched, { ttl });
    return fetched;
  }

  function start(url: string): Promise<Fetched> {
    if (underWay.size >= maxFetches) return Promise.resolve({ reason: 'too many at once' });
    const loading = load(url).finally(() => underWay.delete(url));
    underWay.set(url, loading);
    return loading;
  }

  return async (target) => {
    const url = String(target);
    const fetched = known.get(url) ?? (await (underWay.get(url) ?? start(url)));
    if ('reason' in fetched) throw new Error(`the key set cannot be fetched: ${fetched.reason}`);
    return new Response(new Uint8Array(fetched.body));
  };
}
