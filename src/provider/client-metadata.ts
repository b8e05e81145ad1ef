import type { AllClientMetadata } from 'oidc-provider';
import type { Client } from '../clients/index.ts';

/** A client in the library's terms. */
export function clientMetadata(client: Client): AllClientMetadata {
  const needsSecret = client.authMethod.startsWith('client_secret');
  const usesCode = client.allowedGrantTypes.includes('authorization_code');
  return {
    client_id: client.clientId,
    client_name: client.name,
    application_type: client.applicationType,
    grant_types: [...client.allowedGrantTypes],
    response_types: usesCode ? ['code'] : [],
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    require_pushed_authorization_requests: client.requirePar,
    dpop_bound_access_tokens: client.requireDpop,
    token_endpoint_auth_method: client.authMethod,
    // The library insists on a secret; comparing is done by matchesSecret on hashes, and no HS algorithm is enabled.
    ...(needsSecret ? { client_secret: 'kept as a hash' } : {}),
    ...(client.jwksUri === undefined ? {} : { jwks_uri: client.jwksUri }),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks as NonNullable<AllClientMetadata['jwks']> }),
  };
}
