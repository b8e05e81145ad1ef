import { describe, expect, it } from '@jest/globals';
import { Problem, StartupError } from '../../src/base/index.ts';

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

describe('a startup error', () => {
  it('says every fault on a line of its own', () => {
    const error = new StartupError(['PORT: is taken', 'ISSUER: is wrong']);
    expect(error.message).toBe('PORT: is taken\nISSUER: is wrong');
    expect(error.faults).toHaveLength(2);
  });
});
