import { hashSecret, Problem } from '../base/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { Counted, Known, Memory } from './memory.ts';
import { limitFields } from './rules.ts';
import type { Limiter } from './service.ts';
import type { Limit } from './types.ts';

/** Whose request is counted. */
export interface Subject {
  readonly address: string;
  /** The name of the caller or client, without secrets; empty where there is none. */
  readonly who?: string;
}

/** What stands before something that is limited. */
export interface Gate {
  /**
   * Refuses whoever is known to be past the limit: from the memory of this process, so it costs no round trip.
   * @param subject asked for only when somebody is past a limit.
   * @throws Problem 429.
   */
  check(subject: () => Subject): void;
  /** Counts a request that has failed. Nobody waits for it. */
  note(subject: Subject): void;
  /**
   * Counts a request that is answered from memory, in the background: a question to the database would cost more than the
   * answer. Each process may let through what comes while it learns of the others' counts.
   * @returns the headers that say what is left, as far as it is known; none where the limit is off.
   * @throws Problem 429.
   */
  tally(subject: Subject): Readonly<Record<string, string>>;
  /**
   * Counts a request before it is carried out.
   * @returns the headers that say what is left; none where the limit is off.
   * @throws Problem 429.
   */
  take(subject: Subject): Promise<Readonly<Record<string, string>>>;
}

export interface GateParts {
  readonly name: string;
  readonly limit: Limit;
  readonly limiter: Limiter;
  /** What is counted. */
  readonly keyOf: (subject: Subject) => string;
  readonly memory: Memory;
  readonly isExempt: (address: string) => boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Characters; the name of the limit stands before it. A client whose id is a URL may have a longer one. */
const longestKey = 150;

/** Where there is no limit. */
export const openGate: Gate = {
  check: () => undefined,
  note: () => undefined,
  tally: () => ({}),
  take: async () => ({}),
};

/** Makes the gate of a limit. */
export function createGate(parts: GateParts): Gate {
  const { name, limit, limiter, keyOf, memory, isExempt, logger, metrics } = parts;

  function countedOf(subject: Subject): Counted {
    const key = keyOf(subject);
    return { name, limit, limiter, key: key.length > longestKey ? hashSecret(key).toString('base64url') : key };
  }

  /** The log names each key once for as long as it is refused. */
  function refuse({ key }: Counted, known: Known): never {
    metrics.limited(name);
    if (!known.isTold) logger.warn({ limit: name, key }, 'a limit has been reached');
    known.isTold = true;
    const resetAfter = Math.max(1, Math.ceil((known.until - Date.now()) / 1000));
    const headers = limitFields(name, limit, { allowed: false, remaining: 0, resetAfter });
    throw new Problem('too_many_requests', `Too many requests; try again in ${resetAfter} seconds.`, { headers });
  }

  function refuseSpent(counted: Counted): void {
    const known = memory.findSpent(counted);
    if (known !== undefined) refuse(counted, known);
  }

  return {
    check(subjectOf) {
      if (memory.isQuiet()) return;
      const subject = subjectOf();
      if (!isExempt(subject.address)) refuseSpent(countedOf(subject));
    },
    note(subject) {
      if (!isExempt(subject.address)) memory.add(countedOf(subject));
    },
    tally(subject) {
      if (isExempt(subject.address)) return {};
      const counted = countedOf(subject);
      refuseSpent(counted);
      const { points, unsent, until } = memory.add(counted);
      const remaining = Math.max(0, limit.points - points - unsent);
      const resetAfter = Math.max(1, Math.ceil((until - Date.now()) / 1000));
      return limitFields(name, limit, { allowed: true, remaining, resetAfter });
    },
    async take(subject) {
      if (isExempt(subject.address)) return {};
      const counted = countedOf(subject);
      refuseSpent(counted);
      const verdict = await limiter.count(counted.key, 1);
      const known = verdict.remaining === 0 ? memory.keep(counted, verdict) : undefined;
      if (known !== undefined && !verdict.allowed) refuse(counted, known);
      return limitFields(name, limit, verdict);
    },
  };
}
