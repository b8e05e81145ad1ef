import type { Parameters } from 'fast-check';

const factor = Number(process.env['FUZZ_FACTOR'] ?? 1);

/** Milliseconds that a property may take on a busy machine: far more than it needs, so that only a hang exceeds it. */
export const patience = 120_000 * factor;

/**
 * How often a property is tried. A failure prints its seed; FUZZ_SEED repeats that run, FUZZ_FACTOR multiplies the
 * number of tries for a long run by hand.
 */
export function tries<Tuple>(count: number): Parameters<Tuple> {
  const { FUZZ_SEED: seed } = process.env;
  return {
    numRuns: count * factor,
    // Before jest's own end, which would print no seed.
    interruptAfterTimeLimit: patience - 10_000,
    markInterruptAsFailure: true,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}
