import type { z } from 'zod';
import type { Call, Change, Description, Operation, Schemas } from './types.ts';

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

type Parts<
  Params extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
  Answer extends z.ZodType | undefined,
> = Description & {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer?: Answer;
};

/** Describes an operation that looks, or that changes by one statement of its own. */
export function read<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(
  description: Parts<Params, Query, Body, Answer>,
  run: (call: Call<Output<Params>, Output<Query>, Output<Body>>) => Promise<Input<Answer>>,
): Operation {
  return { ...(description as Description & Schemas), handle: { kind: 'read', run: run as never } };
}

/** What is done before the transaction of a change, where that takes long. */
type Preparation<Params, Query, Body, Prepared> = {
  /**
   * Does what takes long (hashing a password) before the transaction holds a connection and locks. It changes nothing:
   * the change may still be refused, and an answer that is repeated does without what was prepared.
   */
  readonly prepare?: (call: Call<Params, Query, Body>) => Promise<Prepared>;
};

/** Describes an operation that changes something in the management transaction that it is given. */
export function change<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
  Prepared = undefined,
>(
  {
    prepare,
    ...description
  }: Parts<Params, Query, Body, Answer> & Preparation<Output<Params>, Output<Query>, Output<Body>, Prepared>,
  run: (call: Change<Output<Params>, Output<Query>, Output<Body>, Prepared>) => Promise<Input<Answer>>,
): Operation {
  return {
    ...(description as Description & Schemas),
    handle: { kind: 'change', run: run as never, ...(prepare === undefined ? {} : { prepare: prepare as never }) },
  };
}
