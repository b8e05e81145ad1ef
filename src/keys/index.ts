/**
 * The keys that sign tokens and the master key that seals them: made once for all nodes, sealed at rest, named by their
 * RFC 7638 thumbprint. It decides which key signs now, keeps that true on a running node, and exchanges keys on demand;
 * who signs what is the business of the floors above.
 */
export { followKeys } from './follow.ts';
export { resolveMasterKey } from './master-key.ts';
export { signingKeyOperations } from './routes.ts';
export { ensureSigningKeys, loadKeyRing } from './service.ts';
export type { KeyRing } from './types.ts';
