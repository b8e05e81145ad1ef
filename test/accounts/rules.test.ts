import { describe, expect, it } from '@jest/globals';
import { checkPassword, passwordAdvice } from '../../src/accounts/index.ts';
import { normalizeEmail } from '../../src/accounts/rules.ts';

describe('an e-mail address', () => {
  it.each([' ada@example.com ', 'ADA@Example.COM', '\tAda@example.com\n'])('has one form: %p', (given) => {
    expect(normalizeEmail(given)).toBe('ada@example.com');
  });

  it('is the same with composed and decomposed letters, and stays as it is the second time', () => {
    const composed = normalizeEmail('Zo\u00cb@example.com');
    expect(normalizeEmail('Zoe\u0308@example.com')).toBe(composed);
    expect(normalizeEmail(composed ?? '')).toBe(composed);
  });

  it.each(['', '   ', `${'a'.repeat(243)}@example.com`, 'ada@exa\u0000mple.com', 'ada\r\n@example.com'])(
    'is nobody’s: %p',
    (given) => {
      expect(normalizeEmail(given)).toBeUndefined();
    },
  );

  it('may have 254 characters', () => {
    expect(normalizeEmail(`${'a'.repeat(242)}@example.com`)).toHaveLength(254);
  });
});

describe('a new password', () => {
  const check = (password: string) => {
    const checked = checkPassword(password, { email: 'grace.hopper@example.com' });
    return checked.ok ? 'good' : checked.fault;
  };

  it.each([
    'eight ch',
    'correct horse battery staple',
    '\u00e4\u00f6\u00fc\u00df\u4e16\u754c\u2603\u{1f511}',
    'x!'.repeat(512),
    'only lower case letters',
  ])('may be anything long enough, without rules for its letters: %p', (password) => {
    expect(check(password)).toBe('good');
  });

  it.each([
    ['', 'too_short'],
    ['seven c', 'too_short'],
    ['\u{1f511}\u{1f512}\u{1f513}\u{1f510}', 'too_short'],
    ['y'.repeat(1025), 'too_long'],
    ['\u4e16'.repeat(342), 'too_long'],
    ['password', 'too_common'],
    ['PassWord1', 'too_common'],
    ['1q2w3e4r5t', 'too_common'],
    ['\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44', 'too_common'],
    ['kkkkkkkkkkkkkkkkkkkk', 'too_common'],
    ['Grace.Hopper@example.com', 'like_the_email'],
    ['grace.hopper', 'like_the_email'],
  ] as const)('%p is %s', (password, fault) => {
    expect(check(password)).toBe(fault);
    expect(passwordAdvice[fault]).toMatch(/^The password .*\.$/);
  });
});
