import { fault, ok, type Result } from '../base/index.ts';
import { commonPasswords } from './common-passwords.ts';

/** RFC 5321 section 4.5.3.1.3, less the angle brackets. */
const maxEmailLength = 254;
/** Checked before any hashing. NIST SP 800-63B wants at least 64 characters to be possible. */
export const maxPasswordBytes = 1024;
/** NIST SP 800-63B revision 3, section 5.1.1.1. More is better, rules of composition are not. */
const minPasswordLength = 8;

/** The one form in which an e-mail address is kept, looked up and counted; none when it cannot be anybody's. */
export function normalizeEmail(given: string): string | undefined {
  const email = given.trim().normalize('NFC').toLowerCase().normalize('NFC');
  return email === '' || email.length > maxEmailLength || /\p{Cc}/u.test(email) ? undefined : email;
}

/** Whether a password can be one of ours at all. */
export const isPossiblePassword = (password: string): boolean => Buffer.byteLength(password) <= maxPasswordBytes;

/** The form in which a password is hashed: the same letters typed on two keyboards are the same (NIST SP 800-63B). */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

export type PasswordFault = 'too_short' | 'too_long' | 'too_common' | 'like_the_email';

/** What to tell whoever chose the password. */
export const passwordAdvice: Readonly<Record<PasswordFault, string>> = {
  too_short: `The password needs at least ${minPasswordLength} characters; twelve or more are better.`,
  too_long: `The password is longer than ${maxPasswordBytes} bytes.`,
  too_common: 'The password is one of those that are tried first.',
  like_the_email: 'The password is the e-mail address, or its first part.',
};

/** Whether a user may choose this password. */
export function checkPassword(password: string, { email }: { readonly email: string }): Result<string, PasswordFault> {
  if (!isPossiblePassword(password)) return fault('too_long');
  const chosen = normalizePassword(password);
  const letters = [...chosen];
  if (letters.length < minPasswordLength) return fault('too_short');
  const lower = chosen.toLowerCase();
  if (commonPasswords.has(lower) || new Set(letters).size === 1) return fault('too_common');
  const address = email.toLowerCase();
  if (lower === address || lower === address.split('@')[0]) return fault('like_the_email');
  return ok(password);
}
