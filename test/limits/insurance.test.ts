import { describe, expect, it } from '@jest/globals';
import { countInMemory } from '../../src/limits/insurance.ts';

describe('counting in memory', () => {
  it('has room for 20,000 keys, and refuses strangers past that, but nobody that it knows', async () => {
    const counter = countInMemory({ points: 5, duration: 60 });
    for (let index = 0; index < 20_000; index += 1) await counter.add(`caller ${index}`);
    await expect(counter.add('one more')).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(await counter.add('caller 7')).toMatchObject({ points: 2 });
  });

  it('has room again when the time is over', async () => {
    const counter = countInMemory({ points: 5, duration: 0.5 });
    for (let index = 0; index < 20_000; index += 1) await counter.add(`caller ${index}`);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await counter.add('one more')).toMatchObject({ points: 1 });
    expect(await counter.read('caller 7')).toBeUndefined();
  });
});
