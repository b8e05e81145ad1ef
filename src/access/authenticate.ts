import type { TenantDirectory } from '../accounts/index.ts';
import type { Authenticate } from '../api/index.ts';
import { effectiveScopes } from './rules.ts';
import { scopeNames } from './scopes.ts';
import type { Identification } from './types.ts';

export interface AccessParts {
  readonly tenants: Pick<TenantDirectory, 'reachOf' | 'roleOf'>;
  readonly identification: Identification;
}

/** Prepares the finding out of who calls the management API: what their role leaves them, and how far they reach. */
export function createAccess({ tenants, identification }: AccessParts): Authenticate {
  return async (credentials) => {
    const { scopes, ...identity } = await identification.anybody(credentials);
    const { userSid, organizationSid, accountSid } = identity;
    const role = userSid === undefined ? undefined : await tenants.roleOf(userSid, organizationSid);
    return {
      ...identity,
      role,
      // Of one account nothing follows for its organization, not even where that runs this server.
      reach: accountSid === undefined ? await tenants.reachOf(organizationSid) : new Set<string>(),
      scopes: effectiveScopes(scopes, role, userSid !== undefined, scopeNames),
    };
  };
}
