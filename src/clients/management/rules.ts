import type { JSONWebKeySet } from 'jose';
import type { Caller } from '../../api/index.ts';
import type { ProblemFault } from '../../base/index.ts';
import type { ClientDraft } from '../types.ts';
import type { CreateClientBody, UpdateClientBody } from './schemas.ts';
import type { ManagedClient } from './types.ts';

/** A new client before anything is said of it. */
export function newDraft(body: CreateClientBody, owner: Pick<ClientDraft, 'organizationSid' | 'userSid'>): ClientDraft {
  const { name, client_type: clientType, allowed_scopes: allowedScopes, allowed_grant_types: allowedGrantTypes } = body;
  return changedDraft({ ...owner, name, clientType, allowedScopes, allowedGrantTypes }, body);
}

/** A client as the draft that would make it. */
export function draftOf(client: ManagedClient): ClientDraft {
  const { standing, verified, createdAt, updatedAt, secrets, ...rest } = client;
  const { organizationSid, userSid, logoUri, policyUri, tosUri, jwks, jwksUri } = rest;
  return {
    ...rest,
    organizationSid: organizationSid ?? undefined,
    userSid: userSid ?? undefined,
    logoUri: logoUri ?? undefined,
    policyUri: policyUri ?? undefined,
    tosUri: tosUri ?? undefined,
    jwks: jwks ?? undefined,
    jwksUri: jwksUri ?? undefined,
    accessTokenTtl: rest.accessTokenTtl ?? undefined,
    refreshTokenTtl: rest.refreshTokenTtl ?? undefined,
  };
}

/** What a member is after a change: null takes it away, and what is not mentioned stays. */
function after<Value>(said: Value | null | undefined, before: Value | undefined): Value | undefined {
  return said === undefined ? before : (said ?? undefined);
}

/** Redirect URIs decide where an app runs, unless that is said or they stay. */
function applicationTypeAfter(before: ClientDraft, body: UpdateClientBody | CreateClientBody) {
  const isMoved = body.redirect_uris !== undefined || body.post_logout_redirect_uris !== undefined;
  return body.application_type ?? (isMoved ? undefined : before.applicationType);
}

/** A client after a change of the members that are mentioned. */
export function changedDraft(before: ClientDraft, body: UpdateClientBody | CreateClientBody): ClientDraft {
  return {
    ...before,
    name: body.name ?? before.name,
    authMethod: body.token_endpoint_auth_method ?? before.authMethod,
    applicationType: applicationTypeAfter(before, body),
    allowedGrantTypes: body.allowed_grant_types ?? before.allowedGrantTypes,
    allowedScopes: body.allowed_scopes ?? before.allowedScopes,
    allowedResources: body.allowed_resources ?? before.allowedResources,
    redirectUris: body.redirect_uris ?? before.redirectUris,
    postLogoutRedirectUris: body.post_logout_redirect_uris ?? before.postLogoutRedirectUris,
    webOrigins: body.web_origins ?? before.webOrigins,
    requirePkce: body.require_pkce ?? before.requirePkce,
    requirePar: body.require_pushed_authorization_requests ?? before.requirePar,
    requireDpop: body.dpop_bound_access_tokens ?? before.requireDpop,
    logoUri: body.logo_uri ?? before.logoUri,
    policyUri: body.policy_uri ?? before.policyUri,
    tosUri: body.tos_uri ?? before.tosUri,
    jwks: after(body.jwks as JSONWebKeySet | null | undefined, before.jwks),
    jwksUri: after(body.jwks_uri, before.jwksUri),
    accessTokenTtl: after(body.access_token_ttl, before.accessTokenTtl),
    refreshTokenTtl: after(body.refresh_token_ttl, before.refreshTokenTtl),
  };
}

/**
 * The management scopes that a caller would hand out without having them. A client's secret is as good as its scopes, so
 * whoever makes, changes or rotates one must have them all.
 */
export function escalations(
  caller: Pick<Caller, 'scopes'>,
  managementScopes: readonly string[],
  allowedScopes: readonly string[],
): ProblemFault[] {
  if (caller.scopes.has('admin')) return [];
  return allowedScopes.flatMap((scope, index) => {
    const isBeyond = managementScopes.includes(scope) && !caller.scopes.has(scope);
    const detail = `"${scope}" is a scope of the management API that you do not have yourself`;
    return isBeyond ? [{ pointer: `/allowed_scopes/${index}`, code: 'access_denied', detail }] : [];
  });
}

/** What people go by when they trust a client: where codes go, its name and its picture. */
const looks = ['name', 'redirectUris', 'logoUri'] as const;

/** An operator's word is for what the operator saw: others take it away by changing that. */
export function verifiedAfter(
  { before, after: next }: { readonly before: ManagedClient; readonly after: ClientDraft },
  said: boolean | undefined,
  byOperator: boolean,
): boolean {
  if (said !== undefined) return said;
  const isSame = looks.every((name) => JSON.stringify(before[name] ?? null) === JSON.stringify(next[name] ?? null));
  return before.verified && (byOperator || isSame);
}
