import type { JSONWebKeySet } from 'jose';
import { type AuditEvent, appendAudit } from '../audit/index.ts';
import { available, type ManagementTransaction, Prisma, type Sql } from '../store/index.ts';
import type { AuthMethod, Client, ClientGrantType, ClientOrigin, CompleteDraft } from './types.ts';

interface Row {
  readonly clientId: string;
  readonly name: string;
  readonly organizationSid: string | null;
  readonly origin: ClientOrigin;
  readonly clientType: 'public' | 'confidential';
  readonly authMethod: AuthMethod;
  readonly applicationType: 'web' | 'native';
  readonly allowedGrantTypes: readonly ClientGrantType[];
  readonly allowedScopes: readonly string[];
  readonly allowedResources: readonly string[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly webOrigins: readonly string[];
  readonly requirePkce: boolean;
  readonly requirePar: boolean;
  readonly requireDpop: boolean;
  readonly verified: boolean;
  readonly logoUri: string | null;
  readonly policyUri: string | null;
  readonly tosUri: string | null;
  readonly jwks: JSONWebKeySet | null;
  readonly jwksUri: string | null;
  readonly accessTokenTtl: number | null;
  readonly refreshTokenTtl: number | null;
  readonly freshUntil: Date | null;
  readonly secrets: ReadonlyArray<{ readonly hash: string; readonly expires_at: number | null }>;
}

/**
 * Reads one active client with its live secrets, in one round trip. Its organization and all those above it are active:
 * a suspended one takes those beneath it along.
 */
export async function readClient(sql: Sql, clientId: string): Promise<Client | undefined> {
  const [row] = await available(sql<Row[]>`
    select c.client_id as "clientId", c.name, c.organization_sid as "organizationSid", c.client_type as "clientType",
      c.token_endpoint_auth_method as "authMethod", c.application_type as "applicationType",
      c.allowed_grant_types as "allowedGrantTypes", c.allowed_scopes as "allowedScopes",
      c.allowed_resources as "allowedResources", c.redirect_uris as "redirectUris",
      coalesce(c.post_logout_redirect_uris, '{}') as "postLogoutRedirectUris",
      coalesce(c.web_origins, '{}') as "webOrigins", c.require_pkce as "requirePkce", c.require_par as "requirePar",
      c.require_dpop as "requireDpop", c.verified, c.logo_uri as "logoUri", c.policy_uri as "policyUri",
      c.tos_uri as "tosUri", c.jwks, c.jwks_uri as "jwksUri", c.access_token_ttl as "accessTokenTtl",
      c.refresh_token_ttl as "refreshTokenTtl", c.origin, c.fresh_until as "freshUntil",
      coalesce((
        select json_agg(json_build_object(
          'hash', encode(s.secret_hash, 'hex'), 'expires_at', extract(epoch from s.expires_at) * 1000))
        from oauth_client_secrets s
        where s.client_id = c.client_id and (s.expires_at is null or s.expires_at > now())), '[]') as secrets
    from oauth_clients c
    where c.client_id = ${clientId} and c.standing = 'active' and not exists (
      with recursive above as (
        select sid, parent_sid, standing from organizations where sid = c.organization_sid
        union
        select o.sid, o.parent_sid, o.standing from organizations o join above on o.sid = above.parent_sid
      ) select from above where standing = 'suspended')`);
  if (row === undefined) return undefined;
  return {
    ...row,
    allowedScopes: new Set(row.allowedScopes),
    allowedResources: new Set(row.allowedResources),
    webOrigins: new Set(row.webOrigins),
    organizationSid: row.organizationSid ?? undefined,
    jwks: row.jwks ?? undefined,
    jwksUri: row.jwksUri ?? undefined,
    accessTokenTtl: row.accessTokenTtl ?? undefined,
    refreshTokenTtl: row.refreshTokenTtl ?? undefined,
    freshUntil: row.freshUntil?.getTime(),
    secrets: row.secrets.map(({ hash, expires_at }) => ({
      hash: Buffer.from(hash, 'hex'),
      expiresAt: expires_at === null ? undefined : Number(expires_at),
    })),
  };
}

/** The columns that a draft decides. */
export function columnsOf(draft: CompleteDraft) {
  return {
    name: draft.name,
    organizationSid: draft.organizationSid ?? null,
    userSid: draft.userSid ?? null,
    origin: draft.origin,
    clientType: draft.clientType,
    tokenEndpointAuthMethod: draft.authMethod,
    applicationType: draft.applicationType,
    allowedGrantTypes: [...draft.allowedGrantTypes],
    allowedScopes: [...draft.allowedScopes],
    allowedResources: [...draft.allowedResources],
    redirectUris: [...draft.redirectUris],
    postLogoutRedirectUris: [...draft.postLogoutRedirectUris],
    webOrigins: [...draft.webOrigins],
    requirePkce: draft.requirePkce,
    requirePar: draft.requirePar,
    requireDpop: draft.requireDpop,
    logoUri: draft.logoUri ?? null,
    policyUri: draft.policyUri ?? null,
    tosUri: draft.tosUri ?? null,
    jwks: draft.jwks === undefined ? Prisma.DbNull : (draft.jwks as unknown as Prisma.InputJsonValue),
    jwksUri: draft.jwksUri ?? null,
    accessTokenTtl: draft.accessTokenTtl ?? null,
    refreshTokenTtl: draft.refreshTokenTtl ?? null,
  };
}

/** Who does something to a client, and from where. */
export type Author = Pick<AuditEvent, 'actor' | 'address' | 'requestId'>;

/** An event about a client. */
export const clientEvent = (
  action: string,
  { clientId, organizationSid }: { readonly clientId: string; readonly organizationSid?: string | null | undefined },
  { actor, address, requestId }: Author,
  detail?: AuditEvent['detail'],
): AuditEvent => ({
  action: `client.${action}`,
  actor,
  target: { type: 'client', id: clientId },
  ...(typeof organizationSid === 'string' ? { organizationSid } : {}),
  ...(address === undefined ? {} : { address }),
  ...(requestId === undefined ? {} : { requestId }),
  ...(detail === undefined ? {} : { detail }),
});

/** Inserts a client, its first secret and the audit event. Joins the caller's transaction. */
export async function insertClient(
  transaction: ManagementTransaction,
  clientId: string,
  draft: CompleteDraft,
  secretHash: Buffer<ArrayBuffer> | undefined,
  author: Author,
): Promise<void> {
  const secrets = secretHash === undefined ? {} : { secrets: { create: { secretHash } } };
  await transaction.client.create({ data: { clientId, ...columnsOf(draft), ...secrets } });
  const { name, clientType: client_type, organizationSid } = draft;
  await appendAudit(transaction, clientEvent('created', { clientId, organizationSid }, author, { name, client_type }));
}

/**
 * Adds a secret and gives the one before it an end; older ones go at once. The client's row is locked meanwhile, so of
 * two rotations at once each leaves at most two live secrets. Joins the caller's transaction.
 * @param overlapEnd when the previous secret stops working.
 * @returns whether the client exists and has secrets.
 */
export async function replaceSecret(
  transaction: ManagementTransaction,
  clientId: string,
  secretHash: Buffer<ArrayBuffer>,
  overlapEnd: Date,
  author: Author,
): Promise<boolean> {
  const [client] = await transaction.$queryRaw<Array<{ organizationSid: string | null }>>`
    select organization_sid as "organizationSid" from oauth_clients
    where client_id = ${clientId} and token_endpoint_auth_method in ('client_secret_basic', 'client_secret_post')
    for update`;
  if (client === undefined) return false;
  await transaction.clientSecret.deleteMany({ where: { clientId, expiresAt: { not: null } } });
  await transaction.clientSecret.updateMany({ where: { clientId }, data: { expiresAt: overlapEnd } });
  await transaction.clientSecret.create({ data: { clientId, secretHash } });
  await appendAudit(transaction, clientEvent('secret_rotated', { clientId, ...client }, author));
  return true;
}
