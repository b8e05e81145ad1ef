import { CountersignError } from '../errors.ts';

interface TokenErrorDetails extends ErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfter?: number | undefined;
}

/** No token could be had. */
export class TokenError extends CountersignError {
  override readonly name: string = 'TokenError';
  /** The status of the token endpoint's last answer; undefined when there was none. */
  readonly status: number | undefined;
  /** Milliseconds after which the server wants to be asked again, where it told. */
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, { status, retryAfter, ...options }: TokenErrorDetails = {}) {
    super(code, message, options);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The token endpoint said no (RFC 6749 section 5.2). Asking again changes nothing; the message says what does. */
export class TokenRefusedError extends TokenError {
  override readonly name: string = 'TokenRefusedError';
  /** The `error` of the answer: `invalid_client`, `invalid_scope` and so on; `unknown` where it had none. */
  readonly error: string;
  /** The `error_description` of the answer, without secrets. */
  readonly errorDescription: string | undefined;

  constructor(message: string, status: number, error: string, errorDescription: string | undefined) {
    super('token_refused', message, { status });
    this.error = error;
    this.errorDescription = errorDescription;
  }
}

/** The token endpoint could not be reached or was not able to answer, several times over. */
export class TokenEndpointUnavailableError extends TokenError {
  override readonly name: string = 'TokenEndpointUnavailableError';
  /** How often it was asked. */
  readonly attempts: number;

  constructor(message: string, attempts: number, details: TokenErrorDetails) {
    super('token_endpoint_unavailable', message, details);
    this.attempts = attempts;
  }
}

/** Something answered, and it was not a token endpoint, or its token is of no use: it cannot be sent in a header. */
export class TokenResponseError extends TokenError {
  override readonly name: string = 'TokenResponseError';

  /** @param status undefined where the token came from something else than a token endpoint. */
  constructor(message: string, status?: number) {
    super('token_response_unusable', message, { status });
  }
}
