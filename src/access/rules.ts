import type { Role } from '../api/index.ts';

const readOnly = (scope: string) => scope.endsWith(':read');

/** What a developer does not do: they build on an organization that others run. */
const notForDevelopers = new Set([
  'organizations:write',
  'accounts:write',
  'users:write',
  'keys:write',
  'sessions:write',
  'public_keys:write',
]);

const allowances: Readonly<Record<Role, (scope: string) => boolean>> = {
  owner: () => true,
  admin: () => true,
  developer: (scope) => scope !== 'admin' && !notForDevelopers.has(scope),
  viewer: readOnly,
};

/**
 * What a credential may do: what it was given, as far as its user's role in the organization goes. `admin` stands for all
 * scopes, so for a role that may not have it, it stands for all that the role may.
 * @param all every scope of the API. @param role none for a machine's own token, which has no user.
 */
export function effectiveScopes(
  given: Iterable<string>,
  role: Role | undefined,
  hasUser: boolean,
  all: readonly string[],
): ReadonlySet<string> {
  const own = new Set(given);
  if (!hasUser) return own;
  if (role === undefined) return new Set();
  return new Set(all.filter((scope) => (own.has('admin') || own.has(scope)) && allowances[role](scope)));
}

/** What makes credentials that no token policy holds: a client, a person, an account's auth token, a user's consent. */
const makesCredentials = new Set(['admin', 'clients:write', 'users:write', 'accounts:write', 'grants:write']);

/**
 * What an API key with a token policy was given, less what it could get round the policy with: through a credential that
 * it makes itself it could mint what it may not. `admin` is then every scope but those.
 * @param all every scope of the API.
 */
export function scopesUnderPolicy(given: readonly string[], all: readonly string[]): readonly string[] {
  const own = given.includes('admin') ? all : given;
  return own.filter((scope) => !makesCredentials.has(scope));
}
