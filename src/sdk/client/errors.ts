import { CountersignError } from '../errors.ts';
import { membersOf } from '../tokens/response.ts';
import type { Answer } from '../transport/types.ts';

/** One fault of a request, as the management API lists them. */
export interface ApiFault {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  /** Where in the request: a JSON pointer, or the name of a parameter. */
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

interface ApiErrorDetails {
  readonly status: number;
  readonly error: string;
  readonly errors: readonly ApiFault[];
  readonly requestId: string | undefined;
  readonly headers: Headers;
}

/** The API answered with an error. The subclasses are the statuses worth catching by name. */
export class ApiError extends CountersignError {
  override readonly name: string = 'ApiError';
  readonly status: number;
  /** The `error` of the answer, as in `not_found`. */
  readonly error: string;
  /** What exactly is wrong, and where. */
  readonly errors: readonly ApiFault[];
  /** To be named when asking the operator. */
  readonly requestId: string | undefined;
  readonly headers: Headers;

  constructor(message: string, details: ApiErrorDetails) {
    super('api_error', message);
    this.status = details.status;
    this.error = details.error;
    this.errors = details.errors;
    this.requestId = details.requestId;
    this.headers = details.headers;
  }
}

/** 400: the request is malformed. */
export class BadRequestError extends ApiError {
  override readonly name: string = 'BadRequestError';
}

/** 401: the credentials are missing, wrong or revoked, and a new token did not help. */
export class AuthenticationError extends ApiError {
  override readonly name: string = 'AuthenticationError';
}

/** 403: the credentials are good, and not for this. */
export class PermissionDeniedError extends ApiError {
  override readonly name: string = 'PermissionDeniedError';
}

/** 404: there is no such record, or it is not yours to see. */
export class NotFoundError extends ApiError {
  override readonly name: string = 'NotFoundError';
}

/** 409: it contradicts what is there. */
export class ConflictError extends ApiError {
  override readonly name: string = 'ConflictError';
}

/** 412: the record is not as it was when it was read (`If-Match`). */
export class PreconditionFailedError extends ApiError {
  override readonly name: string = 'PreconditionFailedError';
}

/** 422: the request is understood, and what it says cannot be; `errors` names the members. */
export class UnprocessableEntityError extends ApiError {
  override readonly name: string = 'UnprocessableEntityError';
}

/** 429: too many requests, after the retries too. */
export class RateLimitError extends ApiError {
  override readonly name: string = 'RateLimitError';
}

/** 5xx: the server failed, after the retries too. */
export class ServerError extends ApiError {
  override readonly name: string = 'ServerError';
}

/** The answer is none of the management API: a proxy's page, or cut short. */
export class ApiResponseError extends CountersignError {
  override readonly name: string = 'ApiResponseError';
  readonly status: number;

  constructor(message: string, status: number) {
    super('api_response_unusable', message);
    this.status = status;
  }
}

const classes: Readonly<Record<number, typeof ApiError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

const classOf = (status: number): typeof ApiError => classes[status] ?? (status >= 500 ? ServerError : ApiError);

function faultsOf(errors: unknown): readonly ApiFault[] {
  return Array.isArray(errors) ? errors.filter((fault) => typeof fault === 'object' && fault !== null) : [];
}

/** Where and what: the pointer or parameter, then the sentence. */
function sentenceOf({ source, detail, title, code }: ApiFault): string {
  const place = source?.pointer ?? source?.parameter;
  const text = detail ?? title ?? code ?? 'unknown fault';
  return place === undefined || place === '' ? text : `${place}: ${text}`;
}

/** The error that an answer stands for. @param place method and path, for the message. */
export function apiErrorOf(place: string, { status, headers, text }: Answer): ApiError {
  const body = membersOf(text);
  const errors = faultsOf(body['errors']);
  const error = typeof body['error'] === 'string' ? body['error'] : (errors[0]?.code ?? 'unknown');
  const description = typeof body['error_description'] === 'string' ? [body['error_description']] : [];
  const sentences = errors.length > 0 ? errors.slice(0, 5).map(sentenceOf) : description;
  const requestId = headers.get('x-request-id') ?? undefined;
  const trace = requestId === undefined ? '' : ` [request ${requestId}]`;
  const message = `${place}: ${status} ${error}${sentences.length === 0 ? '' : `, ${sentences.join('; ')}`}${trace}`;
  return new (classOf(status))(message, { status, error, errors, requestId, headers });
}
