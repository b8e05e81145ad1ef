import { describe, expect, it } from '@jest/globals';
import { effectiveScopes, scopesUnderPolicy } from '../../src/access/rules.ts';
import type { Role } from '../../src/api/index.ts';
import { managementScopes } from '../../src/resources/index.ts';

const all = managementScopes.map(({ name }) => name as string);
const sorted = (scopes: ReadonlySet<string>) => [...scopes].toSorted();

const reading = all.filter((scope) => scope.endsWith(':read'));

/** What each role may at most, spelled out: a new scope must be given to somebody on purpose. */
const table: Readonly<Record<Role, readonly string[]>> = {
  owner: all,
  admin: all,
  developer: [
    ...reading,
    'clients:write',
    'grants:write',
    'api_keys:write',
    'resources:write',
    'access_tokens:write',
    'tokens:introspect',
  ],
  viewer: reading,
};
const roles = Object.keys(table) as Role[];

describe('what a role leaves of a credential', () => {
  it.each(roles)('is, for %s, exactly what the table says', (role) => {
    expect(sorted(effectiveScopes(all, role, true, all))).toEqual(table[role].toSorted());
  });

  it.each(roles)(
    'is, for %s and the scope admin, all that the role may, and admin itself only for those who run it',
    (role) => {
      const scopes = effectiveScopes(['admin'], role, true, all);
      expect(sorted(scopes)).toEqual(table[role].toSorted());
      expect(scopes.has('admin')).toBe(role === 'owner' || role === 'admin');
    },
  );

  it.each(roles.flatMap((role) => all.map((scope) => [role, scope] as const)))(
    'is, for %s with the scope %s alone, that one or nothing',
    (role, scope) => {
      if (scope === 'admin') return;
      const left = effectiveScopes([scope], role, true, all);
      expect(sorted(left)).toEqual(table[role].includes(scope) ? [scope] : []);
    },
  );

  it('is never more than the credential has', () => {
    expect(sorted(effectiveScopes(['clients:read'], 'owner', true, all))).toEqual(['clients:read']);
    expect(sorted(effectiveScopes([], 'owner', true, all))).toEqual([]);
  });

  it('is nothing of a scope that is not one of this API', () => {
    expect(sorted(effectiveScopes(['openid', 'root', '__proto__'], 'owner', true, all))).toEqual([]);
  });

  it('is nothing where the user has no role there any more', () => {
    expect(sorted(effectiveScopes(['admin', ...all], undefined, true, all))).toEqual([]);
  });

  it("is all of a machine's own token, which has no user and no role", () => {
    expect(sorted(effectiveScopes(['clients:read', 'keys:write'], undefined, false, all))).toEqual([
      'clients:read',
      'keys:write',
    ]);
  });
});

describe('what a token policy leaves of an API key', () => {
  /** What makes a credential that no policy holds, spelled out: a new scope must be put here on purpose, or left. */
  const taken = ['admin', 'clients:write', 'users:write', 'accounts:write', 'grants:write'];

  it('is everything but what makes other credentials, of a key for everything too', () => {
    const left = all.filter((scope) => !taken.includes(scope));
    expect([scopesUnderPolicy(all, all), scopesUnderPolicy(['admin'], all)]).toEqual([left, left]);
    expect(scopesUnderPolicy(['clients:write', 'api_keys:write'], all)).toEqual(['api_keys:write']);
  });
});
