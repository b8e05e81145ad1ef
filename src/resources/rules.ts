import { fault, ok, type Result } from '../base/index.ts';
import { signingAlgorithms } from '../config/index.ts';
import type { Resource, ResourceDraft } from './types.ts';

/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

function identifierFault(identifier: string): string | undefined {
  if (identifier.length > 512) return 'identifier: at most 512 characters';
  if (!URL.canParse(identifier)) return 'identifier: must be an absolute URI (RFC 8707 section 2)';
  if (identifier.includes('#')) return 'identifier: must have no fragment (RFC 8707 section 2)';
  return undefined;
}

function scopeFaults(scopes: ResourceDraft['scopes']): string[] {
  const names = scopes.map((scope) => scope.name);
  const wrong = names.filter((name) => !scopeToken.test(name));
  const faults = wrong.map((name) => `scopes: "${name.slice(0, 64)}" is not a scope (RFC 6749 section 3.3)`);
  if (new Set(names).size < names.length) faults.push('scopes: each name may stand once');
  if (scopes.some((scope) => scope.description.trim() === ''))
    faults.push('scopes: each needs a description for the consent page');
  return faults;
}

/** Checks a new resource; all faults at once, each naming its field. */
export function checkResource(draft: ResourceDraft): Result<ResourceDraft, readonly string[]> {
  const faults = scopeFaults(draft.scopes);
  const wrongIdentifier = identifierFault(draft.identifier);
  if (wrongIdentifier !== undefined) faults.unshift(wrongIdentifier);
  if (draft.signingAlg !== undefined && !signingAlgorithms.includes(draft.signingAlg)) {
    faults.push(`signingAlg: one of ${signingAlgorithms.join(', ')}`);
  }
  const ttl = draft.accessTokenTtl;
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 60 || ttl > 86_400)) {
    faults.push('accessTokenTtl: whole seconds from 60 to 86,400');
  }
  return faults.length === 0 ? ok(draft) : fault(faults);
}

/** The client's side of a request for a token. */
export interface ScopeAsker {
  readonly allowedScopes: ReadonlySet<string>;
  readonly allowedResources: ReadonlySet<string>;
  /** None: a client that registered itself. */
  readonly organizationSid: string | undefined;
}

/**
 * Whether a client may ask for a resource: one that it lists, or, where it lists none, the platform's own and those of
 * its organization. An organization's resource is never open to another organization's client by the client's own list.
 * A client that registered itself belongs to nobody: it may ask where the resource accepts such clients.
 */
export function mayAskFor(client: ScopeAsker, resource: Resource): boolean {
  const { organizationSid: owner } = resource;
  const reachable =
    client.organizationSid === undefined
      ? resource.acceptsRegisteredClients
      : owner === undefined || owner === client.organizationSid;
  return reachable && (client.allowedResources.size === 0 || client.allowedResources.has(resource.identifier));
}

/**
 * The scopes of a token for a resource. A request that names none gets all that the client is allowed there (the
 * pre-defined default of RFC 6749 section 3.3); one that names any gets exactly those, or the first one it may not have.
 */
export function grantedScopes(
  requested: readonly string[],
  client: ScopeAsker,
  resource: Resource,
): Result<readonly string[], string> {
  if (requested.length === 0) return ok([...resource.scopes].filter((scope) => client.allowedScopes.has(scope)));
  const refused = requested.find((scope) => !(resource.scopes.has(scope) && client.allowedScopes.has(scope)));
  return refused === undefined ? ok([...new Set(requested)]) : fault(refused);
}
