import { CountersignError } from '../errors.ts';
import { type Fault, statuses, type VerificationCode, type VerificationReason } from './faults.ts';

/**
 * A token, or the request that carried it, is refused; or it cannot be judged now, which is status 503. It says how to
 * answer: `status`, `headers` and `body`. Nothing of the token is in it.
 */
export class VerificationError extends CountersignError {
  override readonly name = 'VerificationError';
  declare readonly code: VerificationCode;
  /** The one thing that was wrong. */
  readonly reason: VerificationReason;
  /** The HTTP status to answer with. */
  readonly status: number;
  /** The value of `WWW-Authenticate` to answer with; nothing where another token or login would not help. */
  readonly challenge: string | undefined;
  readonly fault: Fault;

  constructor(fault: Fault, challenge?: string, options?: ErrorOptions) {
    super(fault.code, fault.description, options);
    this.reason = fault.reason;
    this.status = statuses[fault.code];
    this.challenge = challenge;
    this.fault = fault;
  }

  /** The headers to answer with. */
  get headers(): Record<string, string> {
    const challenge = this.challenge === undefined ? {} : { 'www-authenticate': this.challenge };
    return { 'cache-control': 'no-store', ...challenge };
  }

  /** The body to answer with, as JSON. */
  get body(): { readonly error: VerificationCode; readonly error_description: string } {
    return { error: this.code, error_description: this.message };
  }
}
