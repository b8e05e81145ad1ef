/**
 * The part of the protocol that concerns people: when one is needed, for which organization they act, what their
 * consent makes of an authorization, and the requests that wait for their answer. How they are asked is decided above.
 */
export { type AccountParts, accountFinder, claimsByScope } from './accounts.ts';
export { type RequestCookie, requestCookie } from './cookie.ts';
export { familyFor, keepFamilies } from './family.ts';
export { toPending } from './pending.ts';
export { peoplePolicy } from './policy.ts';
export { createPeople } from './requests.ts';
export { openidScopes } from './scopes.ts';
export type {
  HeadlessOutcome,
  Outcome,
  PendingRequest,
  People,
  Step,
  WantedScopes,
} from './types.ts';
