import { expect } from '@jest/globals';
import type { House } from '../support/house.ts';
import type { RawAnswer } from '../support/raw-request.ts';

/** Addresses of the twilio clients, who read more of a refusal. */
export const twilioPaths = ['/v1/token', '/v2/token', '/v2/token?account_sid=x', '/v1/token?%'];

/** The token endpoint answers with a token, or with a refusal as RFC 6749 section 5.2 has it. */
export function expectTokenOrRefusal(answer: RawAnswer, path: string): void {
  const body = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
  const kinds = (...names: readonly string[]) => names.map((name) => typeof body[name]);
  if (answer.status <= 201) {
    expect(body).toHaveProperty('access_token');
    return;
  }
  // What is too large to be read as a request is refused before its path is known.
  const isForTwilio = twilioPaths.includes(path) && answer.status !== 431;
  const forTwilio = isForTwilio ? ['number', 'string', 'string'] : Array(3).fill('undefined');
  expect(kinds('error', 'error_description')).toEqual(['string', 'string']);
  expect(kinds('code', 'message', 'more_info')).toEqual(forTwilio);
}

/** What a token of the demo's clients can be narrowed to, and what it cannot. */
export function placesOf({ demo }: House): readonly string[] {
  const { organization_sid: organization, account_sid: account = '' } = demo;
  return [organization, account, organization.toUpperCase(), `OR${'0'.repeat(32)}`, `AC${'0'.repeat(32)}`];
}
