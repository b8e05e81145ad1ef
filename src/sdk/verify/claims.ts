import { type Fault, good, invalidToken, type Result, refused } from './faults.ts';

/** An access token that counts here and now. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Who it speaks for: a user, or the client itself. */
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  /** The organization that it acts for (`org_id`). */
  readonly organization: string | undefined;
  /** The one account of that organization that it is narrowed to (`account_sid`); it reaches nothing else of it. */
  readonly account: string | undefined;
  /** The token's own name (`jti`). Opaque tokens have none. */
  readonly id: string | undefined;
  /** Seconds since 1970. */
  readonly issuedAt: number | undefined;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** The thumbprint of the key that it is bound to, which was proved (RFC 9449 section 6). */
  readonly boundTo: string | undefined;
  /** All of its claims, as the issuer wrote them. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a token must say. Times are in seconds. */
export interface Expectations {
  readonly issuer: string;
  readonly audience: ReadonlySet<string>;
  readonly clockTolerance: number;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Where the claims come from: a JWT must have all of RFC 9068, an answer about an opaque token need not. */
export type Origin = 'jwt' | 'introspection';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** What must be there, and of what type (RFC 9068 section 2.2). */
const required: Readonly<Record<Origin, ReadonlyArray<readonly [string, (value: unknown) => boolean]>>> = {
  jwt: [
    ['exp', isTime],
    ['iat', isTime],
    ['sub', isText],
    ['client_id', isText],
    ['jti', isText],
  ],
  introspection: [
    ['exp', isTime],
    ['sub', isText],
    ['client_id', isText],
  ],
};

/** What may be left out, but not be anything else. */
const optional: ReadonlyArray<readonly [string, (value: unknown) => boolean]> = [
  ['nbf', isTime],
  ['iat', isTime],
  ['jti', isText],
  ['scope', (value) => typeof value === 'string'],
  ['org_id', isText],
  ['account_sid', isText],
];

function wrongShape(claims: Claims, origin: Origin): Fault | undefined {
  const missing = required[origin].find(([name, fits]) => !fits(claims[name]));
  if (missing !== undefined) return invalidToken('claim', `The token has no usable claim ${missing[0]}.`);
  const odd = optional.find(([name, fits]) => claims[name] !== undefined && !fits(claims[name]));
  return odd === undefined ? undefined : invalidToken('claim', `The claim ${odd[0]} of the token is malformed.`);
}

const audienceOf = (value: unknown): readonly string[] => {
  const all = Array.isArray(value) ? value : [value];
  return all.every(isText) ? all : [];
};

function wrongPlace(claims: Claims, { issuer, audience }: Expectations, origin: Origin): Fault | undefined {
  // RFC 7662 lets an answer leave out who issued the token: it comes from the issuer itself.
  const isFromHere = claims['iss'] === issuer || (origin === 'introspection' && claims['iss'] === undefined);
  if (!isFromHere) return invalidToken('issuer', 'The token is from another issuer.');
  if (audienceOf(claims['aud']).some((name) => audience.has(name))) return undefined;
  return invalidToken('audience', 'The token is for another audience.');
}

/** The times of a token. @param now seconds since 1970. */
export function wrongTime(claims: Claims, now: number, tolerance: number): Fault | undefined {
  const { exp, nbf, iat } = claims as { readonly [name in 'exp' | 'nbf' | 'iat']?: number };
  if (exp !== undefined && exp <= now - tolerance) {
    return invalidToken('expired', `The token expired ${span(now - exp)} ago.`);
  }
  const begins = Math.max(nbf ?? 0, iat ?? 0);
  if (begins > now + tolerance) {
    return invalidToken('not_yet_valid', `The token counts only in ${span(begins - now)}: check the clocks.`);
  }
  return undefined;
}

const span = (seconds: number): string => `${Math.max(0, Math.round(seconds))} s`;

/**
 * The key that a token is bound to (RFC 7800, RFC 9449 section 6.1). A binding that cannot be checked here makes the
 * token useless rather than unbound.
 */
export function boundKey(claims: Claims): Result<string | undefined> {
  const cnf = claims['cnf'];
  if (cnf === undefined) return good(undefined);
  const members = typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [];
  const [name, value] = members[0] ?? [];
  if (members.length === 1 && name === 'jkt' && isText(value)) return good(value);
  return refused(invalidToken('binding', 'The token is bound to its holder in a way that is not understood here.'));
}

/** Decides whether claims are those of an access token that counts here and now (RFC 9068 section 4). */
export function readClaims(claims: Claims, origin: Origin, expected: Expectations, now: number): Result<VerifiedToken> {
  const fault =
    wrongPlace(claims, expected, origin) ??
    wrongShape(claims, origin) ??
    wrongTime(claims, now, expected.clockTolerance);
  if (fault !== undefined) return refused(fault);
  const bound = boundKey(claims);
  return bound.ok ? good(verified(claims, expected.issuer, bound.value)) : bound;
}

function verified(claims: Claims, issuer: string, boundTo: string | undefined): VerifiedToken {
  const text = (name: string) => claims[name] as string | undefined;
  return {
    issuer,
    audience: audienceOf(claims['aud']),
    subject: claims['sub'] as string,
    clientId: claims['client_id'] as string,
    scopes: new Set((text('scope') ?? '').split(' ').filter(isText)),
    organization: text('org_id'),
    account: text('account_sid'),
    id: text('jti'),
    issuedAt: claims['iat'] as number | undefined,
    expiresAt: claims['exp'] as number,
    boundTo,
    claims,
  };
}
