/**
 * Who calls this server's own REST API: an API key (Bearer or HTTP Basic) or an access token of this server for this
 * server (Bearer, or DPoP with a proof of its key); what its user's role leaves of its scopes, and how far it reaches. It
 * knows no operation.
 */
export { createAccess } from './authenticate.ts';
export { createIdentification } from './identify.ts';
export { plainKeyFinder } from './plain-keys.ts';
export type { Identification, LiveBearer } from './types.ts';
