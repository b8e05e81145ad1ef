import { requireFunction, requireNumber, requireOneOf, requireOptions, requireText, requireUrl } from '../arguments.ts';
import { base64 } from '../base64.ts';
import type { Wire } from './wire.ts';

/** Asking the issuer about tokens (RFC 7662). */
export interface IntrospectionOptions {
  /** Who asks: a client of the issuer, or an authentication strategy of this library. */
  readonly credentials:
    | { readonly clientId: string; readonly clientSecret: string }
    | { getAuthString(): string | Promise<string> };
  /** Where to ask. By default the issuer's metadata says it. */
  readonly endpoint?: string | undefined;
  /** `opaque`: tokens that are no JWT. `all`: JWTs too, once they are verified, to learn of revocations. Default `opaque`. */
  readonly tokens?: 'opaque' | 'all' | undefined;
  /** Milliseconds for which an answer is used again, and so a revocation goes unseen. Default 10,000; 0 turns it off. */
  readonly maxAge?: number | undefined;
  /** Answers that are kept. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /** Questions under way at once; more are refused with status 503. Default 100. */
  readonly maxConcurrent?: number | undefined;
}

export interface IntrospectionSettings {
  readonly endpoint: URL | undefined;
  readonly all: boolean;
  readonly maxAge: number;
  readonly maxEntries: number;
  readonly maxConcurrent: number;
  /** The value of `Authorization`. */
  authorization(): string | Promise<string>;
}

/** @throws InvalidArgumentError */
export function parseIntrospection(given: IntrospectionOptions, wire: Wire): IntrospectionSettings {
  const options = requireOptions('introspection', given);
  const { endpoint, tokens = 'opaque', maxAge = 10_000, maxEntries = 10_000, maxConcurrent = 100 } = options;
  const count = { unit: 'entries', min: 1, max: 1_000_000, integer: true };
  return {
    endpoint:
      endpoint === undefined ? undefined : requireUrl('introspection.endpoint', endpoint, wire.allowInsecureRequests),
    all: requireOneOf('introspection.tokens', tokens, ['opaque', 'all']) === 'all',
    maxAge: requireNumber('introspection.maxAge', maxAge, { unit: 'milliseconds', min: 0, max: 300_000 }),
    maxEntries: requireNumber('introspection.maxEntries', maxEntries, count),
    maxConcurrent: requireNumber('introspection.maxConcurrent', maxConcurrent, { ...count, unit: 'questions' }),
    authorization: parseCredentials(options.credentials),
  };
}

function parseCredentials(given: IntrospectionOptions['credentials']): () => string | Promise<string> {
  const credentials = requireOptions('introspection.credentials', given);
  if ('getAuthString' in credentials) {
    requireFunction('introspection.credentials.getAuthString', credentials.getAuthString);
    return () => credentials.getAuthString();
  }
  const id = requireText('introspection.credentials.clientId', credentials.clientId);
  const secret = requireText('introspection.credentials.clientSecret', credentials.clientSecret);
  const value = `Basic ${base64(`${formEncoded(id)}:${formEncoded(secret)}`)}`;
  return () => value;
}

/** RFC 6749 section 2.3.1. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
