import { describe, expect, it } from '@jest/globals';
import { keyRing, signerAt } from '../../src/keys/rules.ts';
import type { SigningKey } from '../../src/keys/types.ts';

const now = 1_000_000;

function key(kid: string, signsFrom: number, signsUntil?: number, alg: SigningKey['alg'] = 'ES256'): SigningKey {
  return { kid, alg, publicJwk: { kid }, privateJwk: { kid }, signsFrom, signsUntil };
}

const signer = (...keys: SigningKey[]) => signerAt(keys, 'ES256', now)?.kid;

describe('the key that signs', () => {
  it('is the youngest of those whose time has come', () => {
    expect(signer(key('old', now - 300), key('young', now - 100), key('middle', now - 200))).toBe('young');
  });

  it('is not one that is announced for later', () => {
    expect(signer(key('present', now - 100), key('announced', now + 1))).toBe('present');
    expect(signer(key('announced', now + 1))).toBeUndefined();
  });

  it('may sign from its very first moment on, and not in its last', () => {
    expect(signer(key('first', now))).toBe('first');
    expect(signer(key('still', now - 100, now + 1))).toBe('still');
    expect(signer(key('over', now - 100, now))).toBeUndefined();
  });

  it('is an older one while a younger has ended', () => {
    expect(signer(key('young', now - 100, now - 50), key('old', now - 300))).toBe('old');
  });

  it('is of the algorithm that is asked for', () => {
    const keys = [key('ec', now - 300), key('rsa', now - 100, undefined, 'RS256')];
    expect(signerAt(keys, 'ES256', now)?.kid).toBe('ec');
    expect(signerAt(keys, 'RS256', now)?.kid).toBe('rsa');
    expect(signerAt(keys, 'EdDSA', now)).toBeUndefined();
  });
});

describe('a key ring', () => {
  const rsa = key('rsa', now - 100, undefined, 'RS256');
  const ed = key('ed', now - 100, undefined, 'EdDSA');

  it('publishes the signers first, then those to come and those that were, each once', () => {
    const keys = [key('next', now + 100), key('present', now - 100), key('past', now - 300, now - 50), ed, rsa];
    const ring = keyRing(keys, now);
    expect(ring.published.map(({ kid }) => kid)).toEqual(['present', 'rsa', 'ed', 'next', 'past']);
    expect([ring.signerOf('ES256'), ring.signerOf('RS256'), ring.signerOf('EdDSA')]).toEqual(['present', 'rsa', 'ed']);
  });

  it('does not come about without a signer for every algorithm', () => {
    expect(() => keyRing([rsa, ed, key('next', now + 1)], now)).toThrow('no ES256 key may sign at present');
  });
});
