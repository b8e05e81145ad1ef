import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/base/index.ts';
import type { Limiter, Verdict } from '../../src/limits/index.ts';
import { type Counted, createMemory } from '../../src/limits/memory.ts';
import { within } from '../support/within.ts';
import { silentLogger } from './stores.ts';

const limit = { points: 10, duration: 60 };

interface Call {
  readonly key: string;
  readonly times: number;
  answer(): void;
  fail(error: Error): void;
}

/** A limiter whose answers come when the test says so. */
function slowLimiter() {
  const calls: Call[] = [];
  const counts = new Map<string, number>();
  const count = (key: string, times: number) =>
    new Promise<Verdict>((resolve, reject) => {
      calls.push({
        key,
        times,
        answer() {
          const points = (counts.get(key) ?? 0) + times;
          counts.set(key, points);
          const allowed = points <= limit.points;
          const remaining = Math.max(0, limit.points - points);
          resolve({ allowed, remaining, retryAfter: allowed ? 0 : 60, resetAfter: 60, at: Date.now() });
        },
        fail: reject,
      });
    });
  return { calls, limiter: { count } as unknown as Limiter };
}

function open() {
  const { calls, limiter } = slowLimiter();
  const memory = createMemory(silentLogger);
  const of = (key: string): Counted => ({ name: 'some', key, limit, limiter });
  const add = (key: string, times = 1) => {
    for (let index = 0; index < times; index += 1) memory.add(of(key));
  };
  return { calls, memory, of, add };
}

describe('the memory of the limits', () => {
  it('has one count of a key under way, and adds up what comes meanwhile', async () => {
    const { calls, add } = open();
    add('a', 1_000);
    expect(calls.map(({ times }) => times)).toEqual([1]);
    calls[0]?.answer();
    await within(2_000, async () => calls.length === 2);
    expect(calls[1]).toMatchObject({ key: 'a', times: 999 });
    calls[1]?.answer();
    add('a');
    await within(2_000, async () => calls.length === 3);
    expect(calls[2]?.times).toBe(1);
  });

  it('counts what has not been answered yet', () => {
    const { memory, of, add } = open();
    expect(memory.isQuiet()).toBe(true);
    add('a', 9);
    expect([memory.isQuiet(), memory.findSpent(of('a'))]).toEqual([true, undefined]);
    add('a', 1);
    expect([memory.isQuiet(), memory.findSpent(of('a'))]).toMatchObject([false, { unsent: 10 }]);
    expect(memory.findSpent(of('b'))).toBeUndefined();
  });

  it('has few counts under way at once, and comes to all of them', async () => {
    const { calls, add } = open();
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    for (const key of keys) add(key);
    let answered = 0;
    while (answered < keys.length) {
      expect(calls.length - answered).toBeLessThanOrEqual(4);
      calls[answered]?.answer();
      answered += 1;
      await within(2_000, async () => calls.length >= Math.min(keys.length, answered + 4));
    }
    expect(calls.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  });

  it('keeps what could not be counted, and sends it with the next', async () => {
    const { calls, memory, of, add } = open();
    add('a');
    calls[0]?.fail(new Problem('unavailable', 'There is no room.'));
    await within(2_000, async () => {
      add('a');
      return calls.length === 2;
    });
    expect(calls[1]?.times).toBeGreaterThanOrEqual(2);
    calls[1]?.fail(new Error('a statement was wrong'));
    add('a', 10);
    expect(memory.findSpent(of('a'))).toBeDefined();
  });

  it('forgets those who came first, not those who are refused now', () => {
    const { memory, of, add } = open();
    add('refused', 10);
    for (let index = 0; index < 30_000; index += 1) {
      add(`stranger ${index}`);
      if (index % 1_000 === 0) expect(memory.findSpent(of('refused'))).toBeDefined();
    }
    expect(memory.findSpent(of('refused'))).toBeDefined();
  });
});
