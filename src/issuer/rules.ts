import { longestAccessToken } from '../accounts/index.ts';
import { fault, ok, type Result } from '../base/index.ts';
import type { Members, Reason } from './types.ts';

/** What sort of token a header must announce. */
export interface HeaderRules {
  readonly algorithms: readonly string[];
  /** Its `cty`; none has no such member. */
  readonly contentType: string | undefined;
  readonly members: readonly string[];
  /** What it is called, for people. */
  readonly name: string;
}

/** A word of a token as it may be repeated to whoever sent it. */
const shown = (value: unknown) => (typeof value === 'string' && /^[\w;=.-]{1,32}$/.test(value) ? value : 'unknown');

/** The list as people read it: `a, b or c`. */
const anyOf = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' or $1');

/** Why a header announces another token than the one that is asked about (RFC 8725 section 3.1 and 3.11). */
export function headerReason(header: Members, rules: HeaderRules): Reason | undefined {
  const { alg, typ, cty } = header as Readonly<Record<'alg' | 'typ' | 'cty', unknown>>;
  if (!rules.algorithms.includes(alg as string)) {
    const what = shown(alg).toLowerCase() === 'none' ? 'It is not signed' : `Its alg is ${shown(alg)}`;
    return { code: 'wrong_algorithm', message: `${what}; ${rules.name} is signed with ${anyOf(rules.algorithms)}.` };
  }
  if (typ !== 'JWT') return { code: 'wrong_type', message: 'Its typ is not JWT.' };
  if (cty !== rules.contentType) {
    const wanted = rules.contentType === undefined ? 'has none' : `has ${rules.contentType}`;
    return { code: 'wrong_type', message: `It is not ${rules.name}, which ${wanted} as cty.` };
  }
  const odd = Object.keys(header).find((name) => !rules.members.includes(name));
  if (odd === undefined) return undefined;
  return { code: 'wrong_type', message: `It is not ${rules.name}: its header has a member ${shown(odd)}.` };
}

/** The moments of a token, in seconds since the epoch. */
export interface Times {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

const isMoment = (value: unknown) => value === undefined || (Number.isFinite(value) && (value as number) >= 0);

/** Reads `exp`, which must be there, `nbf` and `iat` (RFC 7519 section 4.1). Seconds may have fractions. */
export function readTimes({ exp, nbf, iat }: Members): Result<Times, Reason> {
  const wrong = Object.entries({ exp, nbf, iat }).find(([, value]) => !isMoment(value))?.[0];
  const missing = exp === undefined ? 'exp' : undefined;
  const name = wrong ?? missing;
  if (name === undefined) return ok({ exp, nbf, iat } as Times);
  return fault({ code: 'malformed', message: `Its ${name} must be a number of seconds since 1970.` });
}

/** For how long a token is meant to live. What does not say when it begins has begun. Seconds. */
export const lifetimeOf = ({ exp, nbf, iat }: Times, now: number): number => exp - (iat ?? nbf ?? now);

/** Why a token does not count at a moment. @param leeway seconds by which clocks may differ. */
export function timesReason(times: Times, now: number, leeway: number): Reason | undefined {
  const { exp, nbf = 0, iat = 0 } = times;
  if (exp <= now - leeway) return { code: 'expired', message: `It expired ${Math.floor(now - exp)} s ago.` };
  if (nbf > now + leeway) {
    return { code: 'not_yet_valid', message: `It is not valid before ${Math.ceil(nbf - now)} s from now (nbf).` };
  }
  if (iat > now + leeway) {
    return { code: 'not_yet_valid', message: `It was issued ${Math.ceil(iat - now)} s in the future (iat).` };
  }
  const lifetime = lifetimeOf(times, now);
  if (lifetime <= longestAccessToken) return undefined;
  const lives = `It lives ${Math.floor(lifetime)} s`;
  return {
    code: 'lifetime_too_long',
    message: `${lives}; no such token may live over ${longestAccessToken} s (24 h).`,
  };
}
