import { requireText } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';

/** Headers in any of the forms that `fetch` takes. */
export type RequestHeaders = NonNullable<RequestInit['headers']>;

/** What an authenticated request has: its headers. */
export interface AuthenticatedRequest {
  headers?: RequestHeaders | undefined;
}

/** What the `twilio` package asks of a strategy: enough to send a request. */
export interface AuthStrategyLike {
  getAuthString(): Promise<string>;
  requiresAuthentication(): boolean;
  getAuthType(): string;
}

type Pairs = Array<[string, string]>;

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

function authorized(headers: RequestHeaders | undefined, value: string): RequestHeaders {
  if (headers instanceof Headers) {
    headers.set('authorization', value);
    return headers;
  }
  if (Array.isArray(headers)) {
    const others = (headers as Pairs).filter(([name]) => name.toLowerCase() !== 'authorization');
    return [...others, ['authorization', value]];
  }
  return { ...withoutAuthorization((headers ?? {}) as Record<string, string>), Authorization: value };
}

/** A way of authenticating requests. */
export abstract class AuthStrategy implements AuthStrategyLike {
  readonly #authType: string;

  /** @throws InvalidArgumentError */
  constructor(authType: string) {
    this.#authType = requireText('authType', authType);
  }

  /** `token`, `basic`, `noauth`, or the name of your own. */
  getAuthType(): string {
    return this.#authType;
  }

  /** The value of the `Authorization` header; empty when there is none to send. */
  abstract getAuthString(): Promise<string>;

  /** Whether requests carry credentials at all. */
  abstract requiresAuthentication(): boolean;

  /**
   * Puts the `Authorization` header on a request, in place of one that is there.
   * @param request a `Request`, the init of `fetch`, or any object with `headers`; it is changed and handed back.
   */
  async apply<Target extends AuthenticatedRequest>(request: Target): Promise<Target> {
    if (typeof request !== 'object' || request === null) throw new InvalidArgumentError('request', 'is required.');
    const value = await this.getAuthString();
    if (value === '') return request;
    const headers = authorized(request.headers, value);
    // The headers of a Request are changed in place; the property itself cannot be written.
    if (headers !== request.headers) request.headers = headers;
    return request;
  }
}
