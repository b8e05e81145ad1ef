import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backgroundDelay, type Lifetimes, lifetimeOf, planOf } from '../../../src/sdk/tokens/rules.ts';

const now = 1_800_000_000;
const unknown: Lifetimes = {
  expiresIn: undefined,
  exp: undefined,
  iat: undefined,
  serverNow: undefined,
  localNow: now,
};

describe('how long a token is good', () => {
  const cases: ReadonlyArray<[string, Partial<Lifetimes>, number]> = [
    ['expires_in alone', { expiresIn: 3600 }, 3600],
    ['exp alone, by the local clock', { exp: now + 600 }, 600],
    ['the sooner of the two: expires_in', { expiresIn: 300, exp: now + 600 }, 300],
    ['the sooner of the two: exp', { expiresIn: 3600, exp: now + 600 }, 600],
    ['exp by the server clock, ours being ten minutes fast', { exp: now, serverNow: now - 600 }, 600],
    ['exp by the server clock, ours being ten minutes slow', { exp: now + 1200, serverNow: now + 600 }, 600],
    ['exp by iat where the server does not tell the time', { exp: now - 3000, iat: now - 3600 }, 600],
    ['exp of a token that the server had for a while', { exp: now + 100, iat: now - 3500, serverNow: now }, 100],
    ['an hour ago', { exp: now - 3600 }, 0],
    ['nothing: a minute', {}, 60],
  ];
  it.each(cases)('counts %s', (_name, known, seconds) => {
    expect(lifetimeOf({ ...unknown, ...known })).toBe(seconds);
  });
});

describe('how a token is used', () => {
  const plans = fc.record({
    lifetime: fc.double({ min: 0, max: 100_000, noNaN: true }),
    leeway: fc.double({ min: 0, max: 1000, noNaN: true }),
    cacheTtl: fc.option(fc.double({ min: 0, max: 100_000, noNaN: true }), { nil: undefined }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('never keeps it past its end or past cacheTtl, and always refreshes before', () => {
    fc.assert(
      fc.property(plans, ({ lifetime, leeway, cacheTtl, random }) => {
        const { usableFor, refreshAfter } = planOf(lifetime, { leeway, cacheTtl }, random);
        expect(usableFor).toBeLessThanOrEqual(lifetime * 1000);
        expect(usableFor).toBeLessThanOrEqual((cacheTtl ?? Number.POSITIVE_INFINITY) * 1000);
        expect(refreshAfter).toBeLessThanOrEqual(usableFor);
        expect(refreshAfter).toBeGreaterThanOrEqual(usableFor * 0.75 - 0.001);
      }),
    );
  });

  it('spares half a minute of an hour, and refreshes at another moment in each process', () => {
    const of = (random: number) => planOf(3600, { leeway: 30, cacheTtl: undefined }, random);
    expect(of(0)).toEqual({ usableFor: 3_570_000, refreshAfter: 3_420_000 });
    expect(of(1)).toEqual({ usableFor: 3_570_000, refreshAfter: 3_270_000 });
  });

  it('uses most of a short token all the same', () => {
    expect(planOf(20, { leeway: 30, cacheTtl: undefined }, 0).usableFor).toBe(18_000);
  });
});

it('waits longer after each failed refresh, up to a minute, or as long as the server asks', () => {
  expect([1, 2, 3, 20].map((failures) => backgroundDelay(failures, undefined))).toEqual([1000, 2000, 4000, 60_000]);
  expect(backgroundDelay(1, 120_000)).toBe(120_000);
});
