import { createHash } from 'node:crypto';
import { Problem, type Sealer } from '../base/index.ts';
import type { ManagementTransaction } from '../store/index.ts';
import { claimAnswer, storeAnswer } from './store.ts';
import type { Caller } from './types.ts';

/** An answer as it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A request that asks to be carried out once, however often it comes (draft-ietf-httpapi-idempotency-key-header). */
export interface Repeatable {
  readonly caller: Caller;
  /** Value of `Idempotency-Key`. */
  readonly key: string;
  /** All that makes up the request: the same key for another one is a mistake. */
  readonly request: readonly unknown[];
}

const purpose = 'idempotent answer';

/** For as long as an answer is given again. Seconds. */
const kept = 86_400;

const keyRule = /^[\x21-\x7e]{1,255}$/;

/** The value of the header. @throws Problem 400 when it is no such value. */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || keyRule.test(header)) return header;
  throw new Problem('malformed_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
}

const digest = (...parts: readonly unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest();

/** What tells the tokens of somebody apart: a narrow one does not get the answers that a wide one got. */
const tokenOf = ({ organizationSid, accountSid, clientId }: Caller): readonly unknown[] =>
  clientId === undefined ? [] : [clientId, organizationSid, accountSid ?? null];

/**
 * Carries a change out once for each key of a caller. The key is claimed, the change made and the answer kept in one
 * transaction: of two requests at once the second waits and gets the first one's answer; after a crash there is either
 * all of it or nothing. A refused request keeps nothing, so it can be mended and sent again.
 */
export async function onlyOnce(
  transaction: ManagementTransaction,
  sealer: Sealer,
  { caller, key, request }: Repeatable,
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  const idHash = digest(caller.kind, caller.id, key, ...tokenOf(caller));
  const requestHash = digest(...request);
  const context = idHash.toString('hex');
  const earlier = await claimAnswer(transaction, idHash, requestHash, kept);
  if (earlier === undefined) {
    const answer = await carryOut();
    await storeAnswer(transaction, idHash, sealer.seal(purpose, context, Buffer.from(JSON.stringify(answer))));
    return answer;
  }
  if (!requestHash.equals(earlier.requestHash)) {
    throw new Problem(
      'idempotency_key_reused',
      'This Idempotency-Key was sent with another request before. Make a new one.',
    );
  }
  const answer = JSON.parse(sealer.open(purpose, context, earlier.answerSealed).toString()) as Answer;
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}
