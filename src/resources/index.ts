/**
 * Protected resources (RFC 8707): what a token is for, its scopes, format, algorithm and lifetime, and who may ask. It
 * decides which scopes a client gets; it knows nothing of how tokens are made.
 */
export { managementScopes } from './management-api.ts';
export { resourceOperations } from './routes.ts';
export { grantedScopes, mayAskFor } from './rules.ts';
export {
  addResource,
  createResource,
  createResourceDirectory,
  ensureManagementResource,
  lacksManagementResource,
} from './service.ts';
export type { Resource, ResourceDraft } from './types.ts';
