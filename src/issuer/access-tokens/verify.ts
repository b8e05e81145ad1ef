import { type ApiKey, type TokenAlgorithm, tokenAlgorithms } from '../../accounts/index.ts';
import { fault, ok, type Result } from '../../base/index.ts';
import { type Compact, isMembers } from '../compact.ts';
import type { LookUp } from '../keys/look-up.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { headerReason, lifetimeOf, readTimes, type Times, timesReason } from '../rules.ts';
import { isSignedBy } from '../signing.ts';
import type { Members, Reason } from '../types.ts';
import { accessTokenType } from './mint.ts';
import { policyFaults, policyOf } from './policy.ts';

/** An AccessToken that counts. */
export interface LiveAccessToken {
  readonly key: ApiKey;
  readonly algorithm: TokenAlgorithm;
  readonly times: Times;
  readonly identity: string | undefined;
  readonly grants: Members;
}

export interface Verification {
  readonly signingKeys: SigningKeys;
  /** Seconds by which clocks may differ. */
  readonly leeway: number;
}

const headerRules = {
  algorithms: tokenAlgorithms,
  contentType: accessTokenType,
  members: ['alg', 'typ', 'cty', 'twr'],
  name: 'an AccessToken',
};

/** The claims that an AccessToken has: of Node, with `iat`, or of Python, without. */
interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly times: Times;
  readonly grants: Members;
  readonly identity: string | undefined;
}

const reason = (code: Reason['code'], message: string) => fault<Reason>({ code, message });

/** Who a token is for. Python's package leaves a number a number. */
export function identityIn(grants: unknown): string | undefined {
  const identity = isMembers(grants) ? grants['identity'] : undefined;
  return typeof identity === 'number' || typeof identity === 'string' ? String(identity) : undefined;
}

function readClaims(payload: Members): Result<Claims, Reason> {
  const { iss, sub, grants } = payload as Readonly<Record<'iss' | 'sub' | 'grants', unknown>>;
  if (typeof iss !== 'string' || typeof sub !== 'string') {
    return reason('malformed', 'Its iss and sub must be the SIDs of an API key and of an account.');
  }
  if (!isMembers(grants)) return reason('malformed', 'Its grants must be an object.');
  const identity = identityIn(grants);
  if (grants['identity'] !== undefined && identity === undefined) {
    return reason('malformed', 'The identity in its grants must be a string or a number.');
  }
  const times = readTimes(payload);
  return times.ok ? ok({ iss, sub, grants, identity, times: times.value }) : times;
}

/** Whether the key has made this token, and may have. */
function keyReason(
  {
    header,
    signed,
  }: { readonly header: Members; readonly signed: { readonly input: string; readonly signature: Buffer } },
  { sub }: Claims,
  key: ApiKey,
  { signingKeys }: Verification,
): Reason | undefined {
  const algorithm = header['alg'] as TokenAlgorithm;
  const allowed = policyOf(key)?.algorithms ?? tokenAlgorithms;
  if (!allowed.includes(algorithm)) {
    const message = `Its alg is ${algorithm}; its API key signs with ${allowed.join(', ') || 'no algorithm'} only.`;
    return { code: 'algorithm_not_allowed', message };
  }
  if (!isSignedBy(algorithm, signingKeys.ofApiKey(key), signed.input, signed.signature)) {
    return {
      code: 'wrong_signature',
      message: 'Its signature is wrong: another secret has signed it, or it was changed.',
    };
  }
  if (key.accountSid === sub) return undefined;
  return { code: 'wrong_account', message: 'Its sub is another account than that of the API key in its iss.' };
}

function policyReason(live: LiveAccessToken, now: number): Reason | undefined {
  const { key, algorithm, grants, times } = live;
  const [first] = policyFaults(policyOf(key), { algorithm, grants, lifetime: lifetimeOf(times, now) });
  if (first === undefined) return undefined;
  const place = (first.pointer ?? '').slice(1).replaceAll('/', '.').slice(0, 100);
  return {
    code: 'beyond_policy',
    message: `It goes beyond the token policy of its API key: ${place} ${first.detail}.`,
  };
}

/**
 * Verifies an AccessToken as resource servers must (RFC 8725): the key that it names decides on the algorithm, not its
 * header. Its `jti` says nothing: tokens of one key in one second share it.
 * @param now seconds since the epoch. @returns it, or the first reason why it does not count.
 */
export async function verifyAccessToken(
  { header, payload, signed }: Compact,
  lookUp: LookUp<ApiKey>,
  verification: Verification,
  now: number,
): Promise<Result<LiveAccessToken, Reason>> {
  if (!signed.ok) return signed;
  const [head, body] = [header ?? {}, payload ?? {}];
  const odd = headerReason(head, headerRules);
  if (odd !== undefined) return fault(odd);
  const claims = readClaims(body);
  if (!claims.ok) return claims;
  const { iss, times, identity, grants } = claims.value;
  const found = await lookUp(iss);
  if (!found.ok) return found;
  const live = { key: found.value, algorithm: head['alg'] as TokenAlgorithm, times, identity, grants };
  const why =
    keyReason({ header: head, signed: signed.value }, claims.value, live.key, verification) ??
    timesReason(times, now, verification.leeway) ??
    policyReason(live, now);
  return why === undefined ? ok(live) : fault(why);
}
