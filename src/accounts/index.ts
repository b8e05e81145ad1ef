/**
 * Tenants and people: organizations, their accounts, users and memberships, API keys. It makes and keeps them; what
 * they may do with OAuth is decided above.
 */
export { createTenantDirectory, type TenantDirectory } from './directory.ts';
export { type Change, createAccount, createApiKey, createMember, createOrganization } from './service.ts';
