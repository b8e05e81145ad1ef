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
    const { userSid, organizationSid } = identity;
    const role = userSid === undefined ? undefined : await tenants.roleOf(userSid, organizationSid);
    return {
      ...identity,
      role,
      reach: await tenants.reachOf(organizationSid),
      scopes: effectiveScopes(scopes, role, userSid !== undefined, scopeNames),
    };
  };
}
