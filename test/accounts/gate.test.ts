import { describe, expect, it } from '@jest/globals';
import { createGate } from '../../src/accounts/gate.ts';

/** Work that ends when it is told to. */
function slowWork() {
  const ends: Array<() => void> = [];
  let most = 0;
  let running = 0;
  return {
    most: () => most,
    endOne: () => ends.shift()?.(),
    async run() {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a gate', () => {
  it('lets so much work through at once, the rest in turn, and refuses what finds the queue full', async () => {
    const work = slowWork();
    const gate = createGate(2, 3);
    const inside = Array.from({ length: 5 }, () => gate(() => work.run()));
    await expect(gate(() => work.run())).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    for (const _ of inside) {
      work.endOne();
      await settle();
    }
    await Promise.all(inside);
    expect(work.most()).toBe(2);
    const again = gate(() => work.run());
    await settle();
    work.endOne();
    await again;
  });

  it('stays open after work that failed', async () => {
    const gate = createGate(1, 1);
    await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate(async () => 'yes')).toBe('yes');
  });
});
