import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createSealer, SealError } from '../../src/base/index.ts';

const purpose = 'api key';
const context = 'SK0123';
const plaintext = Buffer.from('what must come back in clear');

/** The error of opening, which every test here expects. */
function refusal(open: () => unknown): SealError {
  try {
    open();
  } catch (error) {
    if (error instanceof SealError) return error;
    throw error;
  }
  throw new Error('the ciphertext was opened');
}

describe('a sealer', () => {
  const key = randomBytes(32);
  const sealer = createSealer(key);
  const sealed = sealer.seal(purpose, context, plaintext);

  it('gives back what it sealed, also nothing at all and a megabyte', () => {
    for (const text of [plaintext, Buffer.alloc(0), randomBytes(1_048_576)]) {
      expect(sealer.open(purpose, context, sealer.seal(purpose, context, text)).equals(text)).toBe(true);
    }
  });

  it('opens what another process sealed under the same key', () => {
    expect(createSealer(Buffer.from(key)).open(purpose, context, new Uint8Array(sealed))).toEqual(plaintext);
  });

  it('never seals alike twice, and leaves nothing of the text readable', () => {
    const texts = Array.from({ length: 50 }, () => sealer.seal(purpose, context, plaintext).toString('hex'));
    expect(new Set(texts).size).toBe(50);
    expect(sealed.includes(plaintext.subarray(0, 4))).toBe(false);
  });

  it('names the master key in the ciphertext without telling it', () => {
    expect(sealed.subarray(1, 5).toString('hex')).toBe(sealer.keyId);
    expect(key.toString('hex')).not.toContain(sealer.keyId);
  });

  it('refuses a ciphertext in which any byte was changed', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(refusal(() => sealer.open(purpose, context, changed))).toBeInstanceOf(SealError);
    }
  });

  it('refuses a ciphertext that was cut anywhere, or lengthened', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      refusal(() => sealer.open(purpose, context, sealed.subarray(0, length)));
    }
    const longer = refusal(() => sealer.open(purpose, context, Buffer.concat([sealed, Buffer.of(0)])));
    expect(longer.message).toBe('a sealed api key is damaged or belongs to another row');
  });

  it('refuses a ciphertext that was moved to another row or another column', () => {
    const moved = [
      refusal(() => sealer.open(purpose, 'SK9999', sealed)),
      refusal(() => sealer.open('account auth token', context, sealed)),
    ];
    expect(moved.map((error) => error.wrongKey)).toEqual([false, false]);
  });

  it('does not let purpose and context run into each other', () => {
    const joined = sealer.seal('ab', 'c', plaintext);
    expect(refusal(() => sealer.open('a', 'bc', joined)).wrongKey).toBe(false);
  });
});

describe('a sealer with another master key', () => {
  const old = randomBytes(32);
  const before = createSealer(old);
  const sealed = before.seal(purpose, context, plaintext);

  it('is told apart from damage, and says the key it needs and the keys it has', () => {
    const other = createSealer(randomBytes(32), [randomBytes(32)]);
    const error = refusal(() => other.open(purpose, context, sealed));
    expect(error.wrongKey).toBe(true);
    expect(error.message).toMatch(
      new RegExp(`^a sealed api key needs master key ${before.keyId}, this server has ${other.keyId}, [0-9a-f]{8}$`),
    );
  });

  it('opens what an earlier key sealed, and seals only under the current one', () => {
    const current = randomBytes(32);
    const after = createSealer(current, [randomBytes(32), old]);
    expect(after.open(purpose, context, sealed)).toEqual(plaintext);
    const anew = after.seal(purpose, context, plaintext);
    expect(createSealer(current).open(purpose, context, anew)).toEqual(plaintext);
    expect(refusal(() => before.open(purpose, context, anew)).wrongKey).toBe(true);
  });
});

describe('a fingerprint', () => {
  const key = randomBytes(32);
  const sealer = createSealer(key);

  it('is the same for the same value on every node, and needs the master key', () => {
    const print = sealer.fingerprint('user code', 'BCDF-GHJK');
    expect(print).toHaveLength(32);
    expect(createSealer(Buffer.from(key)).fingerprint('user code', 'BCDF-GHJK')).toEqual(print);
    expect(createSealer(randomBytes(32)).fingerprint('user code', 'BCDF-GHJK')).not.toEqual(print);
  });

  it('is another one for another value or another purpose', () => {
    const print = sealer.fingerprint('user code', 'BCDF-GHJK');
    expect(sealer.fingerprint('user code', 'BCDF-GHJL')).not.toEqual(print);
    expect(sealer.fingerprint('recovery code', 'BCDF-GHJK')).not.toEqual(print);
  });
});
