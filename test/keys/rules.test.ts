import { describe, expect, it } from '@jest/globals';
import { keyRing, lineOf, nextChange, signerAt, stateAt } from '../../src/keys/rules.ts';
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

  it('leaves out what is retired at this moment', () => {
    const gone = { ...key('gone', now - 300, now - 50), retiredAt: now };
    const going = { ...key('going', now - 300, now - 50), retiredAt: now + 1 };
    const ring = keyRing([key('present', now - 100), rsa, ed, gone, going], now);
    expect(ring.published.map(({ kid }) => kid)).toEqual(['present', 'rsa', 'ed', 'going']);
  });

  it('lets the next one sign where the one before is gone: the clock of this node is behind', () => {
    const ring = keyRing([rsa, ed, key('later', now + 2), key('next', now + 1)], now);
    expect(ring.signerOf('ES256')).toBe('next');
  });

  it('does not come about without a signer for every algorithm', () => {
    expect(() => keyRing([rsa, ed, key('over', now - 100, now)], now)).toThrow('no ES256 key may sign at present');
  });
});

describe('a key', () => {
  it('is announced, signs, is kept, and is retired, each to the millisecond', () => {
    const times = { signsFrom: 10, signsUntil: 20, retiredAt: 30 };
    const states = [9, 10, 19, 20, 29, 30].map((moment) => stateAt(times, moment));
    expect(states).toEqual(['announced', 'signing', 'signing', 'retiring', 'retiring', 'retired']);
  });

  it('that is retired while it is announced or signs is retired', () => {
    expect(stateAt({ signsFrom: 10, signsUntil: 10, retiredAt: 5 }, 6)).toBe('retired');
  });
});

describe('the next change of a ring', () => {
  it('is the first moment to come at which a key begins, ends or goes', () => {
    const keys = [{ ...key('a', 10, 20), retiredAt: 30 }, key('b', 20)];
    expect([5, 10, 20, 30].map((moment) => nextChange(keys, moment))).toEqual([10, 20, 30, undefined]);
  });
});

describe('the line of an algorithm', () => {
  const kids = (...keys: SigningKey[]) => {
    const { signer, announced } = lineOf(keys, 'ES256', now);
    return [signer?.kid, announced?.kid];
  };

  it('is who signs and who is announced, whatever has been retired', () => {
    const withdrawn = { ...key('withdrawn', now + 50, now + 50), retiredAt: now - 1 };
    expect(kids(key('present', now - 100, now + 100), key('next', now + 100), withdrawn)).toEqual(['present', 'next']);
    expect(kids(key('present', now - 100))).toEqual(['present', undefined]);
  });

  it('has a signer whose time has not come where a clock was ahead when it was made', () => {
    expect(kids(key('first', now + 5))).toEqual(['first', undefined]);
  });
});
