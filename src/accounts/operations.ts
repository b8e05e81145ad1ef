import type { Operation } from '../api/index.ts';
import { accountOperations } from './accounts/routes.ts';
import { apiKeyOperations } from './api-keys/routes.ts';
import { membershipOperations } from './members/membership-routes.ts';
import { userOperations } from './members/user-routes.ts';
import { organizationOperations } from './organizations/routes.ts';
import { publicKeyOperations } from './public-keys/routes.ts';
import type { TenantParts } from './types.ts';

/** Tenants and people over REST. */
export function tenantOperations(parts: TenantParts): readonly Operation[] {
  return [
    ...organizationOperations(parts),
    ...membershipOperations(parts),
    ...accountOperations(parts),
    ...userOperations(parts),
    ...apiKeyOperations(parts),
    ...publicKeyOperations(parts),
  ];
}
