import type { KeyFault } from '../accounts/index.ts';
import type { Refusal } from './types.ts';

const realm = 'realm="Countersign"';

/** The refusals of one server, each with its challenge (RFC 6750 section 3, RFC 9449 section 7.1). */
export interface Refusals {
  /** Nothing was presented. Probing for the challenge is how clients learn where to get a token. */
  readonly missing: Refusal;
  /** An API key or a token that is none here. */
  readonly invalid: Refusal;
  /** An API key whose account wants the call signed: it is not, or not so. */
  unsigned(fault: Exclude<KeyFault, { readonly kind: 'unknown' }>): Refusal;
  /** A token that is bound to a key, sent as a Bearer. */
  readonly needsProof: Refusal;
  /** A token that is not bound to a key, sent with a proof. */
  readonly unbound: Refusal;
  /** A token that is none here, or a proof that does not prove it. */
  bound(error: 'invalid_token' | 'invalid_dpop_proof', detail: string): Refusal;
  /** A proof without a nonce that counts: the client is to come again with this one (RFC 9449 section 9). */
  nonce(next: string): Refusal;
}

/** Words the refusals. Each challenge says where to learn more (RFC 9728 section 5.1). */
export function createRefusals(issuer: string, algorithms: readonly string[]): Refusals {
  const metadata = `resource_metadata="${issuer}/.well-known/oauth-protected-resource"`;
  const algs = `algs="${algorithms.join(' ')}"`;
  const either = (error: string) => ({ 'www-authenticate': `Bearer ${realm}${error}, ${metadata}, DPoP ${algs}` });
  const proof = (error: string, detail: string) => ({
    'www-authenticate': `DPoP ${realm}, error="${error}", error_description="${detail}", ${algs}, ${metadata}`,
  });
  const bound: Refusals['bound'] = (error, detail) => ({ detail, headers: proof(error, detail), counts: true });
  const nonceDetail = 'Send the proof again with the nonce of the DPoP-Nonce header.';
  return {
    missing: {
      detail: 'Send an API key or an access token for this API as a Bearer.',
      headers: either(''),
      counts: false,
    },
    invalid: {
      detail: 'The API key or access token is not valid here.',
      headers: either(', error="invalid_token"'),
      counts: true,
    },
    unsigned: ({ kind, detail }) => ({
      detail,
      headers: either(`, error="invalid_token", error_description="${detail}"`),
      counts: kind === 'wrong_signature',
    }),
    needsProof: bound('invalid_token', 'The access token is bound to a key: send it as DPoP, with a proof.'),
    unbound: bound('invalid_token', 'The access token is not bound to a key: send it as a Bearer.'),
    bound,
    nonce: (next) => ({
      detail: nonceDetail,
      headers: { ...proof('use_dpop_nonce', nonceDetail), 'dpop-nonce': next },
      counts: false,
    }),
  };
}
