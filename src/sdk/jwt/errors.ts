/** An argument breaks a rule. The message names the field and the rule and never repeats the value. */
export class InvalidArgumentError extends TypeError {
  override readonly name = 'InvalidArgumentError';
  /** The option or argument at fault, as the caller writes it: `ttl`, `options.accountSid`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Why a token was refused, for programs; the message is for people. */
export type JwtDecodeReason = 'malformed' | 'algorithm' | 'signature' | 'expired' | 'not-yet-valid' | 'claims';

/** A token was refused: it is no JWT, is not signed with this key and algorithm, or does not count now. */
export class JwtDecodeError extends Error {
  override readonly name = 'JwtDecodeError';
  readonly reason: JwtDecodeReason;

  constructor(reason: JwtDecodeReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
