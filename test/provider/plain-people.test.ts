import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Engines, openEngines } from './plain-engines.ts';
import { authorizeCases } from './plain-people-authorize.ts';
import { assemblePeople, type PeopleCast } from './plain-people-cast.ts';
import { type Comparison, openComparison } from './plain-people-compare.ts';
import { tokenCases } from './plain-people-tokens.ts';
import { agent } from './plain-wire.ts';

/** For all three together. */
const cases = Number(process.env['PLAIN_PEOPLE_REQUESTS'] ?? 1_500);
const seed = Number(process.env['PLAIN_SEED'] ?? Date.now() % 1_000_000);
const each = Math.ceil(cases / 3);
const timeout = 240_000 + cases * 60;

describe('the plain paths of people', () => {
  let cast: PeopleCast;
  let engines: Engines;
  let comparison: Comparison;
  beforeAll(async () => {
    cast = await assemblePeople();
    engines = await openEngines(cast.house);
    comparison = openComparison(cast, engines);
  }, 60_000);
  afterAll(async () => {
    agent.destroy();
    await engines.close();
    await cast.house.close();
  });

  /** Sends so many cases. @returns how many were successes, and how many of them without the library. */
  async function run<Case>(
    generated: fc.Arbitrary<Case>,
    compare: (wanted: Case) => Promise<number>,
    answered: () => number,
  ): Promise<{ readonly successes: number; readonly plain: number }> {
    const before = answered();
    let successes = 0;
    const property = fc.asyncProperty(generated, async (wanted) => {
      if ((await compare(wanted)) === 200) successes += 1;
    });
    await fc.assert(property, { numRuns: each, seed, endOnFailure: true });
    return { successes, plain: answered() - before };
  }

  /** The generator must reach both sides, or the comparison says nothing. */
  function expectBoth({ successes, plain }: { readonly successes: number; readonly plain: number }): void {
    expect(plain).toBeGreaterThan(each / 12);
    expect(successes - plain).toBeGreaterThan(each / 50);
    expect(each - successes).toBeGreaterThan(each / 5);
  }

  const repeats = `(PLAIN_SEED=${seed} repeats them)`;

  it(
    `answers ${each} generated refreshes exactly as the library does ${repeats}`,
    async () => {
      expectBoth(await run(tokenCases(cast, 'RefreshToken'), comparison.token, engines.answered));
    },
    timeout,
  );

  it(
    `answers ${each} generated redemptions of codes exactly as the library does ${repeats}`,
    async () => {
      expectBoth(await run(tokenCases(cast, 'AuthorizationCode'), comparison.token, engines.answered));
    },
    timeout,
  );

  it(
    `answers ${each} generated authorization requests exactly as the library does ${repeats}`,
    async () => {
      expectBoth(await run(authorizeCases(cast), comparison.authorize, engines.authorized));
    },
    timeout,
  );
});
