import { codeOf, type ProblemCode, problems } from './problem.ts';

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
  /** As Twilio's clients know it. */
  readonly number: number;
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
    this.number = row.number;
    this.oauth = row.oauth;
    this.title = row.title;
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.faults = options.faults ?? [];
  }
}

/**
 * The problem that an error of the protocol library is.
 * @param oauth its code. @param description what it says, if anything.
 */
export function problemFrom(oauth: string, status: number, description: string | undefined): Problem {
  const code = codeOf(oauth, status);
  return new Problem(code, description ?? problems[code].title);
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
