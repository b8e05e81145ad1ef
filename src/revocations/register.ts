import type { Revocation, RevocationKind, TokenFacts } from './types.ts';

/** What a register knows about a token. `unknown`: its `jti` may have been left out for want of room. */
export type Verdict = 'revoked' | 'valid' | 'unknown';

interface Entry {
  revokedBefore: number;
  expiresAt: number;
}

/** Revocations in memory. Single tokens are bounded in number; the other kinds are few by nature. */
export interface Register {
  add(revocation: Revocation): void;
  /** Notes that single tokens were left out elsewhere. @param until when the last of them expires, in milliseconds. */
  omit(until: number): void;
  judge(facts: TokenFacts): Verdict;
  /** Drops what has expired. @param now milliseconds since the epoch. */
  prune(now: number): void;
  readonly size: number;
}

/** Whether a token of this time is among those that no longer count. @param iat seconds since the epoch. */
const covers = (entry: Entry | undefined, iat: number) => entry !== undefined && iat * 1000 <= entry.revokedBefore;

/** @param maxTokens most `jti` entries kept; past that the register cannot vouch for a single token any more. */
export function createRegister(maxTokens: number): Register {
  const byKind = new Map<RevocationKind, Map<string, Entry>>();
  /** Until when a `jti` that was not kept would have mattered. */
  let incompleteUntil = 0;

  function entriesOf(kind: RevocationKind): Map<string, Entry> {
    const found = byKind.get(kind);
    if (found !== undefined) return found;
    const entries = new Map<string, Entry>();
    byKind.set(kind, entries);
    return entries;
  }

  function omit(until: number): void {
    incompleteUntil = Math.max(incompleteUntil, until);
  }

  return {
    omit,
    add({ kind, subject, revokedBefore, expiresAt }) {
      const entries = entriesOf(kind);
      const known = entries.get(subject);
      if (known !== undefined) {
        known.revokedBefore = Math.max(known.revokedBefore, revokedBefore);
        known.expiresAt = Math.max(known.expiresAt, expiresAt);
      } else if (kind === 'jti' && entries.size >= maxTokens) {
        omit(expiresAt);
      } else {
        entries.set(subject, { revokedBefore, expiresAt });
      }
    },
    judge({ iat, subjects }) {
      for (const kind in subjects) {
        const subject = subjects[kind as RevocationKind];
        if (subject === undefined) continue;
        const entries = byKind.get(kind as RevocationKind);
        const isEnded =
          typeof subject === 'string'
            ? covers(entries?.get(subject), iat)
            : subject.some((one) => covers(entries?.get(one), iat));
        if (isEnded) return 'revoked';
      }
      return incompleteUntil === 0 ? 'valid' : 'unknown';
    },
    prune(now) {
      for (const entries of byKind.values()) {
        for (const [subject, entry] of entries) {
          if (entry.expiresAt <= now) entries.delete(subject);
        }
      }
      if (incompleteUntil <= now) incompleteUntil = 0;
    },
    get size() {
      return [...byKind.values()].reduce((sum, entries) => sum + entries.size, 0);
    },
  };
}
