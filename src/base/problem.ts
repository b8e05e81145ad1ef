/**
 * Every way a request can fail, once. `oauth` is the error code of RFC 6749 section 5.2 (or its extensions) under which
 * OAuth clients see it; other dialects use the key of the row itself.
 */
const problems = {
  malformed_request: { status: 400, oauth: 'invalid_request', title: 'The request cannot be read' },
  unsupported_media_type: { status: 415, oauth: 'invalid_request', title: 'The content type is not supported' },
  payload_too_large: { status: 413, oauth: 'invalid_request', title: 'The request is too large' },
  not_found: { status: 404, oauth: 'invalid_request', title: 'There is nothing here' },
  method_not_allowed: { status: 405, oauth: 'invalid_request', title: 'The method is not allowed here' },
  invalid_client: { status: 401, oauth: 'invalid_client', title: 'The client could not be authenticated' },
  invalid_token: { status: 401, oauth: 'invalid_token', title: 'The credentials are not valid' },
  unauthorized_client: { status: 400, oauth: 'unauthorized_client', title: 'The client may not do this' },
  access_denied: { status: 403, oauth: 'access_denied', title: 'This is not allowed' },
  insufficient_scope: { status: 403, oauth: 'insufficient_scope', title: 'The scope does not suffice' },
  invalid_scope: { status: 400, oauth: 'invalid_scope', title: 'The scope is not available' },
  invalid_target: { status: 400, oauth: 'invalid_target', title: 'The resource is not available' },
  unprocessable: { status: 422, oauth: 'invalid_request', title: 'The request is not valid' },
  precondition_failed: { status: 412, oauth: 'invalid_request', title: 'The record has changed' },
  idempotency_key_reused: { status: 422, oauth: 'invalid_request', title: 'The Idempotency-Key was used before' },
  too_many_requests: { status: 429, oauth: 'temporarily_unavailable', title: 'Too many requests' },
  unavailable: { status: 503, oauth: 'temporarily_unavailable', title: 'The service is not available right now' },
  server_error: { status: 500, oauth: 'server_error', title: 'Something went wrong on this side' },
} as const satisfies Record<string, { status: number; oauth: string; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with a request. */
export interface ProblemFault {
  /** Where in the body: a JSON Pointer (RFC 6901), for example `/allowed`. */
  readonly pointer?: string;
  /** Which query parameter. */
  readonly parameter?: string;
  /** What kind of fault it is, where that is known: a stable word for programs. Default: the problem's own code. */
  readonly code?: string;
  /** One public sentence. */
  readonly detail: string;
}

export interface ProblemOptions {
  /** What really happened: for the log, never for the answer. */
  readonly cause?: unknown;
  /** Headers that belong to the answer, for example `retry-after` or `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Each fault by itself, for dialects that can say where it is. */
  readonly faults?: readonly ProblemFault[];
}

/** A failure that a caller is told about. `detail` is public: one sentence saying what to mend. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly oauth: string;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly ProblemFault[];

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    const row = problems[code];
    this.code = code;
    this.status = row.status;
    this.oauth = row.oauth;
    this.title = row.title;
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.faults = options.faults ?? [];
  }
}

/** A failure of the set-up (configuration, database, keys) that ends the start: `faults` are sentences for the operator. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[], options: { readonly cause?: unknown } = {}) {
    super(faults.join('\n'), options);
    this.faults = faults;
  }
}
