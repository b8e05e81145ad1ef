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

/** Describes an operation that changes something in the management transaction that it is given. */
export function change<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(
  description: Parts<Params, Query, Body, Answer>,
  run: (call: Change<Output<Params>, Output<Query>, Output<Body>>) => Promise<Input<Answer>>,
): Operation {
  return { ...(description as Description & Schemas), handle: { kind: 'change', run: run as never } };
}
