import { fault, ok, type ProblemFault, type Result } from '../base/index.ts';
import { signingAlgorithms } from '../config/index.ts';
import type { Resource, ResourceDraft } from './types.ts';

/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** What a URI is written with (RFC 3986 section 2). */
const uriCharacters = /^[\x21-\x7e]+$/;

const isWeb = (identifier: string) => /^https?:/i.test(identifier);

/** The origin of an identifier that has one: of http and https. */
export function originOf(identifier: string): string | undefined {
  return isWeb(identifier) && URL.canParse(identifier) ? new URL(identifier).origin : undefined;
}

/**
 * Whether a web address is written with its origin as origins are written, so that two ways of writing one host are not
 * two hosts: small letters, no user, no default port.
 */
function hasPlainOrigin(identifier: string): boolean {
  const origin = originOf(identifier);
  if (origin === undefined) return !isWeb(identifier);
  return identifier.startsWith(origin) && /^([/?]|$)/.test(identifier.slice(origin.length));
}

const identifierRules: ReadonlyArray<readonly [holds: (identifier: string) => boolean, detail: string]> = [
  [({ length }) => length <= 512, 'must have at most 512 characters'],
  [(identifier) => uriCharacters.test(identifier) && URL.canParse(identifier), 'must be an absolute URI (RFC 8707)'],
  [(identifier) => !identifier.includes('#'), 'must have no fragment (RFC 8707 section 2)'],
  [hasPlainOrigin, 'must begin with its origin in small letters, without a user or a default port'],
];

function identifierFaults(identifier: string): ProblemFault[] {
  const broken = identifierRules.find(([holds]) => !holds(identifier));
  return broken === undefined ? [] : [{ pointer: '/identifier', detail: broken[1] }];
}

function scopeFaults(scopes: ResourceDraft['scopes']): ProblemFault[] {
  const names = scopes.map((scope) => scope.name);
  return scopes.flatMap(({ name, description }, index) => {
    const faults: ProblemFault[] = [];
    const at = `/scopes/${index}`;
    if (!scopeToken.test(name)) faults.push({ pointer: `${at}/name`, detail: 'is no scope (RFC 6749 section 3.3)' });
    if (names.indexOf(name) < index) faults.push({ pointer: `${at}/name`, detail: 'must name each scope once' });
    if (description.trim() === '') faults.push({ pointer: `${at}/description`, detail: 'must not be blank' });
    return faults;
  });
}

/** What of a draft is to be checked: all of a new resource, or what of one changes. */
type Checkable = Partial<Pick<ResourceDraft, 'identifier' | 'scopes' | 'signingAlg'>> & {
  readonly accessTokenTtl?: number | null | undefined;
};

/** Every fault of a resource, each with its place in the body that it came in. */
export function resourceFaults({ identifier, scopes, signingAlg, accessTokenTtl: ttl }: Checkable): ProblemFault[] {
  const faults = identifier === undefined ? [] : identifierFaults(identifier);
  faults.push(...scopeFaults(scopes ?? []));
  if (signingAlg !== undefined && !signingAlgorithms.includes(signingAlg)) {
    faults.push({ pointer: '/signing_alg', detail: `must be one of ${signingAlgorithms.join(', ')}` });
  }
  if (typeof ttl === 'number' && !(Number.isInteger(ttl) && ttl >= 60 && ttl <= 86_400)) {
    faults.push({ pointer: '/access_token_ttl', detail: 'must be whole seconds from 60 to 86400' });
  }
  return faults;
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
