import { type Clock, Problem } from '../base/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createRegister, type Register } from './register.ts';
import { insertRevocation, isRevokedInDatabase, maxTokens, readRevocations } from './store.ts';
import type { Revocation, TokenFacts } from './types.ts';

/** Who no longer counts. Every node answers from memory; Postgres is the truth behind it. */
export interface Revocations {
  /** Revokes one token. This node knows it at once, the others by the feed. @param expiresAt milliseconds. */
  revokeToken(jti: string, expiresAt: number): Promise<void>;
  /** Takes note of a family that this node has just ended: the database's trigger tells the others. @param family hex. */
  noteFamily(family: string): void;
  /** Whether a token is revoked. Asks the database only when memory cannot know. */
  isRevoked(facts: TokenFacts): Promise<boolean>;
  close(): void;
}

export type RevocationSource = Pick<Store, 'sql' | 'feed'>;

/** Past this silence of the feed memory may lack news, and the database is asked. Milliseconds. */
const silenceLimit = 2_000;
/** Reconciling reads this far back behind the last reading, over clocks and transactions that were open. */
const overlapMs = 120_000;
const reconcileEveryMs = 30_000;
/** No access token lives longer than 24 hours; the hour on top is for clocks that differ. */
const longestMs = 90_000_000;

interface Reconciliation {
  /** Reads again what is recent, and forgets what has expired. */
  run(): Promise<void>;
  /** Whether nothing can be missing that was revoked before the feed last fell silent. */
  isComplete(): boolean;
}

/** The feed tells nothing of what happened while it was interrupted: until that is read, memory is not to be believed. */
function reconciler({ sql, feed }: RevocationSource, register: Register, clock: Clock, warn: (error: unknown) => void) {
  let readUpTo = 0;
  let gaps = 1;
  let gapsRead = 0;

  async function run(): Promise<void> {
    const started = clock();
    const gapsBefore = gaps;
    const { revocations, omittedUntil } = await readRevocations(sql, new Date(Math.max(0, readUpTo - overlapMs)));
    for (const revocation of revocations) register.add(revocation);
    register.omit(omittedUntil);
    register.prune(started);
    readUpTo = started;
    gapsRead = gapsBefore;
  }

  feed.onGap(() => {
    gaps += 1;
    run().catch(warn);
  });
  return { run, isComplete: () => gapsRead === gaps } satisfies Reconciliation;
}

/** Reads what is revoked now and follows the feed. */
export async function openRevocations(source: RevocationSource, logger: Logger, clock: Clock): Promise<Revocations> {
  const { sql, feed } = source;
  const register = createRegister(maxTokens);
  const warn = (error: unknown) =>
    logger.warn({ err: error }, 'revocations were not reconciled; the database is asked until they are');

  feed.subscribe('revocation', (payload) => register.add(JSON.parse(payload) as Revocation));
  const reconciliation = reconciler(source, register, clock, warn);
  await reconciliation.run();
  const timer = setInterval(() => reconciliation.run().catch(warn), reconcileEveryMs).unref();

  /** While the database is away nobody can record a revocation either: what memory knows is what there is. */
  async function askDatabase(facts: TokenFacts): Promise<boolean> {
    try {
      return await isRevokedInDatabase(sql, facts);
    } catch (error) {
      if (error instanceof Problem && error.code === 'unavailable') return false;
      throw error;
    }
  }

  return {
    async revokeToken(jti, expiresAt) {
      // Whenever it was issued: the clock of the node that did so may be ahead of this one's.
      const revocation: Revocation = { kind: 'jti', subject: jti, revokedBefore: expiresAt, expiresAt };
      await insertRevocation(sql, revocation);
      register.add(revocation);
    },
    noteFamily(family) {
      const until = clock() + longestMs;
      register.add({ kind: 'family', subject: family, revokedBefore: until, expiresAt: until });
    },
    async isRevoked(facts) {
      const verdict = register.judge(facts);
      if (verdict === 'revoked') return true;
      if (verdict === 'valid' && reconciliation.isComplete() && feed.silence() < silenceLimit) return false;
      return askDatabase(facts);
    },
    close: () => clearInterval(timer),
  };
}
