/**
 * Tenants and people: organizations, their accounts, users and memberships, API keys; passwords and the sign-in with
 * its limits. It makes and keeps them; what they may do with OAuth is decided above, and so are pages and cookies.
 */
export { readKeyStanding } from './api-keys/store.ts';
export {
  grantName,
  hasRoom,
  longestAccessToken,
  type TokenAlgorithm,
  type TokenPolicy,
  tokenAlgorithms,
} from './api-keys/token-policy.ts';
export type { KeyedRequest } from './client-validation.ts';
export { createTenantDirectory, type KeyFault, type TenantDirectory } from './directory.ts';
export { createUseNotes } from './last-uses.ts';
export { tenantOperations } from './operations.ts';
export { isAbove } from './roles.ts';
export { checkPassword, passwordAdvice } from './rules.ts';
export {
  type Change,
  changePassword,
  createAccount,
  createApiKey,
  createMember,
  createOrganization,
  removeMembership,
  removeUser,
} from './service.ts';
export { createSignIn } from './sign-in.ts';
export { onlyOrganization, readFirstOrganizations } from './store.ts';
export { signInDuration } from './throttle.ts';
export type { Account, ApiKey, SignIn, SignInAttempt, SignInOutcome, Users } from './types.ts';
export { createUsers } from './users.ts';
