import type { z } from 'zod';
import { Problem, type ProblemFault, type Sealer } from '../base/index.ts';
import { inTransaction, type Management } from '../store/index.ts';
import { checkScopes } from './access.ts';
import { etagOf, matchEtag } from './etag.ts';
import { faultsOf, refuseFaults } from './faults.ts';
import { type Answer, onlyOnce } from './idempotency.ts';
import type { Call, Caller, Change, Operation, Origin } from './types.ts';

export interface ExecutorParts {
  readonly management: Management;
  readonly sealer: Sealer;
  /** Whether every answer is held against its schema: in tests, where a breach is a failure. */
  readonly checkAnswers: boolean;
}

/** A request for an operation, its parts as they came. */
export interface RawCall {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly origin: Origin;
  /** Value of `If-Match`. */
  readonly ifMatch?: string | undefined;
  /** Value of `Idempotency-Key`, already checked. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Carries an operation out, for HTTP and the command line alike.
 * @throws Problem 403 scope or role, 404, 412, 422 with every fault of query and body, 503.
 */
export type Executor = (operation: Operation, call: RawCall) => Promise<Answer>;

function parsePart(schema: z.ZodType | undefined, value: unknown, place: 'body' | 'query', faults: ProblemFault[]) {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  faults.push(...faultsOf(parsed.error, place));
  return undefined;
}

/** A path that cannot name anything names nothing. */
function parseParams(schema: z.ZodObject | undefined, value: unknown): unknown {
  const parsed = schema?.safeParse(value);
  if (parsed?.success === false) throw new Problem('not_found', 'There is nothing with this id.');
  return parsed?.data;
}

function parseCall(operation: Operation, raw: RawCall): Call {
  const params = parseParams(operation.params, raw.params);
  const faults: ProblemFault[] = [];
  const query = parsePart(operation.query, raw.query, 'query', faults);
  const body = parsePart(operation.body, raw.body, 'body', faults);
  refuseFaults(faults);
  return { params, query, body, caller: raw.caller, origin: raw.origin };
}

/** Prepares the carrying out of operations. */
export function createExecutor({ management, sealer, checkAnswers }: ExecutorParts): Executor {
  function answerOf(operation: Operation, body: unknown): Answer {
    const { answer: schema, status } = operation;
    if (checkAnswers && schema !== undefined && operation.lines !== true) {
      const checked = schema.safeParse(body);
      if (!checked.success) throw new Error(`${operation.id} breaks its own schema: ${checked.error.message}`);
    }
    // What was just made may hold secrets that no retrieval shows again: its tag would fit nothing.
    const isRecord = schema !== undefined && operation.method !== 'post' && operation.lines !== true;
    return { status, headers: isRecord ? { etag: etagOf(body) } : {}, body };
  }

  async function carryOutChange(operation: Operation, raw: RawCall, call: Call): Promise<Answer> {
    const { handle } = operation;
    if (handle.kind !== 'change') throw new Error(`${operation.id} changes nothing`);
    const prepared = await handle.prepare?.(call);
    return inTransaction(management, async (transaction) => {
      const whole: Change = { ...call, prepared, transaction, match: (current) => matchEtag(raw.ifMatch, current) };
      const carryOut = async () => answerOf(operation, await handle.run(whole));
      const { idempotencyKey: key, caller } = raw;
      if (key === undefined) return carryOut();
      const request = [operation.id, raw.params, raw.query, raw.body];
      return onlyOnce(transaction, sealer, { caller, key, request }, carryOut);
    });
  }

  return async (operation, raw) => {
    checkScopes(raw.caller, operation);
    const call = parseCall(operation, raw);
    if (operation.handle.kind === 'change') return carryOutChange(operation, raw, call);
    return answerOf(operation, await operation.handle.run(call));
  };
}
