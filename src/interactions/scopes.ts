import type { WantedScopes } from '../provider/index.ts';
import type { ResourceFace } from './types.ts';

/** One thing that a client asks for, as a person decides on it. */
export interface ScopeChoice {
  /** Its name among all: "identifier scope", and for OpenID Connect the scope alone. No identifier holds a space. */
  readonly value: string;
  readonly scope: string;
  readonly description: string;
  /** What it gives access to; none is the account of the person itself. */
  readonly resource: { readonly identifier: string; readonly name: string } | undefined;
  /** Whether it stays in any case. */
  readonly required: boolean;
}

/** OpenID Connect Core sections 5.4 and 11, and our own `org`. */
const ofOpenId: Readonly<Record<string, string>> = {
  openid: 'Know that it is you',
  profile: 'See your name',
  email: 'See your email address',
  org: 'See your organization and your role in it',
  offline_access: 'Keep this access while you are away',
};

/** A form has at most 64 fields. Where a request wants more than fits, it is all or nothing. */
const mostChoices = 40;

const nameAmongAll = (resource: string | undefined, scope: string) =>
  resource === undefined ? scope : `${resource} ${scope}`;

/**
 * All that a request asks for, one by one. `openid` cannot be left out: without it the rest of OpenID Connect means
 * nothing.
 * @param faces the resources that the request names, by their identifier.
 */
export function scopeChoices(
  wanted: readonly WantedScopes[],
  faces: ReadonlyMap<string, ResourceFace>,
): readonly ScopeChoice[] {
  const count = wanted.reduce((sum, { scopes }) => sum + scopes.length, 0);
  return wanted.flatMap(({ resource, scopes }) => {
    const face = resource === undefined ? undefined : faces.get(resource);
    return scopes.map((scope) => ({
      value: nameAmongAll(resource, scope),
      scope,
      description: (resource === undefined ? ofOpenId[scope] : face?.descriptions.get(scope)) ?? scope,
      resource: resource === undefined ? undefined : { identifier: resource, name: face?.name ?? resource },
      required: (resource === undefined && scope === 'openid') || count > mostChoices,
    }));
  });
}

/** What stays of what was wanted: what is required, and what was kept. Nothing that was not wanted can get in. */
export function keptScopes(
  wanted: readonly WantedScopes[],
  choices: readonly ScopeChoice[],
  kept: ReadonlySet<string>,
): readonly WantedScopes[] {
  const staying = new Set(
    choices.filter(({ value, required }) => required || kept.has(value)).map(({ value }) => value),
  );
  return wanted
    .map(({ resource, scopes }) => ({
      resource,
      scopes: scopes.filter((scope) => staying.has(nameAmongAll(resource, scope))),
    }))
    .filter(({ scopes }) => scopes.length > 0);
}
