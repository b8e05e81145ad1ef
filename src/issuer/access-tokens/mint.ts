import type { KeyObject } from 'node:crypto';
import type { ApiKey, TokenAlgorithm } from '../../accounts/index.ts';
import { fault, ok, type ProblemFault, type Result } from '../../base/index.ts';
import { segment, signCompact } from '../signing.ts';
import type { Members } from '../types.ts';
import { policyFaults, policyOf } from './policy.ts';

/** An AccessToken that somebody wishes for. */
export interface TokenWish {
  readonly identity: string;
  /** Seconds. */
  readonly ttl: number;
  /** Seconds since the epoch. */
  readonly nbf?: number | undefined;
  readonly region?: string | undefined;
  readonly algorithm: TokenAlgorithm;
  readonly grants: Members;
}

/** The answer to whoever asked for a token. */
export interface TokenAnswer {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly expires_at: string;
  readonly identity: string;
}

/** Why a token is not made. */
export interface MintFault {
  /** Whether its key may not, or nobody's may. */
  readonly kind: 'policy' | 'value';
  readonly faults: readonly ProblemFault[];
}

/** The content type that tells an AccessToken from every other JWT. */
export const accessTokenType = 'twilio-fpa;v=1';

/** Bytes of claims: verifiers refuse longer tokens unread. */
const longestClaims = 10_000;

const refusal = (kind: MintFault['kind'], ...faults: readonly ProblemFault[]) => fault<MintFault>({ kind, faults });

/** Headers that were made before, by algorithm: a region makes another one each time. */
const heads = new Map<TokenAlgorithm, string>();

function headOf(alg: TokenAlgorithm, region: string | undefined): string {
  const write = () => segment(JSON.stringify({ alg, typ: 'JWT', cty: accessTokenType, twr: region }));
  if (region !== undefined) return write();
  const head = heads.get(alg) ?? write();
  heads.set(alg, head);
  return head;
}

/**
 * Makes an AccessToken: to the byte what the `twilio` package makes of the same values in the same second, so the order of
 * members counts.
 * @param now seconds since the epoch.
 */
export function mintAccessToken(
  key: ApiKey,
  secret: KeyObject,
  { identity, ttl, nbf, region, algorithm, grants }: TokenWish,
  now: number,
): Result<TokenAnswer, MintFault> {
  const iat = Math.floor(now);
  const exp = iat + ttl;
  const beyond = policyFaults(policyOf(key), { algorithm, lifetime: ttl, grants });
  if (beyond.length > 0) return refusal('policy', ...beyond);
  if (nbf !== undefined && nbf >= exp) {
    return refusal('value', {
      pointer: '/nbf',
      code: 'invalid_value',
      detail: `must lie before the end, ${exp} (seconds since 1970)`,
    });
  }
  const { sid: iss, accountSid: sub } = key;
  const claims = JSON.stringify({ jti: `${iss}-${iat}`, grants: { identity, ...grants }, nbf, iat, exp, iss, sub });
  if (Buffer.byteLength(claims) > longestClaims) {
    const detail = `must be smaller: all claims together have at most ${longestClaims} bytes as JSON`;
    return refusal('value', { pointer: '/grants', code: 'invalid_value', detail });
  }
  const token = signCompact(algorithm, secret, headOf(algorithm, region), segment(claims));
  return ok({ token, expires_in: ttl, expires_at: new Date(exp * 1000).toISOString(), identity });
}
