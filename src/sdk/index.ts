/**
 * The client library: credentials, the tokens that they get, the strategies that send them, and a client of the
 * management API. It uses web APIs only and depends on nothing. The tokens that are minted without a server are apart,
 * in `@countersign/sdk/jwt`.
 */
export { type ClientOptions, CountersignClient, countersign } from './client/client.ts';
export type { Collection, Records, Suspendable } from './client/collection.ts';
export type {
  Accounts,
  AuditEvents,
  Memberships,
  OAuthClients,
  OAuthGrants,
  Organizations,
  Sessions,
  SigningKeys,
  Users,
} from './client/collections.ts';
export {
  ApiError,
  type ApiFault,
  ApiResponseError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  UnprocessableEntityError,
} from './client/errors.ts';
export type { AccessTokens, CapabilityTokens } from './client/issued-tokens.ts';
export type { Listing, ListQuery, Page, PageMeta } from './client/listing.ts';
export type { CallSettings, ChangeSettings } from './client/place.ts';
export type { Query } from './client/query.ts';
export type * from './client/records.ts';
export type { RequestOptions } from './client/requests.ts';
export type { RequestSigner, SignableRequest } from './client/signing.ts';
export {
  type ClientCredentialOptions,
  ClientCredentialProvider,
  ClientCredentialProviderBuilder,
} from './credentials/client-credentials.ts';
export { type Environment, EnvironmentCredentialProvider } from './credentials/environment.ts';
export { OrgsCredentialProvider, OrgsCredentialProviderBuilder } from './credentials/organization.ts';
export { type PrivateKeyCredentialOptions, PrivateKeyJwtCredentialProvider } from './credentials/private-key.ts';
export { CredentialProvider, type CredentialProviderLike } from './credentials/provider.ts';
export {
  ApiKeyCredentialProvider,
  BasicCredentialProvider,
  NoAuthCredentialProvider,
} from './credentials/static.ts';
export { ConnectionError, CountersignError, InvalidArgumentError, TimeoutError } from './errors.ts';
export { BasicAuthStrategy } from './strategies/basic.ts';
export { NoAuthStrategy } from './strategies/no-auth.ts';
export { type AuthenticatedRequest, AuthStrategy, type AuthStrategyLike } from './strategies/strategy.ts';
export { TokenAuthStrategy } from './strategies/token.ts';
export { CachedTokenManager, type FetchedToken } from './tokens/cache.ts';
export type { CacheOptions } from './tokens/cache-settings.ts';
export { clientSecretBasic, clientSecretPost, noClientAuthentication } from './tokens/client-secret.ts';
export { TokenEndpointUnavailableError, TokenError, TokenRefusedError, TokenResponseError } from './tokens/errors.ts';
export { ApiTokenManager, OrgsTokenManager } from './tokens/manager.ts';
export type { GrantType, TokenManagerOptions } from './tokens/options.ts';
export {
  type AssertionAlgorithm,
  type PrivateKey,
  type PrivateKeyJwtOptions,
  privateKeyJwt,
} from './tokens/private-key-jwt.ts';
export type { CallOptions, ClientAuthentication, ClientProof, TokenFetcher, TokenManager } from './tokens/types.ts';
export type { TransportOptions } from './transport/settings.ts';
export type { Clock, Fetch } from './transport/types.ts';
