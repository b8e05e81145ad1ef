import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { listOf, text, uri } from '../../api/index.ts';
import { authMethods } from '../types.ts';

const name = text(200);
const addresses = listOf(uri(), 20);
const word = z.string('must be a string').max(128, 'must have at most 128 characters');

/** RFC 6749 section 3.3. */
const scope = z
  .string('must be a string')
  .max(4096, 'must have at most 4096 characters')
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be scopes separated by single spaces')
  .transform((value) => [...new Set(value.split(' '))]);

const flag = z.boolean('must be true or false');

/**
 * The members of client metadata that mean something here, as they come over the wire. All others are ignored (RFC 7591
 * section 2), a software statement among them.
 */
const metadataSchema = z.object({
  client_name: name.optional(),
  redirect_uris: addresses.min(1, 'must hold at least one'),
  post_logout_redirect_uris: addresses.optional(),
  grant_types: listOf(word, 20).optional(),
  response_types: listOf(word, 20).optional(),
  token_endpoint_auth_method: z.enum(authMethods, `must be one of ${authMethods.join(', ')}`).optional(),
  application_type: z.enum(['web', 'native'], 'must be web or native').optional(),
  scope: scope.optional(),
  contacts: listOf(text(320), 10).optional(),
  client_uri: uri().optional(),
  logo_uri: uri().optional(),
  policy_uri: uri().optional(),
  tos_uri: uri().optional(),
  jwks_uri: uri().optional(),
  jwks: z.custom<JSONWebKeySet>((value) => typeof value === 'object' && value !== null, 'must be a JWK Set').optional(),
  software_id: text(255).optional(),
  software_version: text(255).optional(),
  require_pushed_authorization_requests: flag.optional(),
  dpop_bound_access_tokens: flag.optional(),
});

export type WireMetadata = z.output<typeof metadataSchema>;

/** What is wrong with the members of a body, by their names. */
export type InvalidFields = ReadonlyMap<string, readonly string[]>;

/** Nothing said: `null` is ignored (RFC 7592 section 2.2), and existing clients send empty strings for links. */
const says = ([, value]: readonly [string, unknown]) => value !== null && value !== '';

/** Reads client metadata, collecting every fault. */
export function readMetadata(body: Readonly<Record<string, unknown>>): {
  readonly metadata: Partial<WireMetadata>;
  readonly faults: InvalidFields;
} {
  const given = Object.fromEntries(Object.entries(body).filter(says));
  const parsed = metadataSchema.safeParse(given);
  if (parsed.success) return { metadata: parsed.data, faults: new Map() };
  const faults = new Map<string, string[]>();
  for (const { path, message } of parsed.error.issues) {
    const field = String(path[0]);
    faults.set(field, [...(faults.get(field) ?? []), field in given ? message : 'is required']);
  }
  return { metadata: {}, faults };
}
