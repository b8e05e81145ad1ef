/**
 * Verification for resource servers: access tokens of an issuer by its published keys or by asking it, proofs of
 * possession, AccessTokens, and what to answer when they are no good. It needs `jose` beside it and otherwise web APIs
 * only; it knows nothing of how tokens are got or minted.
 */
export { InvalidArgumentError } from '../errors.ts';
export type { Fetch } from '../transport/types.ts';
export {
  type AccessTokenAlgorithm,
  type AccessTokenKey,
  type AccessTokenOptions,
  type VerifiedAccessToken,
  verifyAccessToken,
} from './access-token.ts';
export type { VerifiedToken } from './claims.ts';
export type { DpopOptions, ProofAlgorithm } from './dpop-settings.ts';
export { VerificationError } from './errors.ts';
export {
  type ExpressMiddleware,
  type ExpressNext,
  type ExpressRequest,
  type ExpressResponse,
  expressProtectedResource,
  expressVerifier,
} from './express.ts';
export type { Fault, VerificationCode, VerificationReason } from './faults.ts';
export type { IntrospectionOptions } from './introspection-settings.ts';
export { type KoaContext, type KoaMiddleware, koaProtectedResource, koaVerifier } from './koa.ts';
export type { IncomingRequest } from './presented.ts';
export { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from './protected-resource.ts';
export { MemoryReplays, type ReplayStore, ReplayStoreFull } from './replays.ts';
export type { AccountRule, OrganizationRule, Requirements } from './requirements.ts';
export type { KeyCacheOptions, TokenAlgorithm, VerifierOptions } from './settings.ts';
export { createVerifier, type Verifier, type VerifyOptions } from './verifier.ts';
