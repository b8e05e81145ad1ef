import { describe, expect, it } from '@jest/globals';
import { isSid, newSid, type SidKind, sidPrefixes } from '../../src/base/index.ts';

const kinds = Object.keys(sidPrefixes) as SidKind[];

describe('a SID', () => {
  it.each(kinds)('of a new %s has 34 characters: two capital letters and 32 hexadecimal digits', (kind) => {
    const sid = newSid(kind);
    expect(sid).toMatch(new RegExp(`^${sidPrefixes[kind]}[0-9a-f]{32}$`));
    expect(isSid(kind, sid)).toBe(true);
  });

  it('is never given twice, and no two kinds share a prefix', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newSid('client'))).size).toBe(1000);
    expect(new Set(Object.values(sidPrefixes)).size).toBe(kinds.length);
  });

  it.each([
    ['of another kind', `AC${'0'.repeat(32)}`],
    ['in capitals', `OR${'A'.repeat(32)}`],
    ['one short', `OR${'0'.repeat(31)}`],
    ['one long', `OR${'0'.repeat(33)}`],
    ['with a line after it', `OR${'0'.repeat(31)}\n`],
    ['with nothing in it', ''],
  ])('%s is not one of an organization', (_what, value) => {
    expect(isSid('organization', value)).toBe(false);
  });
});
