import { createHash } from 'node:crypto';
import { refuse } from '../checks.ts';
import { pairsOf, type QueryParams } from './http-request.ts';

/** Headers by name. Only those that are to be signed. */
export type SignedHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Writes a request in the one way that both sides hash: method, path, query, headers, their names, hash of the body.
 *
 * It differs from the `twilio` package where that signs something else than what goes over the wire: a value is not
 * cut at its second `=`, a list is a parameter repeated, a lone `%` is a character like others, bytes are hashed as
 * they are.
 */
export class RequestCanonicalizer {
  readonly method: string;
  readonly uri: string;
  readonly queryParams: QueryParams | null | undefined;
  readonly requestBody: unknown;
  readonly headers: SignedHeaders;

  /** @param uri path of the request; a query in it does not count, give it as `queryParams` */
  constructor(
    method: string,
    uri: string,
    queryParams: QueryParams | null | undefined,
    requestBody: unknown,
    headers: SignedHeaders,
  ) {
    this.method = method;
    this.uri = uri;
    this.queryParams = queryParams;
    this.requestBody = requestBody;
    this.headers = headers;
  }

  getCanonicalizedMethod(): string {
    return this.method.toUpperCase();
  }

  /** The path without repeated slashes, each segment encoded anew. */
  getCanonicalizedPath(): string {
    const [path = ''] = this.uri.split('?');
    return path.replace(/\/+/g, '/').split('/').map(encode).join('/');
  }

  /** The parameters, sorted by code unit while still decoded, then encoded. */
  getCanonicalizedQueryParams(): string {
    return pairsOf(this.queryParams)
      .map(([name, value]) => ({ raw: `${name}=${value}`, encoded: `${encode(name)}=${encode(value)}` }))
      .sort((a, b) => byCodeUnit(a.raw, b.raw))
      .map(({ encoded }) => encoded)
      .join('&');
  }

  /** A line for each header, sorted, and a line end after the last. */
  getCanonicalizedHeaders(): string {
    const lines = Object.entries(this.headers).map(([name, value]) => `${name.toLowerCase()}:${value?.trim() ?? ''}`);
    return `${lines.sort(byCodeUnit).join('\n')}\n`;
  }

  /** The names of the headers: the claim `hrh`. */
  getCanonicalizedHashedHeaders(): string {
    return Object.keys(this.headers).sort(byCodeUnit).join(';');
  }

  /** Hash of the body, or nothing when there is none. */
  getCanonicalizedRequestBody(): string {
    const body = this.requestBody;
    if (body instanceof Uint8Array) return body.length === 0 ? '' : sha256(body);
    if (!body) return '';
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return text === undefined ? refuse('data', 'must be a string, bytes or JSON') : sha256(text);
  }

  /** The text that is hashed. */
  getCanonicalizedRequestString(): string {
    return [
      this.getCanonicalizedMethod(),
      this.getCanonicalizedPath(),
      this.getCanonicalizedQueryParams(),
      this.getCanonicalizedHeaders(),
      this.getCanonicalizedHashedHeaders(),
      this.getCanonicalizedRequestBody(),
    ].join('\n');
  }

  /** SHA-256 of the canonical request in hex: the claim `rqh`. */
  create(): string {
    return sha256(this.getCanonicalizedRequestString());
  }

  /** Another name of `getCanonicalizedRequestString()`. */
  get canonicalizedRequest(): string {
    return this.getCanonicalizedRequestString();
  }

  /** Another name of `create()`. */
  getSignatureHash(): string {
    return this.create();
  }
}

/** Decodes what is encoded already, then encodes, so that both spellings of a text are one. */
function encode(text: string): string {
  return encodeURIComponent(decoded(text)).replace(/\*/g, '%2A');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
