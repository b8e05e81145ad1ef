import { describe, expect, it } from '@jest/globals';
import { hashSecret, newSecret, sameHash } from '../../src/base/index.ts';

describe('a secret', () => {
  it('has 256 bits in characters that need no encoding in a header, a form or a URL', () => {
    const secret = newSecret();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(encodeURIComponent(secret)).toBe(secret);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  });

  it('is never given twice', () => {
    expect(new Set(Array.from({ length: 1000 }, newSecret)).size).toBe(1000);
  });

  it('is hashed with plain SHA-256', () => {
    // The first example of FIPS 180-2, appendix B.
    expect(hashSecret('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('fits its own hash and no other, whatever the lengths', () => {
    const hash = hashSecret('abc');
    expect(sameHash(hash, hashSecret('abc'))).toBe(true);
    expect(sameHash(hash, hashSecret('abd'))).toBe(false);
    expect(sameHash(hash, hash.subarray(0, 31))).toBe(false);
  });
});
