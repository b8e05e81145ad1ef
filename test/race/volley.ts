import type { Answer } from '../support/tokens.ts';
import { parallel } from './scale.ts';

/** How many answers there were of each kind: `200`, `303 code`, or a status with its error, as `400 invalid_grant`. */
export type Tally = Readonly<Record<string, number>>;

/** Where an answer of the authorization endpoint carries its parameters. */
export function redirected({ headers }: Answer): URLSearchParams | undefined {
  const location = headers.get('location');
  return location === null ? undefined : new URL(location).searchParams;
}

function kindOf(answer: Answer): string {
  const parameters = redirected(answer);
  const error = parameters?.get('error') ?? answer.body['error'];
  if (error !== undefined) return `${answer.status} ${String(error)}`;
  return parameters?.has('code') === true ? `${answer.status} code` : String(answer.status);
}

/** Counts answers by kind. */
export function tally(answers: readonly Answer[]): Tally {
  const counts: Record<string, number> = {};
  for (const kind of answers.map(kindOf)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Sends the same request many times at once, to one node after the other. */
export function volley(
  addresses: readonly string[],
  request: (address: string) => Promise<Answer>,
  times = parallel,
): Promise<Answer[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => request(addresses[index % addresses.length] ?? '')));
}
