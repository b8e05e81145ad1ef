import { describe, expect, it } from '@jest/globals';
import { isWithinPolicy, type TokenPolicy } from '../../src/accounts/api-keys/token-policy.ts';

const [sales, support] = [`AP${'1'.repeat(32)}`, `AP${'2'.repeat(32)}`];

describe('one policy lies within another', () => {
  it.each<[TokenPolicy | null, TokenPolicy | null, boolean]>([
    [null, null, true],
    [{ grants: [] }, null, true],
    [null, {}, true],
    [null, { max_ttl: 86_400 }, true],
    [null, { algorithms: ['HS256', 'HS384', 'HS512'] }, false],
    [{ rooms: ['ab'] }, { rooms: ['a*'] }, true],
    [{ rooms: ['ab*'] }, { rooms: ['a*'] }, true],
    [{ rooms: ['a*'] }, { rooms: ['ab*'] }, false],
    [{ rooms: ['ab*'] }, { rooms: ['ab'] }, false],
    [{ rooms: ['*'] }, { rooms: ['a*'] }, false],
    [{ rooms: ['a', 'b'] }, { rooms: ['*'] }, true],
    [{ rooms: [] }, { rooms: [] }, true],
    [{ applications: [sales] }, { applications: [support] }, false],
  ])('%j in %j: %s', (inner, outer, expected) => {
    expect(isWithinPolicy(inner, outer)).toBe(expected);
  });
});
