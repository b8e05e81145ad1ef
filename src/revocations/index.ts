/**
 * What no longer counts although its signature and expiry do: single tokens, families, clients, users, keys, accounts
 * and organizations. Rows of other tables revoke through database triggers, so that no writer can forget it; this
 * folder records single ones, keeps all in memory on every node and answers "is it revoked". It knows no token format.
 */
export { openRevocations, type Revocations } from './service.ts';
export type { TokenFacts } from './types.ts';
