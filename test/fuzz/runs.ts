import type { Parameters } from 'fast-check';

/**
 * How often a property is tried. A failure prints its seed; FUZZ_SEED repeats that run, FUZZ_FACTOR multiplies the
 * number of tries for a long run by hand.
 */
export function tries<Tuple>(count: number): Parameters<Tuple> {
  const { FUZZ_SEED: seed, FUZZ_FACTOR: factor } = process.env;
  return { numRuns: count * Number(factor ?? 1), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
