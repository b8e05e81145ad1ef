/**
 * The one way out: every request that this server makes to an address it was told (logos, key sets, metadata documents)
 * goes through the guarded fetch of this folder. It owns the decision which addresses may be reached, and the caps on
 * time, size and redirects. It knows nothing of what is fetched, and keeps nothing.
 */
export { loadAuthorities } from './authorities.ts';
export { createOutbound } from './fetch.ts';
export type { Outbound, OutboundFault } from './types.ts';
