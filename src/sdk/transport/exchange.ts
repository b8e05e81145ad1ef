import { ConnectionError, TimeoutError } from '../errors.ts';
import type { Answer, Fetch } from './types.ts';

/** One request and what bounds it. */
export interface Exchange {
  readonly fetch: Fetch;
  readonly url: URL;
  readonly init: RequestInit;
  /** Milliseconds for the whole answer. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** The most characters of a body that are read. */
  readonly limit: number;
}

/** Where a request went, for messages: a query may hold what is nobody's business. */
export const placeOf = (url: URL): string => `${url.origin}${url.pathname}`;

async function readText(response: Response, limit: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (text.length > limit) {
      await reader.cancel();
      return text.slice(0, limit);
    }
  }
  return text + decoder.decode();
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { readonly cause?: { readonly code?: unknown }; readonly message?: unknown };
  return typeof cause?.code === 'string' ? cause.code : String(message ?? error);
}

async function perform({ fetch, url, init, limit }: Exchange, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url.href, { ...init, signal });
    return { status: response.status, headers: response.headers, text: await readText(response, limit) };
  } catch (error) {
    const message = `No answer from ${placeOf(url)} (${reasonOf(error)}). Check the address and the network.`;
    throw new ConnectionError(message, { cause: error });
  }
}

/**
 * Sends one request and reads its answer. The time limit holds even for a `fetch` that ignores its signal.
 * @throws TimeoutError | ConnectionError, or the reason of the caller's signal.
 */
export async function exchange(request: Exchange): Promise<Answer> {
  const { signal, timeout, url } = request;
  signal?.throwIfAborted();
  const cut = new AbortController();
  return new Promise<Answer>((resolve, reject) => {
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
    const end = (reason: unknown) => {
      release();
      reject(reason);
      cut.abort(reason);
    };
    const aborted = () => end(signal?.reason);
    const late = () => end(new TimeoutError(`No answer from ${placeOf(url)} within ${timeout} ms.`, timeout));
    const timer = setTimeout(late, timeout);
    signal?.addEventListener('abort', aborted);
    perform(request, cut.signal).finally(release).then(resolve, reject);
  });
}
