import type { IncomingHttpHeaders } from 'node:http';
import { fault, ok, type Result } from '../../base/index.ts';
import { readMetadata } from './metadata.ts';
import { completeMetadata } from './rules.ts';
import type { ClientMetadata, RegistrationPolicy } from './types.ts';

/**
 * Whether a client_id is the URL of a client's metadata document (draft-ietf-oauth-client-id-metadata-document section
 * 3): https, with a path, without user, fragment and query, and written as a URL parser writes it, so that nobody has
 * two names.
 */
export function isDocumentUrl(clientId: string): boolean {
  if (!clientId.startsWith('https://') || clientId.length > 512) return false;
  const url = URL.parse(clientId);
  if (url === null || url.href !== clientId) return false;
  return url.pathname !== '/' && url.username === '' && url.password === '' && !/[?#]/.test(clientId);
}

/** Seconds for which a document is believed at least, at most, and where its sender says nothing. */
const leastFresh = 300;
const mostFresh = 86_400;
const usuallyFresh = 3_600;

/** Seconds for which the sender lets others keep an answer (RFC 9111 sections 4.2.1 and 5.2.2). */
function lifetimeOf(headers: IncomingHttpHeaders, now: number): number {
  const control = headers['cache-control']?.toLowerCase() ?? '';
  if (/\b(no-store|no-cache|private)\b/.test(control)) return 0;
  const shared = /\bs-maxage="?(\d{1,10})/.exec(control) ?? /\bmax-age="?(\d{1,10})/.exec(control);
  if (shared !== null) return Number(shared[1]) - Number(headers['age'] ?? 0);
  if (headers.expires === undefined) return usuallyFresh;
  const end = Date.parse(headers.expires);
  return Number.isNaN(end) ? 0 : (end - now) / 1000;
}

/**
 * Until when a document need not be fetched again: as long as its sender says, but at least 5 minutes and at most a day.
 * @param now milliseconds since the epoch, as the result.
 */
export function freshUntil(headers: IncomingHttpHeaders, now: number): number {
  const lifetime = lifetimeOf(headers, now);
  const seconds = Number.isFinite(lifetime) ? lifetime : 0;
  return now + 1000 * Math.min(mostFresh, Math.max(leastFresh, seconds));
}

const jsonType = /^application\/(json|[a-z0-9.-]+\+json)\s*(;|$)/i;

/** Secrets have no place in what everybody can read; who puts one there has lost it. */
const secretMembers = ['client_secret', 'client_secret_expires_at'];

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Whatever is wrong with it, it is not what it should be; the caller says so.
    return undefined;
  }
}

/** Reads a metadata document that came from its own URL. The fault is one public sentence. */
export function readDocument(
  clientId: string,
  answer: { readonly headers: IncomingHttpHeaders; readonly body: Buffer },
  policy: RegistrationPolicy,
): Result<ClientMetadata, string> {
  if (!jsonType.test(answer.headers['content-type'] ?? '')) return fault('it is not sent as application/json');
  const document = parseObject(answer.body);
  if (document === undefined) return fault('it is not a JSON object');
  if (document['client_id'] !== clientId) return fault('its client_id is not the URL that it is at');
  if (document['client_name'] === undefined) return fault('it has no client_name');
  if (secretMembers.some((member) => member in document)) return fault('it holds a client secret');
  const complete = completeMetadata(readMetadata(document), policy, 'document');
  if (complete.ok) return ok(complete.value);
  const [[field, messages] = ['', []]] = complete.fault;
  return fault(`${field} ${messages.join(', ')}`);
}
