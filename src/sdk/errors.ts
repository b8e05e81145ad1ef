/** Every error that this library throws of itself. An aborted call throws the signal's reason instead, as fetch does. */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';
  /** What went wrong, for programs: stable, in snake_case. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An option or argument that can not be right. Thrown before anything is sent. */
export class InvalidArgumentError extends CountersignError {
  override readonly name: string = 'InvalidArgumentError';
  /** The option's name, as the caller writes it. */
  readonly field: string;

  /** @param rule what the field must be, as the end of a sentence that begins with its name. */
  constructor(field: string, rule: string, options?: ErrorOptions) {
    super('invalid_argument', `${field} ${rule}`, options);
    this.field = field;
  }
}

/** No answer came: the name was not found, nobody listened, the connection broke. */
export class ConnectionError extends CountersignError {
  override readonly name: string = 'ConnectionError';

  constructor(message: string, options?: ErrorOptions) {
    super('connection_failed', message, options);
  }
}

/** The answer, or the rest of it, did not come in time. */
export class TimeoutError extends CountersignError {
  override readonly name: string = 'TimeoutError';
  /** Milliseconds that were waited. */
  readonly timeout: number;

  constructor(message: string, timeout: number) {
    super('timeout', message);
    this.timeout = timeout;
  }
}
