/**
 * The keys that sign tokens and the master key that seals them: made once for all nodes, sealed at rest, named by their
 * RFC 7638 thumbprint. It decides which key signs now; who signs what is the business of the floors above.
 */
export { resolveMasterKey } from './master-key.ts';
export { ensureSigningKeys, loadKeyRing } from './service.ts';
export type { KeyRing } from './types.ts';
