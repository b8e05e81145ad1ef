/**
 * Tokens in the style of the `twilio` package: access tokens and their grants, capabilities, signed requests, plain
 * JWTs. They are made and read synchronously with node:crypto; nothing here knows of the network or of credentials.
 */
import { TaskRouterCapability } from './taskrouter/task-router-capability.ts';
import * as util from './taskrouter/util.ts';

export { AccessToken, type AccessTokenOptions } from './access-token.ts';
export { ClientCapability, type ClientCapabilityOptions, type ScopeLike } from './client-capability.ts';
export {
  EventStreamScope,
  IncomingClientScope,
  OutgoingClientScope,
  type OutgoingClientScopeOptions,
  type ScopeValue,
} from './client-scopes.ts';
export type { DecodedJwt, DecodeOptions } from './decode.ts';
export { InvalidArgumentError, JwtDecodeError, type JwtDecodeReason } from './errors.ts';
export {
  ChatGrant,
  ChatGrant as ConversationsGrant,
  type ChatGrantOptions,
  type ChatGrantPayload,
} from './grants/chat-grant.ts';
export { Grant, type GrantLike } from './grants/grant.ts';
export { PlaybackGrant, type PlaybackGrantOptions } from './grants/playback-grant.ts';
export { SyncGrant, type SyncGrantOptions, type SyncGrantPayload } from './grants/sync-grant.ts';
export {
  TaskRouterGrant,
  type TaskRouterGrantOptions,
  type TaskRouterGrantPayload,
} from './grants/task-router-grant.ts';
export { VideoGrant, type VideoGrantOptions } from './grants/video-grant.ts';
export { VoiceGrant, type VoiceGrantOptions, type VoiceGrantPayload } from './grants/voice-grant.ts';
export { Jwt } from './jwt.ts';
export type { Algorithm, HmacAlgorithm, Key, RsaAlgorithm } from './signing.ts';
export { Policy, type PolicyFilter, type PolicyOptions, type PolicyPayload } from './taskrouter/policy.ts';
export type { PolicyLike, TaskRouterCapabilityOptions } from './taskrouter/task-router-capability.ts';
export type { HttpRequest, QueryParams, QueryValue } from './validation/http-request.ts';
export { RequestCanonicalizer, type SignedHeaders } from './validation/request-canonicalizer.ts';
export { ValidationToken, type ValidationTokenOptions } from './validation/validation-token.ts';
export { type ValidationClaims, type ValidationExpectations, verifyValidationToken } from './validation/verify.ts';

export { TaskRouterCapability, util };

/** The place where the `twilio` package keeps its TaskRouter tokens: `jwt.taskrouter.TaskRouterCapability`. */
export const taskrouter = { TaskRouterCapability, util };
