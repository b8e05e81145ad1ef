import { requireFunction, requireNumber, requireOptions } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { MemoryReplays, type ReplayStore } from './replays.ts';

/** The algorithms of proofs that can be taken (RFC 9449 section 4.3: asymmetric ones only). */
export const proofAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;
export type ProofAlgorithm = (typeof proofAlgorithms)[number];

/** How proofs of possession are checked (RFC 9449). */
export interface DpopOptions {
  /** Whether tokens that are bound to no key are refused. Default false. */
  readonly required?: boolean | undefined;
  readonly algorithms?: readonly ProofAlgorithm[] | undefined;
  /** Seconds for which a proof is good. Default 60. */
  readonly maxAge?: number | undefined;
  /** Where used proofs are noted. Default: in this process, which is right for a single one. */
  readonly replays?: ReplayStore | undefined;
}

export interface DpopSettings {
  readonly required: boolean;
  readonly algorithms: readonly ProofAlgorithm[];
  readonly maxAge: number;
  readonly replays: ReplayStore;
}

/** @param now milliseconds since 1970. @throws InvalidArgumentError */
export function parseDpop(given: DpopOptions, now: () => number): DpopSettings {
  const { required = false, algorithms = proofAlgorithms, maxAge = 60, replays } = requireOptions('dpop', given);
  const isKnown = Array.isArray(algorithms) && algorithms.length > 0;
  if (!isKnown || algorithms.some((name) => !proofAlgorithms.includes(name))) {
    throw new InvalidArgumentError('dpop.algorithms', `must be some of ${proofAlgorithms.join(', ')}.`);
  }
  if (replays !== undefined) requireFunction('dpop.replays.spend', requireOptions('dpop.replays', replays).spend);
  return {
    required: required === true,
    algorithms: [...algorithms],
    maxAge: requireNumber('dpop.maxAge', maxAge, { unit: 'seconds', min: 1, max: 3600 }),
    replays: replays ?? new MemoryReplays(now),
  };
}
