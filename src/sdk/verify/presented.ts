import type { Scheme } from './challenge.ts';
import { type Fault, good, type Result, refused } from './faults.ts';
import { longestToken } from './jwt.ts';

/** A request as a resource server sees it: a web `Request`, a request of Node, or as much of either. */
export interface IncomingRequest {
  readonly method?: string | undefined;
  /** A whole address, or path and query. */
  readonly url?: string | undefined;
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a request says of who sends it. */
export interface Presented {
  readonly scheme: Scheme;
  readonly token: string;
  /** The value of the `DPoP` header. */
  readonly proof: string | undefined;
}

const schemes: Readonly<Record<string, Scheme>> = { bearer: 'Bearer', dpop: 'DPoP' };

/** RFC 6750 section 2.1. */
const credentials = /^([a-z]+) +([\w.~+/-]+=*)$/i;

const missing: Fault = { code: 'missing_token', reason: 'missing', description: 'Send an access token.' };
const malformed = (description: string): Fault => ({ code: 'invalid_request', reason: 'malformed', description });

/** One value of a header. @returns false when it was sent more than once. */
function headerOf({ headers }: IncomingRequest, name: string): string | undefined | false {
  if (typeof headers.get === 'function') return (headers as Headers).get(name) ?? undefined;
  const value = (headers as Readonly<Record<string, string | readonly string[] | undefined>>)[name];
  if (typeof value === 'string' || value === undefined) return value;
  return value.length > 1 ? false : value[0];
}

/**
 * The token of a request. It is taken from the `Authorization` header alone: addresses end up in logs (RFC 9700 section
 * 4.3.2).
 */
export function presentedIn(request: IncomingRequest): Result<Presented> {
  const authorization = headerOf(request, 'authorization');
  if (authorization === undefined || authorization === '') return refused(missing);
  const proof = headerOf(request, 'dpop');
  if (authorization === false || proof === false) return refused(malformed('A header was sent twice.'));
  if (authorization.length > longestToken) return refused(malformed('The Authorization header is too long.'));
  const [, name = '', token = ''] = credentials.exec(authorization) ?? [];
  const scheme = schemes[name.toLowerCase()];
  if (scheme !== undefined) return good({ scheme, token, proof });
  const isOther = !/^(bearer|dpop)( |$)/i.test(authorization);
  return refused(isOther ? missing : malformed('The Authorization header is malformed.'));
}
