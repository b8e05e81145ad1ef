/** What kind of refusal it is, and the HTTP status that goes with it (RFC 6750 section 3.1, RFC 9449 section 7.1). */
export const statuses = {
  missing_token: 401,
  invalid_request: 400,
  invalid_token: 401,
  invalid_dpop_proof: 401,
  insufficient_scope: 403,
  wrong_organization: 403,
  wrong_account: 403,
  unavailable: 503,
} as const;

export type VerificationCode = keyof typeof statuses;

/** The one thing that was wrong, for programs that count or log it. */
export type VerificationReason =
  | 'missing'
  | 'malformed'
  | 'type'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'claim'
  | 'inactive'
  | 'binding'
  | 'proof'
  | 'replayed'
  | 'scope'
  | 'organization'
  | 'account'
  | 'issuer_unavailable'
  | 'busy';

/** Why a request is refused. Nothing of what was sent is repeated in it. */
export interface Fault {
  readonly code: VerificationCode;
  readonly reason: VerificationReason;
  /** For people, in the characters that a challenge may hold (RFC 6750 section 3). */
  readonly description: string;
  /** The scopes that were needed. */
  readonly scope?: string;
}

/** A decision: a value, or why there is none. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

export const good = <Value>(value: Value): Result<Value> => ({ ok: true, value });
export const refused = (fault: Fault): Result<never> => ({ ok: false, fault });

export const invalidToken = (reason: VerificationReason, description: string): Fault => ({
  code: 'invalid_token',
  reason,
  description,
});

export const invalidProof = (description: string, reason: VerificationReason = 'proof'): Fault => ({
  code: 'invalid_dpop_proof',
  reason,
  description,
});

export const unavailable = (description: string, reason: VerificationReason = 'issuer_unavailable'): Fault => ({
  code: 'unavailable',
  reason,
  description,
});
