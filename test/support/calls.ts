import { type Answer, send } from './tokens.ts';

/** Calls the management API of one server with one credential. */
export type ManagementCaller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** @param bearer an API key or an access token. */
export function callsAs(address: string, bearer: string): ManagementCaller {
  return (method, path, body, headers = {}) =>
    send(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/** The record of a good answer. @throws Error naming what came instead. */
export function recordOf<Shape extends Readonly<Record<string, unknown>>>(answer: Answer, status = 200): Shape {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer.body['data'] as Shape;
}

/** Where an answer says that faults are, and what they are. */
export const faultsIn = (answer: Answer) =>
  (
    answer.body['errors'] as ReadonlyArray<{ code: string; detail: string; source?: Readonly<Record<string, string>> }>
  ).map(({ code, detail, source }) => [source?.['pointer'] ?? source?.['parameter'], code, detail] as const);
