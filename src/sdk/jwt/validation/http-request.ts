import { refuse, wellFormed } from '../checks.ts';
import { InvalidArgumentError } from '../errors.ts';

/** A value of a query parameter. A list stands for the parameter repeated; undefined is left out. */
export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[];

/** Parameters by name, or as pairs (URLSearchParams, Map). */
export type QueryParams = Readonly<Record<string, QueryValue>> | Iterable<readonly [string, QueryValue]>;

/** An HTTP request, in the shape of axios. */
export interface HttpRequest {
  /** Absolute URL. What stands in its query is signed along with `params`. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly headers?: object | null | undefined;
  readonly params?: QueryParams | null | undefined;
  /** The body: text and bytes are signed as they are, anything else as its JSON. */
  readonly data?: unknown;
}

/** Method and URL of a request, which must be there. */
export function requestLine(request: HttpRequest): { method: string; url: URL } {
  if (!request.url) throw new InvalidArgumentError('url', 'Url is required');
  if (!request.method) throw new InvalidArgumentError('method', 'Method is required');
  if (!URL.canParse(request.url)) refuse('url', 'must be an absolute URL');
  if (!/^[A-Za-z]{1,32}$/.test(request.method)) refuse('method', 'must be an HTTP method');
  return { method: request.method, url: new URL(request.url) };
}

/** Every parameter that goes over the wire, decoded: those of the URL first, then the others. */
export function queryPairs(url: URL, params: unknown): [string, string][] {
  return [...url.searchParams, ...pairsOf(params)];
}

/** Parameters as pairs of texts. */
export function pairsOf(params: unknown): [string, string][] {
  if (params === undefined || params === null) return [];
  if (typeof params !== 'object') return refuse('params', 'must be an object');
  const entries = Symbol.iterator in params ? [...(params as Iterable<unknown>)] : Object.entries(params);
  return entries.flatMap((entry) => {
    if (!Array.isArray(entry) || entry.length !== 2) return refuse('params', 'must be an object, or pairs of two');
    return valuesOf(wellFormed('a name in params', entry[0]), entry[1]);
  });
}

function valuesOf(name: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item === 'string') return [name, wellFormed(`params.${name}`, item)];
    if (typeof item === 'boolean' || Number.isFinite(item)) return [name, String(item)];
    return refuse(`params.${name}`, 'must be a string, a number, true or false, or a list of them');
  });
}

/** A header, whatever the case of its name. */
export function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  const value: unknown = Array.isArray(found?.[1]) ? found[1].join(', ') : found?.[1];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && !/[\r\n]/.test(value)) return value;
  return refuse(`headers.${name}`, 'must be a string of one line');
}
