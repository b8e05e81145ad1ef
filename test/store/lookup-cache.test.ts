import { beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/base/index.ts';
import { createLookupCache, type LookupCache } from '../../src/store/index.ts';

interface Row {
  readonly owner: string;
  readonly version: number;
}

/** A load that was begun and waits for the test to end it. */
interface Load {
  readonly key: string;
  give(row: Row | undefined): void;
  fail(error: Error): void;
}

let now: number;
let silence: number;
let loads: Load[];
let lookups: string[];
let gap: () => void;
let cache: LookupCache<Row>;

beforeEach(() => {
  now = 1_000_000;
  silence = 0;
  loads = [];
  lookups = [];
  cache = createLookupCache<Row>({
    maxEntries: 3,
    ttl: 60,
    clock: () => now,
    feed: {
      silence: () => silence,
      onGap: (flush) => {
        gap = flush;
      },
    },
    load: (key) => new Promise((give, fail) => loads.push({ key, give, fail })),
    onLookup: (outcome) => lookups.push(outcome),
  });
});

const row = (version: number, owner = 'OR1'): Row => ({ owner, version });
const away = () => new Problem('unavailable', 'The database cannot be reached.');

/** Looks up and answers the load that must follow. */
async function load(key: string, given: Row | undefined): Promise<Row | undefined> {
  const before = loads.length;
  const found = cache.get(key);
  expect(loads.length).toBe(before + 1);
  loads.at(-1)?.give(given);
  return found;
}

/** Looks up; a load would be a failure. */
async function remember(key: string): Promise<Row | undefined> {
  const before = loads.length;
  const found = cache.get(key);
  expect(loads.length).toBe(before);
  return found;
}

describe('a lookup cache', () => {
  it('loads once, then answers from memory', async () => {
    expect(await load('a', row(1))).toEqual(row(1));
    expect(await remember('a')).toEqual(row(1));
    expect(lookups).toEqual(['miss', 'hit']);
  });

  it('lets all who ask for the same key at once share one load', async () => {
    const asked = Promise.all(Array.from({ length: 50 }, () => cache.get('a')));
    expect(loads).toHaveLength(1);
    loads[0]?.give(row(1));
    expect(await asked).toEqual(Array.from({ length: 50 }, () => row(1)));
  });

  it('loads two keys side by side', async () => {
    const both = Promise.all([cache.get('a'), cache.get('b')]);
    expect(loads.map(({ key }) => key)).toEqual(['a', 'b']);
    loads[1]?.give(row(2));
    loads[0]?.give(row(1));
    expect(await both).toEqual([row(1), row(2)]);
  });

  it('keeps no more entries than it may: the one that was not used longest goes', async () => {
    for (const key of ['a', 'b', 'c']) await load(key, row(1));
    await remember('a');
    await load('d', row(1));
    for (const key of ['a', 'c', 'd']) await remember(key);
    await load('b', row(2));
  });

  it('never caches that there is nothing', async () => {
    expect(await load('a', undefined)).toBeUndefined();
    expect(await load('a', undefined)).toBeUndefined();
    expect(await load('a', row(1))).toEqual(row(1));
    expect(await remember('a')).toEqual(row(1));
  });

  it('believes an entry for its time by the given clock, counted from the start of its load', async () => {
    const found = cache.get('a');
    now += 1_000;
    loads[0]?.give(row(1));
    await found;
    now += 58_999;
    expect(await remember('a')).toEqual(row(1));
    now += 1;
    expect(await load('a', row(2))).toEqual(row(2));
  });

  it('forgets an entry that has gone from the database', async () => {
    await load('a', row(1));
    now += 60_000;
    expect(await load('a', undefined)).toBeUndefined();
    const next = cache.get('a');
    loads.at(-1)?.fail(away());
    await expect(next).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not remember a failure', async () => {
    const failed = cache.get('a');
    loads[0]?.fail(new Error('out of luck'));
    await expect(failed).rejects.toThrow('out of luck');
    expect(await load('a', row(1))).toEqual(row(1));
  });
});

describe('news of a change', () => {
  it('makes the next look-up load, of that key only', async () => {
    await load('a', row(1));
    await load('b', row(1));
    cache.invalidate('a');
    await remember('b');
    expect(await load('a', row(2))).toEqual(row(2));
  });

  it('keeps a load that began before it from being remembered, however late it ends', async () => {
    const early = cache.get('a');
    cache.invalidate('a');
    const late = load('a', row(2));
    expect(await late).toEqual(row(2));
    loads[0]?.give(row(1));
    expect(await early).toEqual(row(1));
    expect(await remember('a')).toEqual(row(2));
  });

  it('lets nobody who asks after it join a load that began before it', async () => {
    const early = cache.get('a');
    cache.invalidate('a');
    const late = cache.get('a');
    expect(loads).toHaveLength(2);
    loads[0]?.give(row(1));
    loads[1]?.give(row(2));
    expect(await Promise.all([early, late])).toEqual([row(1), row(2)]);
  });

  it('is not undone by the failure of a load that began before it', async () => {
    const early = cache.get('a');
    cache.invalidate('a');
    const late = cache.get('a');
    loads[0]?.fail(new Error('cut off'));
    await expect(early).rejects.toThrow('cut off');
    const joined = cache.get('a');
    expect(loads).toHaveLength(2);
    loads[1]?.give(row(2));
    expect(await Promise.all([late, joined])).toEqual([row(2), row(2)]);
  });

  it('of an owner forgets the entries of that owner, and every load under way', async () => {
    await load('a', row(1, 'OR1'));
    await load('b', row(1, 'OR2'));
    const racing = cache.get('c');
    cache.invalidateWhere((entry) => entry.owner === 'OR1');
    loads.at(-1)?.give(row(1, 'OR1'));
    await racing;
    await remember('b');
    expect(await load('a', row(2))).toEqual(row(2));
    expect(await load('c', row(2))).toEqual(row(2));
  });
});

describe('a gap in the feed', () => {
  it('empties the cache, and what was being loaded is not kept', async () => {
    await load('a', row(1));
    const racing = cache.get('b');
    gap();
    loads.at(-1)?.give(row(1));
    await racing;
    expect(await load('a', row(2))).toEqual(row(2));
    expect(await load('b', row(2))).toEqual(row(2));
  });

  it('shortens belief to two seconds while the feed is silent, and gives it back when it speaks again', async () => {
    await load('a', row(1));
    silence = 1_999;
    now += 30_000;
    await remember('a');
    silence = 2_000;
    await load('a', row(2));
    now += 1_999;
    await remember('a');
    now += 1;
    await load('a', row(3));
    now += 2_000;
    silence = 0;
    expect(await remember('a')).toEqual(row(3));
  });
});

describe('while the database is away', () => {
  /** Looks up while the load fails with an error. */
  function lookUp(error: Error): Promise<Row | undefined> {
    const found = cache.get('a');
    loads.at(-1)?.fail(error);
    return found;
  }

  it('an entry that has outlived its time still serves', async () => {
    await load('a', row(1));
    now += 600_000;
    silence = 600_000;
    expect(await lookUp(away())).toEqual(row(1));
    expect(await load('a', row(2))).toEqual(row(2));
  });

  it('an entry that was changed does not serve', async () => {
    await load('a', row(1));
    cache.invalidate('a');
    await expect(lookUp(away())).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a key that was never loaded fails', async () => {
    await expect(lookUp(away())).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is told apart from a failure of the statement, which no old entry hides', async () => {
    await load('a', row(1));
    now += 60_000;
    await expect(lookUp(new Error('column does not exist'))).rejects.toThrow('column does not exist');
    await expect(lookUp(new Problem('server_error', 'Something went wrong.'))).rejects.toThrow('Something went wrong.');
  });
});
