import { LRUCache } from 'lru-cache';
import { type Clock, Problem } from '../base/index.ts';
import type { ChangeFeed } from './feed.ts';

export interface LookupCacheOptions<Value> {
  /** Most entries kept. */
  readonly maxEntries: number;
  /** Longest age of an entry in seconds, behind the feed of changes. */
  readonly ttl: number;
  readonly feed: Pick<ChangeFeed, 'onGap' | 'silence'>;
  readonly clock: Clock;
  readonly load: (key: string) => Promise<Value | undefined>;
  readonly onLookup: (outcome: 'hit' | 'miss') => void;
}

/** A bounded cache of rows that the token path reads and management changes. Absence is never cached. */
export interface LookupCache<Value> {
  /** The entry, from memory or loaded. While the database is away an entry that has outlived its time still serves. */
  get(key: string): Promise<Value | undefined>;
  /** Forgets an entry; a load of it that is under way will not be kept. */
  invalidate(key: string): void;
  /** Forgets the entries that a predicate picks. */
  invalidateWhere(predicate: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly loadedAt: number;
}

/** Past this silence of the feed news may be missing, and entries are believed for this long only. Milliseconds. */
const silenceLimit = 2_000;

/**
 * A load may read a row just before it changes and arrive just after the news of it. So a load is kept only while it is
 * still the registered one for its key; every invalidation unregisters it, and the next caller loads anew.
 */
export function createLookupCache<Value>(options: LookupCacheOptions<Value>): LookupCache<Value> {
  const { feed, clock, load } = options;
  const entries = new LRUCache<string, Entry<Value>>({ max: options.maxEntries });
  const loading = new Map<string, Promise<Value | undefined>>();

  function isFresh(entry: Entry<Value>): boolean {
    const limit = feed.silence() < silenceLimit ? options.ttl * 1000 : silenceLimit;
    return clock() - entry.loadedAt < limit;
  }

  function startLoad(key: string): Promise<Value | undefined> {
    const loadedAt = clock();
    const attempt: Promise<Value | undefined> = load(key).then(
      (value) => {
        if (loading.get(key) === attempt) {
          loading.delete(key);
          if (value === undefined) entries.delete(key);
          else entries.set(key, { value, loadedAt });
        }
        return value;
      },
      (error) => {
        if (loading.get(key) === attempt) loading.delete(key);
        throw error;
      },
    );
    loading.set(key, attempt);
    return attempt;
  }

  function forget(key: string): void {
    entries.delete(key);
    loading.delete(key);
  }

  feed.onGap(() => {
    entries.clear();
    loading.clear();
  });

  return {
    async get(key) {
      const entry = entries.get(key);
      if (entry !== undefined && isFresh(entry)) {
        options.onLookup('hit');
        return entry.value;
      }
      options.onLookup('miss');
      try {
        return await (loading.get(key) ?? startLoad(key));
      } catch (error) {
        const stale = entries.get(key);
        if (stale !== undefined && error instanceof Problem && error.code === 'unavailable') return stale.value;
        throw error;
      }
    },
    invalidate: forget,
    invalidateWhere(predicate) {
      // A load under way may turn out to be one of them.
      loading.clear();
      for (const [key, entry] of entries.entries()) {
        if (predicate(entry.value)) forget(key);
      }
    },
  };
}
