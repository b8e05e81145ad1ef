import type { RegisteredClient } from './types.ts';

/** What is shown once, or known to the one who asks. */
export interface Credentials {
  readonly registrationToken: string;
  readonly clientSecret: string | undefined;
}

/** Members without a value are left out: clients take a null for a fault. */
const present = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ''));

const listed = (values: readonly string[]) => (values.length === 0 ? undefined : values);

/** The address at which a client manages its registration (RFC 7592 section 3). */
const managedAt = (issuer: string, clientId: string) => `${issuer}/oauth/register/${clientId}`;

/** The client information response (RFC 7591 section 3.2.1, RFC 7592 section 3). */
export function clientInformation(
  issuer: string,
  client: RegisteredClient,
  { registrationToken, clientSecret }: Credentials,
): Readonly<Record<string, unknown>> {
  return present({
    client_id: client.clientId,
    client_id_issued_at: Math.floor(client.createdAt / 1000),
    client_secret: clientSecret,
    client_secret_expires_at: clientSecret === undefined ? undefined : 0,
    registration_access_token: registrationToken,
    registration_client_uri: managedAt(issuer, client.clientId),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: listed(client.postLogoutRedirectUris),
    grant_types: client.grantTypes,
    response_types: ['code'],
    token_endpoint_auth_method: client.authMethod,
    application_type: client.applicationType,
    scope: client.scopes.join(' '),
    contacts: listed(client.contacts),
    client_uri: client.clientUri,
    logo_uri: client.logoUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    jwks: client.jwks,
    jwks_uri: client.jwksUri,
    software_id: client.softwareId,
    software_version: client.softwareVersion,
    require_pushed_authorization_requests: client.requirePar || undefined,
    dpop_bound_access_tokens: client.requireDpop || undefined,
  });
}
