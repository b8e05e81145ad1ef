import { expect } from '@jest/globals';
import type { Answer } from '../../support/tokens.ts';

/** A refusal, with all that both kinds of clients read. */
export function expectRefusal(answer: Answer, status: number, error: string, code: number, says: RegExp): void {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      code,
      message: expect.stringMatching(says),
      more_info: expect.stringMatching(/^http.+\/reference\/errors#[a-z_]+$/),
      status,
      error,
      error_description: answer.body['message'],
      errors: [expect.objectContaining({ code: expect.any(String), detail: answer.body['message'] })],
    },
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
}

/** The refusal of a request that cannot be read. */
export const expectMalformed = (answer: Answer, says: RegExp) =>
  expectRefusal(answer, 400, 'invalid_request', 20001, says);
