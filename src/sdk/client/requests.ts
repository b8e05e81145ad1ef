import { optionalText } from '../arguments.ts';
import { ConnectionError, InvalidArgumentError, TimeoutError } from '../errors.ts';
import { abortable } from '../transport/abortable.ts';
import { exchange } from '../transport/exchange.ts';
import { headersOf } from '../transport/headers.ts';
import { type Outcome, withRetries } from '../transport/retry.ts';
import { isWorthRetrying, retryAfterOf } from '../transport/rules.ts';
import type { Transport } from '../transport/settings.ts';
import type { Answer, Fetch } from '../transport/types.ts';
import type { Authorizer } from './authorizer.ts';
import { ApiResponseError, apiErrorOf } from './errors.ts';
import { type Query, urlOf } from './query.ts';
import { type RequestSigner, withSignature } from './signing.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a single call may set. */
export interface RequestOptions {
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends this call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Of a POST: what makes its repetition the same one. A random one unless given. */
  readonly idempotencyKey?: string | undefined;
}

/** A good answer. */
export interface Reply {
  /** Its JSON; undefined when it is empty. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** A good answer of which only the head was read. */
export interface Flow {
  /** Method and path, for messages. */
  readonly place: string;
  readonly body: ReadableStream<Uint8Array>;
  /** Milliseconds to wait for each part. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** How requests leave. */
export interface RequestSettings {
  readonly baseUrl: URL;
  readonly authorizer: Authorizer;
  readonly transport: Transport;
  readonly headers: Readonly<Record<string, string>>;
  /** Signs each request as it leaves. */
  readonly signer: RequestSigner | undefined;
}

/** The most characters of an answer that are read. */
const answerLimit = 16_777_216;
const lines = 'application/x-ndjson';

/** Both signals in one. */
function joined(first: AbortSignal | undefined, second: AbortSignal | undefined): AbortSignal | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return AbortSignal.any([first, second]);
}

function jsonOf(body: unknown): string {
  try {
    const text = JSON.stringify(body);
    if (text !== undefined) return text;
  } catch (cause) {
    throw new InvalidArgumentError('body', 'must be JSON: no cycles, no BigInt.', { cause });
  }
  throw new InvalidArgumentError('body', 'must be JSON: an object, an array, a text, a number, a boolean or null.');
}

function initOf(method: Method, options: RequestOptions, headers: Readonly<Record<string, string>>): RequestInit {
  const all = headersOf('headers', { accept: 'application/json', ...headers, ...options.headers });
  if (method === 'POST') {
    all.set('idempotency-key', optionalText('idempotencyKey', options.idempotencyKey) ?? crypto.randomUUID());
  }
  if (options.body === undefined) return { method, headers: all, redirect: 'manual' };
  all.set('content-type', 'application/json');
  return { method, headers: all, redirect: 'manual', body: jsonOf(options.body) };
}

function readAnswer(place: string, { status, headers, text }: Answer): unknown {
  if (status < 300 && text === '') return undefined;
  if (status < 300 && /^application\/([a-z.+-]*\+)?json\b/i.test(headers.get('content-type') ?? '')) {
    try {
      return JSON.parse(text);
    } catch {
      // Cut short or not JSON at all: said below.
    }
  }
  throw new ApiResponseError(
    `${place}: ${status} without JSON. Check baseUrl: it is the address of the server.`,
    status,
  );
}

/** Sends the requests of one client. */
export class Requests {
  readonly #settings: RequestSettings;

  constructor(settings: RequestSettings) {
    this.#settings = settings;
  }

  /**
   * Sends a request, again where that may help, and once more with a new token after a 401.
   * @throws ApiError | ApiResponseError | ConnectionError | TimeoutError | TokenError | InvalidArgumentError, or the
   *   reason of a signal.
   */
  async send(method: Method, path: string, options: RequestOptions = {}): Promise<Reply> {
    const { place, answer } = await this.#ask(method, path, options, this.#settings.transport.fetch);
    return { body: readAnswer(place, answer), headers: answer.headers };
  }

  /**
   * Asks for JSON lines, to be read as they come. Until they begin it is as `send`.
   * @throws as `send`.
   */
  async open(path: string, options: RequestOptions): Promise<Flow> {
    const { transport } = this.#settings;
    let body: Response['body'] = null;
    const beginning: Fetch = async (url, init) => {
      const response = await transport.fetch(url, init);
      if (!response.ok) return response;
      body = response.body;
      return new Response(null, { status: response.status, headers: response.headers });
    };
    const headers = { ...options.headers, accept: lines };
    const { place, answer } = await this.#ask('GET', path, { ...options, headers }, beginning);
    if (body !== null && answer.headers.get('content-type')?.startsWith(lines) === true) {
      return { place, body, timeout: transport.timeout, signal: joined(transport.signal, options.signal) };
    }
    throw new ApiResponseError(`${place}: ${answer.status} without JSON lines. Check baseUrl.`, answer.status);
  }

  async #ask(method: Method, path: string, options: RequestOptions, fetch: Fetch) {
    const { baseUrl, authorizer, transport, headers, signer } = this.#settings;
    const url = urlOf(baseUrl, path, options.query);
    const init = initOf(method, options, headers);
    const patience = { ...transport, fetch, signal: joined(transport.signal, options.signal) };
    const place = `${method} ${url.pathname}`;
    // Signed anew each time: a signature is for one Authorization header, and soon too old.
    const deliver = (authorization: string) =>
      withRetries(patience, async () => {
        const authorized = withAuthorization(init, authorization);
        const whole = signer === undefined ? authorized : await withSignature(signer, url, authorized);
        return this.#attempt(place, url, whole, patience);
      });

    const authorization = await abortable(() => authorizer.current(), patience.signal);
    let answer = await deliver(authorization);
    if (answer.status === 401) {
      const renewed = await abortable(() => authorizer.renew(authorization), patience.signal);
      if (renewed !== authorization) answer = await deliver(renewed);
    }
    if (answer.status >= 400) throw apiErrorOf(place, answer);
    return { place, answer };
  }

  async #attempt(place: string, url: URL, init: RequestInit, transport: Transport): Promise<Outcome<Answer>> {
    try {
      const answer = await exchange({ ...transport, url, init, limit: answerLimit });
      if (!isWorthRetrying(answer.status)) return { kind: 'done', value: answer };
      return { kind: 'failed', error: apiErrorOf(place, answer), retryAfter: retryAfterOf(answer.headers, Date.now()) };
    } catch (error) {
      if (error instanceof ConnectionError || error instanceof TimeoutError) return { kind: 'failed', error };
      throw error;
    }
  }
}

function withAuthorization(init: RequestInit, authorization: string): RequestInit {
  if (authorization === '') return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', authorization);
  return { ...init, headers };
}
