import type { AudienceScopes } from './types.ts';

/** As one line each: "identifier scope", and a scope of OpenID Connect as its name alone. No identifier holds a space. */
export function toPermissions(allowed: readonly AudienceScopes[]): string[] {
  const lines = allowed.flatMap(({ resource, scopes }) =>
    scopes.map((scope) => (resource === undefined ? scope : `${resource} ${scope}`)),
  );
  return [...new Set(lines)];
}

/** The reverse of `toPermissions`. */
export function fromPermissions(permissions: readonly string[]): AudienceScopes[] {
  const byResource = new Map<string | undefined, string[]>();
  for (const line of permissions) {
    const at = line.lastIndexOf(' ');
    const resource = at === -1 ? undefined : line.slice(0, at);
    byResource.set(resource, [...(byResource.get(resource) ?? []), line.slice(at + 1)]);
  }
  return [...byResource].map(([resource, scopes]) => ({ resource, scopes }));
}

/** The scopes of one audience among several. */
export const scopesFor = (allowed: readonly AudienceScopes[], resource: string | undefined): readonly string[] =>
  allowed.find((audience) => audience.resource === resource)?.scopes ?? [];
