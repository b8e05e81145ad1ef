import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { fault, ok, type Result } from '../base/index.ts';
import type { ProofRules } from '../provider/index.ts';

/** A DPoP proof, and what it must prove. */
export interface ProofCase {
  /** Value of the DPoP header. */
  readonly proof: string | undefined;
  readonly token: string;
  /** Thumbprint of the key that the token is bound to (RFC 7638). */
  readonly thumbprint: string;
  readonly method: string;
  /** Where the request went, without query. */
  readonly url: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Why a proof is not taken. */
export type ProofFault =
  | { readonly kind: 'nonce' }
  | { readonly kind: 'wrong'; readonly error: 'invalid_dpop_proof' | 'invalid_token'; readonly detail: string };

/** Seconds by which a proof may be old, or its clock differ: as at the token endpoint. A nonce stands in for clocks. */
const longestAge = 300;

/** Characters. What is longer is nothing that a client's library makes. */
const longest = { proof: 8_192, jti: 256 };

const wrong = (detail: string, error: 'invalid_dpop_proof' | 'invalid_token' = 'invalid_dpop_proof') =>
  fault({ kind: 'wrong', error, detail } as const);

interface Verified {
  readonly payload: JWTPayload;
  readonly jwk: JWK;
}

/** The signature, by the key in the proof: a public one, and an algorithm of ours (RFC 9449 section 4.3, 1 to 7). */
async function verify(proof: string, { algorithms }: ProofRules, now: number): Promise<Verified | undefined> {
  try {
    const options = { algorithms: [...algorithms], typ: 'dpop+jwt', currentDate: new Date(now * 1000) };
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, options);
    return { payload, jwk: protectedHeader.jwk as JWK };
  } catch {
    // Whatever is wrong with it, the sender gets one sentence.
    return undefined;
  }
}

/** RFC 9449 section 4.3, 9: without query and fragment, and however it is written. */
function isSameUrl(htu: unknown, url: string): boolean {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false;
  const named = new URL(htu);
  named.search = '';
  named.hash = '';
  return named.href === new URL(url).href;
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

/** What a payload lacks. */
function faultIn({ htm, htu, iat, ath, jti }: JWTPayload, it: ProofCase, clocks: boolean): string | undefined {
  const { method, url, token, now } = it;
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [typeof jti === 'string' && jti !== '' && jti.length <= longest.jti, 'The proof has no usable jti.'],
    [htm === method, 'The proof is for another method (htm).'],
    [isSameUrl(htu, url), 'The proof is for another address (htu).'],
    [typeof iat === 'number' && !(clocks && Math.abs(now - iat) > longestAge), 'The proof is not recent (iat).'],
    [ath === hashOf(token), 'The proof is for another access token (ath).'],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}

/** Checks a proof of possession (RFC 9449 section 4.3 and 7), and spends it. */
export async function checkProof(rules: ProofRules, it: ProofCase): Promise<Result<true, ProofFault>> {
  if (it.proof === undefined) return wrong('Send a proof in the DPoP header.');
  const verified = it.proof.length > longest.proof ? undefined : await verify(it.proof, rules, it.now);
  if (verified === undefined) return wrong('The proof is not a JWT that its own public key has signed.');
  const { payload, jwk } = verified;
  const lacking = faultIn(payload, it, !rules.requiresNonce);
  if (lacking !== undefined) return wrong(lacking);
  if (rules.requiresNonce && !(typeof payload['nonce'] === 'string' && rules.isNonce(payload['nonce']))) {
    return fault({ kind: 'nonce' });
  }
  if ((await calculateJwkThumbprint(jwk)) !== it.thumbprint) {
    return wrong('The access token is bound to another key.', 'invalid_token');
  }
  const isFirst = await rules.spend(it.thumbprint, String(payload.jti), it.now + 2 * longestAge);
  return isFirst ? ok(true) : wrong('The proof has been used before (jti).');
}
