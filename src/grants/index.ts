/**
 * Who allowed what: the consent records of users, one for each client and organization, growing by consent; and the
 * consent tokens that put a question to a user outside the browser that began; and the management of the records
 * (`records/`). It does not know how the question is asked, nor what tokens come of the answer.
 */
export { type ConsentTokens, createConsentTokens } from './consent-tokens.ts';
export { grantOperations } from './records/routes.ts';
export { fromPermissions, scopesFor } from './rules.ts';
export { createGrants, type Grants } from './service.ts';
export type { AudienceScopes, ConsentOrigin } from './types.ts';
