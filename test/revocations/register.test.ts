import { describe, expect, it } from '@jest/globals';
import { createRegister } from '../../src/revocations/register.ts';
import type { RevocationKind } from '../../src/revocations/types.ts';

const later = 10_000_000;
const revocation = (kind: RevocationKind, subject: string, revokedBefore = later, expiresAt = later) => ({
  kind,
  subject,
  revokedBefore,
  expiresAt,
});
const token = (jti: string, iat = 1) => ({ iat, subjects: { jti, client: 'client' } });

describe('the register of revocations', () => {
  it('knows nothing at first, so every token is valid', () => {
    expect(createRegister(10).judge(token('a'))).toBe('valid');
  });

  it.each(['jti', 'family', 'client', 'user', 'api_key', 'account', 'organization'] as const)(
    'revokes by %s',
    (kind) => {
      const register = createRegister(10);
      register.add(revocation(kind, 'subject'));
      expect(register.judge({ iat: 1, subjects: { [kind]: 'subject' } })).toBe('revoked');
      expect(register.judge({ iat: 1, subjects: { [kind]: 'another' } })).toBe('valid');
      const otherKind = kind === 'jti' ? 'client' : 'jti';
      expect(register.judge({ iat: 1, subjects: { [otherKind]: 'subject' } })).toBe('valid');
    },
  );

  it('revokes by any of several subjects of a kind, as where one acts for another', () => {
    const register = createRegister(10);
    register.add(revocation('client', 'subject', 5_000));
    const several = { client: ['actor', 'subject'], user: ['another'] };
    expect(register.judge({ iat: 5, subjects: several })).toBe('revoked');
    expect(register.judge({ iat: 6, subjects: several })).toBe('valid');
    expect(register.judge({ iat: 5, subjects: { client: ['actor'], user: ['subject'] } })).toBe('valid');
  });

  it('revokes what was issued up to and including the moment, and not what came after', () => {
    const register = createRegister(10);
    register.add(revocation('client', 'client', 5000));
    expect(register.judge(token('a', 4))).toBe('revoked');
    expect(register.judge(token('a', 5))).toBe('revoked');
    expect(register.judge(token('a', 6))).toBe('valid');
  });

  it('reaches further with a second revocation of a subject, and never less far', () => {
    const register = createRegister(10);
    register.add(revocation('client', 'client', 5000));
    register.add(revocation('client', 'client', 8000));
    register.add(revocation('client', 'client', 2000, 2000));
    expect(register.judge(token('a', 8))).toBe('revoked');
    register.prune(later - 1);
    expect(register.judge(token('a', 8))).toBe('revoked');
  });

  it('forgets what has expired, and nothing else', () => {
    const register = createRegister(10);
    register.add(revocation('jti', 'short', later, 100));
    register.add(revocation('jti', 'long', later, 101));
    register.prune(100);
    expect([register.judge(token('short')), register.judge(token('long'))]).toEqual(['valid', 'revoked']);
    expect(register.size).toBe(1);
  });

  describe('when there are more single tokens than it has room for', () => {
    it('no longer vouches for any token until those left out have expired, and still knows those it keeps', () => {
      const register = createRegister(2);
      for (const [jti, expiresAt] of [
        ['a', 500],
        ['b', 500],
        ['c', 100],
        ['d', 300],
        ['e', 200],
      ] as const) {
        register.add(revocation('jti', jti, later, expiresAt));
      }
      expect(register.size).toBe(2);
      expect(['a', 'c', 'unseen'].map((jti) => register.judge(token(jti)))).toEqual(['revoked', 'unknown', 'unknown']);
      register.prune(299);
      expect(register.judge(token('d'))).toBe('unknown');
      register.prune(300);
      expect(register.judge(token('unseen'))).toBe('valid');
    });

    it('takes news of those it keeps already', () => {
      const register = createRegister(1);
      register.add(revocation('jti', 'a'));
      register.add(revocation('jti', 'a'));
      expect(register.judge(token('b'))).toBe('valid');
    });

    it('always has room for the other kinds', () => {
      const register = createRegister(1);
      for (const subject of ['x', 'y', 'client']) register.add(revocation('client', subject));
      expect(register.judge(token('a'))).toBe('revoked');
      expect(register.judge({ iat: 1, subjects: { client: 'z' } })).toBe('valid');
    });

    it('has room again once what it kept has expired', () => {
      const register = createRegister(1);
      register.add(revocation('jti', 'a', later, 100));
      register.prune(100);
      register.add(revocation('jti', 'b'));
      expect([register.judge(token('b')), register.judge(token('c'))]).toEqual(['revoked', 'valid']);
    });
  });

  it('does not vouch for tokens while some were left out by whoever read them', () => {
    const register = createRegister(10);
    register.omit(200);
    register.omit(100);
    expect(register.judge(token('a'))).toBe('unknown');
    register.prune(199);
    expect(register.judge(token('a'))).toBe('unknown');
    register.prune(200);
    expect(register.judge(token('a'))).toBe('valid');
  });
});
