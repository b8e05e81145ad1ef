/**
 * OAuth clients: their records, their secrets (kept as hashes, at most two live) and the rules for making and changing
 * them, also over REST. It decides whether a presented secret fits; what a client gets is decided above.
 */
export { clientOperations } from './management/routes.ts';
export {
  deleteIdleClients,
  type FindClient,
  noteUses,
  openSelfRegistration,
  registrationRoutes,
} from './registration/index.ts';
export { matchesSecret } from './rules.ts';
export { createClient, createClientDirectory, type NewClient, rotateClientSecret } from './service.ts';
export { type Client, type ClientDraft, type ClientGrantType, openidScopes, tokenExchange } from './types.ts';
