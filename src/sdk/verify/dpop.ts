import { base64url, calculateJwkThumbprint, EmbeddedJWK, type JWK } from 'jose';
import type { Claims } from './claims.ts';
import type { DpopSettings } from './dpop-settings.ts';
import { VerificationError } from './errors.ts';
import { type Fault, invalidProof, unavailable } from './faults.ts';
import { verifySignature } from './jwt.ts';

/** A proof of possession and what it is sent with (RFC 9449 section 7). */
export interface Presentation {
  readonly token: string;
  /** The thumbprint that the token is bound to. */
  readonly boundTo: string;
  readonly proof: string;
  readonly method: string;
  /** Where the request went. */
  readonly url: URL;
}

/** The longest `jti` that is noted, in characters. */
const longestId = 200;
const longestProof = 8192;

/**
 * Checks a proof by the list of RFC 9449 section 4.3 and spends it.
 * @param now milliseconds since 1970. @param tolerance seconds.
 * @throws VerificationError
 */
export async function checkProof(
  presentation: Presentation,
  settings: DpopSettings,
  now: number,
  tolerance: number,
): Promise<void> {
  const { proof, token, boundTo } = presentation;
  if (proof.length > longestProof) throw new VerificationError(invalidProof('The proof is too long.'));
  const { header, claims } = await verifySignature(proof, {
    algorithms: settings.algorithms,
    typ: 'dpop+jwt',
    key: EmbeddedJWK,
    fault: (_reason, description) => invalidProof(`The proof is not good. ${description}`),
  });
  const fault =
    (await wrongBinding(header['jwk'] as JWK, claims, token, boundTo)) ??
    wrongRequest(claims, presentation) ??
    wrongTime(claims, now / 1000, settings.maxAge, tolerance);
  if (fault !== undefined) throw new VerificationError(fault);
  const until = ((claims['iat'] as number) + settings.maxAge + tolerance) * 1000;
  if (!(await firstUse(settings, `${boundTo}.${claims['jti']}`, until))) {
    throw new VerificationError(invalidProof('The proof was used before.', 'replayed'));
  }
}

async function wrongBinding(jwk: JWK, claims: Claims, token: string, boundTo: string): Promise<Fault | undefined> {
  if ((await calculateJwkThumbprint(jwk)) !== boundTo) {
    return invalidProof('The token is bound to another key.', 'binding');
  }
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  const hash = base64url.encode(new Uint8Array(digest));
  return claims['ath'] === hash ? undefined : invalidProof('The proof is for another token (ath).');
}

function wrongRequest(claims: Claims, { method, url }: Presentation): Fault | undefined {
  if (claims['htm'] !== method) return invalidProof('The proof is for another method (htm).');
  return isSamePlace(claims['htu'], url) ? undefined : invalidProof('The proof is for another address (htu).');
}

/** RFC 9449 section 4.3: without query and fragment, after the normalization of RFC 3986 section 6.2. */
function isSamePlace(htu: unknown, { origin, pathname }: URL): boolean {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false;
  const named = new URL(htu);
  return named.origin === origin && named.pathname === pathname;
}

function wrongTime(claims: Claims, now: number, maxAge: number, tolerance: number): Fault | undefined {
  const { iat, jti } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > longestId) {
    return invalidProof(`The proof needs a jti of at most ${longestId} characters.`);
  }
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return invalidProof('The proof does not say when it was made.');
  const age = now - iat;
  if (age > maxAge + tolerance) return invalidProof('The proof is too old.');
  return age < -tolerance ? invalidProof('The proof is from the future: check the clocks.') : undefined;
}

async function firstUse({ replays }: DpopSettings, id: string, until: number): Promise<boolean> {
  try {
    return (await replays.spend(id, until)) === true;
  } catch (cause) {
    throw new VerificationError(unavailable('Proofs cannot be checked now.', 'busy'), undefined, { cause });
  }
}
