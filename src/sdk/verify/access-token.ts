import { decodeJwt, errors } from 'jose';
import { requireFunction, requireOneOf, requireOptions } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { challengeFor } from './challenge.ts';
import { type Claims, wrongTime } from './claims.ts';
import { VerificationError } from './errors.ts';
import { type Fault, invalidToken } from './faults.ts';
import { longestToken, verifySignature } from './jwt.ts';
import { parseTolerance } from './settings.ts';

const algorithms = ['HS256', 'HS384', 'HS512'] as const;
export type AccessTokenAlgorithm = (typeof algorithms)[number];

/** An API key, as the callback finds it. */
export interface AccessTokenKey {
  readonly secret: string;
  /** The account that the key belongs to: its tokens count for no other. */
  readonly accountSid: string;
  /** The one algorithm of this key's tokens. Default HS256. */
  readonly algorithm?: AccessTokenAlgorithm | undefined;
}

/** How AccessTokens are verified. */
export interface AccessTokenOptions {
  /** Finds an API key by its SID. Nothing where there is none, or it was revoked, or its account suspended. */
  findKey(keySid: string): AccessTokenKey | undefined | Promise<AccessTokenKey | undefined>;
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockTolerance?: number | undefined;
  /** The time in milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: (() => number) | undefined;
}

/** An AccessToken that counts now. */
export interface VerifiedAccessToken {
  readonly id: string;
  readonly keySid: string;
  readonly accountSid: string;
  /** Who holds it. */
  readonly identity: string | undefined;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly region: string | undefined;
  /** What it allows, by product: `voice`, `video`, `chat`. The identity is not among them. */
  readonly grants: Readonly<Record<string, unknown>>;
}

/** No AccessToken lives longer, in seconds. */
const longestLifetime = 86_400;

const keySyntax = /^SK[\w-]{1,62}$/;

/**
 * Verifies an AccessToken as the `twilio` package mints them: a JWT signed with the secret of an API key.
 * @throws VerificationError when the token is refused.
 * @throws InvalidArgumentError; and whatever `findKey` throws.
 */
export async function verifyAccessToken(token: string, options: AccessTokenOptions): Promise<VerifiedAccessToken> {
  const { findKey, clockTolerance, now = Date.now } = requireOptions('options', options);
  if (typeof token !== 'string') throw new InvalidArgumentError('token', 'must be a string.');
  requireFunction('findKey', findKey);
  requireFunction('now', now);
  const tolerance = parseTolerance(clockTolerance);
  try {
    return await judge(token, { findKey, now, tolerance });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new VerificationError(error.fault, challengeFor(error.fault, ['Bearer'], noSettings), { cause: error.cause });
  }
}

const noSettings = { realm: undefined, resourceMetadata: undefined, proofAlgorithms: [] };

interface Judging {
  readonly findKey: AccessTokenOptions['findKey'];
  readonly now: () => number;
  readonly tolerance: number;
}

async function judge(token: string, { findKey, now, tolerance }: Judging): Promise<VerifiedAccessToken> {
  if (token.length > longestToken) throw refuse(invalidToken('malformed', 'The token is too long.'));
  const keySid = namedKey(token);
  const key = keySid === undefined ? undefined : await findKey(keySid);
  if (key === undefined) throw refuse(invalidToken('key', 'There is no such API key.'));
  const { header, claims } = await verifySignature(token, {
    algorithms: [algorithmOf(key)],
    typ: 'jwt',
    key: async () => new TextEncoder().encode(key.secret),
    fault: invalidToken,
  });
  const fault = wrongShape(header, claims) ?? wrongAccount(claims, key) ?? wrongTime(claims, now() / 1000, tolerance);
  if (fault !== undefined) throw refuse(fault);
  return verified(header, claims);
}

const refuse = (fault: Fault) => new VerificationError(fault);

/** The key that a token names, unverified: it only says under which key it must verify. */
function namedKey(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return iss !== undefined && keySyntax.test(iss) ? iss : undefined;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw refuse(invalidToken('malformed', 'This is not a well-formed JWT.'));
  }
}

/** The key says which algorithm counts, never the token (RFC 8725 section 3.1). */
function algorithmOf({ secret, algorithm }: AccessTokenKey): string {
  if (typeof secret !== 'string' || secret === '') throw new InvalidArgumentError('findKey', 'must give a secret.');
  return requireOneOf('algorithm', algorithm ?? 'HS256', algorithms);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function wrongShape(header: Claims, { exp, iat, nbf = 0, jti, grants }: Claims): Fault | undefined {
  if (header['cty'] !== 'twilio-fpa;v=1') return invalidToken('type', 'The JWT is not an AccessToken.');
  const times = [exp, iat, nbf].every((time) => typeof time === 'number' && Number.isFinite(time));
  if (!times) return invalidToken('claim', 'The token does not say in numbers when it counts.');
  if (!isText(jti)) return invalidToken('claim', 'The token has no jti.');
  if (typeof grants !== 'object' || grants === null || Array.isArray(grants)) {
    return invalidToken('claim', 'The token has no grants.');
  }
  const isLong = (exp as number) - (iat as number) > longestLifetime;
  return isLong ? invalidToken('claim', 'The token lives longer than a day.') : undefined;
}

function wrongAccount(claims: Claims, { accountSid }: AccessTokenKey): Fault | undefined {
  if (isText(accountSid) && claims['sub'] === accountSid) return undefined;
  return invalidToken('account', 'The API key does not belong to this account.');
}

function verified(header: Claims, claims: Claims): VerifiedAccessToken {
  const { identity, ...grants } = claims['grants'] as Record<string, unknown>;
  return {
    id: claims['jti'] as string,
    keySid: claims['iss'] as string,
    accountSid: claims['sub'] as string,
    identity: isText(identity) ? identity : undefined,
    expiresAt: claims['exp'] as number,
    region: isText(header['twr']) ? header['twr'] : undefined,
    grants,
  };
}
