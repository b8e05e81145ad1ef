import { createHash } from 'node:crypto';
import { Problem } from '../base/index.ts';

/** The strong entity tag of an answer (RFC 9110 section 8.8.3): equal records have equal tags. */
export function etagOf(body: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)}"`;
}

/** @throws Problem 412 when `If-Match` names another state of a record than the one it is in (RFC 9110 section 13.1.1). */
export function matchEtag(ifMatch: string | undefined, current: unknown): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  const etag = etagOf(current);
  if (tags.includes(etag)) return;
  const headers = { etag };
  throw new Problem('precondition_failed', 'The record has changed meanwhile. Read it again, then repeat.', {
    headers,
  });
}
