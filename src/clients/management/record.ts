import type { CompleteDraft } from '../types.ts';
import type { ClientRecord } from './schemas.ts';
import type { ManagedClient, ManagedSecret } from './types.ts';

const instant = (time: string | Date) => new Date(time).toISOString();

const secretOf = ({ id, createdAt, expiresAt }: ManagedSecret) => ({
  id,
  created_at: instant(createdAt),
  expires_at: expiresAt === null ? null : instant(expiresAt),
});

/** A client as answers have it. @param secret only in the answer that made it. */
export function recordOf(client: ManagedClient, secret: string | undefined = undefined): ClientRecord {
  return {
    record_type: 'oauth_client',
    client_id: client.clientId,
    name: client.name,
    org_id: client.organizationSid,
    user_id: client.userSid,
    client_type: client.clientType,
    client_secret: secret ?? null,
    require_pkce: client.requirePkce,
    allowed_scopes: [...client.allowedScopes],
    allowed_grant_types: [...client.allowedGrantTypes],
    redirect_uris: [...client.redirectUris],
    logo_uri: client.logoUri,
    tos_uri: client.tosUri,
    policy_uri: client.policyUri,
    created_at: instant(client.createdAt),
    updated_at: instant(client.updatedAt),
    verified: client.verified,
    status: client.standing,
    origin: client.origin,
    token_endpoint_auth_method: client.authMethod,
    application_type: client.applicationType,
    allowed_resources: [...client.allowedResources],
    web_origins: [...client.webOrigins],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    require_pushed_authorization_requests: client.requirePar,
    dpop_bound_access_tokens: client.requireDpop,
    access_token_ttl: client.accessTokenTtl,
    refresh_token_ttl: client.refreshTokenTtl,
    jwks: client.jwks as ClientRecord['jwks'],
    jwks_uri: client.jwksUri,
    secrets: client.secrets.map(secretOf),
  };
}

/** Names of the members of its record that a change of a client changes. */
export function changedMembers(
  client: ManagedClient,
  { draft, verified }: { readonly draft: CompleteDraft; readonly verified: boolean },
): string[] {
  const next = recordOf({
    ...client,
    ...draft,
    verified,
    organizationSid: client.organizationSid,
    userSid: client.userSid,
    logoUri: draft.logoUri ?? null,
    policyUri: draft.policyUri ?? null,
    tosUri: draft.tosUri ?? null,
    jwks: draft.jwks ?? null,
    jwksUri: draft.jwksUri ?? null,
    accessTokenTtl: draft.accessTokenTtl ?? null,
    refreshTokenTtl: draft.refreshTokenTtl ?? null,
  });
  return Object.entries(recordOf(client))
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(next[name as keyof ClientRecord]))
    .map(([name]) => name);
}
