import { describe, expect, it } from '@jest/globals';
import { errorCodes, Problem, problemFrom, StartupError } from '../../src/base/index.ts';

describe('a problem', () => {
  it('takes status, OAuth code and title from its row, and keeps the cause apart from the public detail', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.1:5432');
    const problem = new Problem('unavailable', 'Try again in a moment.', { cause, headers: { 'retry-after': '1' } });
    expect(problem).toMatchObject({
      name: 'Problem',
      code: 'unavailable',
      status: 503,
      oauth: 'temporarily_unavailable',
      detail: 'Try again in a moment.',
      headers: { 'retry-after': '1' },
      cause,
    });
    expect(JSON.stringify(problem)).not.toContain('ECONNREFUSED');
  });

  it('has no cause and no headers unless they are given', () => {
    const problem = new Problem('not_found', 'There is nothing here.');
    expect('cause' in problem).toBe(false);
    expect(problem.headers).toEqual({});
  });
});

describe('the numbers of problems', () => {
  it('are those that clients have built on', () => {
    const numbers = Object.fromEntries(errorCodes().map(({ code, number }) => [code, number]));
    expect(numbers).toMatchObject({
      ...{ malformed_request: 20001, invalid_client: 20003, invalid_token: 20003, method_not_allowed: 20004 },
      ...{ access_denied: 20403, not_found: 20404, precondition_failed: 20412, payload_too_large: 20413 },
      ...{ unsupported_media_type: 20415, unprocessable: 20422, too_many_requests: 20429, server_error: 20500 },
      ...{ unavailable: 20503, required: 20422, invalid_value: 20422, unknown_property: 20422 },
      ...{ unauthorized_client: 29001, invalid_grant: 29002, unsupported_grant_type: 29003, invalid_scope: 29004 },
      ...{ invalid_target: 29005, insufficient_scope: 29006, invalid_dpop_proof: 29007, use_dpop_nonce: 29008 },
      ...{ invalid_client_metadata: 29011, invalid_redirect_uri: 29012, invalid_client_document: 29013 },
      idempotency_key_reused: 29014,
    });
  });

  it('are shared by those problems alone that Twilio tells by one', () => {
    const codes = errorCodes().filter(({ number }) => number !== 20003 && number !== 20422);
    expect(new Set(codes.map(({ number }) => number)).size).toBe(codes.length);
  });
});

describe('an error of the protocol library', () => {
  it('is the problem of its code and status, else of its code, else of its status', () => {
    const codeOf = (oauth: string, status: number) => problemFrom(oauth, status, undefined).code;
    expect(codeOf('invalid_grant', 400)).toBe('invalid_grant');
    expect(codeOf('invalid_client', 401)).toBe('invalid_client');
    expect(codeOf('invalid_request', 413)).toBe('payload_too_large');
    expect(codeOf('temporarily_unavailable', 429)).toBe('too_many_requests');
    expect(codeOf('invalid_scope', 403)).toBe('invalid_scope');
    expect(codeOf('something_new', 400)).toBe('malformed_request');
    expect(codeOf('something_new', 502)).toBe('server_error');
  });

  it('says what the library says, or at least what it is', () => {
    expect(problemFrom('invalid_grant', 400, 'the code is spent').detail).toBe('the code is spent');
    expect(problemFrom('invalid_grant', 400, undefined).detail).toBe('The code or token cannot be used');
  });
});

describe('a startup error', () => {
  it('says every fault on a line of its own', () => {
    const error = new StartupError(['PORT: is taken', 'ISSUER: is wrong']);
    expect(error.message).toBe('PORT: is taken\nISSUER: is wrong');
    expect(error.faults).toHaveLength(2);
  });
});
