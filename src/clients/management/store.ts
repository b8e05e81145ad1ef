import { appendAudit } from '../../audit/index.ts';
import { type ManagementTransaction, Prisma } from '../../store/index.ts';
import { type Author, clientEvent, columnsOf } from '../store.ts';
import type { CompleteDraft } from '../types.ts';
import type { ClientFilters, ManagedClient } from './types.ts';

const columns = Prisma.sql`
  c.client_id as "clientId", c.name, c.organization_sid as "organizationSid", c.user_sid as "userSid", c.origin,
  c.client_type as "clientType", c.token_endpoint_auth_method as "authMethod", c.application_type as "applicationType",
  coalesce(c.allowed_grant_types, '{}') as "allowedGrantTypes", coalesce(c.allowed_scopes, '{}') as "allowedScopes",
  coalesce(c.allowed_resources, '{}') as "allowedResources", coalesce(c.redirect_uris, '{}') as "redirectUris",
  coalesce(c.post_logout_redirect_uris, '{}') as "postLogoutRedirectUris", coalesce(c.web_origins, '{}') as "webOrigins",
  c.require_pkce as "requirePkce", c.require_par as "requirePar", c.require_dpop as "requireDpop", c.verified,
  c.standing, c.logo_uri as "logoUri", c.policy_uri as "policyUri", c.tos_uri as "tosUri", c.jwks,
  c.jwks_uri as "jwksUri", c.access_token_ttl as "accessTokenTtl", c.refresh_token_ttl as "refreshTokenTtl",
  c.created_at as "createdAt", c.updated_at as "updatedAt",
  coalesce((
    select json_agg(json_build_object('id', s.id, 'createdAt', s.created_at, 'expiresAt', s.expires_at)
      order by s.created_at, s.id)
    from oauth_client_secrets s
    where s.client_id = c.client_id and (s.expires_at is null or s.expires_at > now())), '[]') as secrets`;

/** The organizations whose clients are asked for; `everything` for all, and those that belong to nobody. */
export type Reach = ReadonlySet<string> | 'everything';

/** Which page. */
export interface Window {
  readonly offset: number;
  readonly size: number;
}

function conditionsOf(filters: ClientFilters): Prisma.Sql[] {
  const { clientType, verified, grantType, name, namePart, clientId } = filters;
  return [
    ...(clientType === undefined ? [] : [Prisma.sql`k.client_type = ${clientType}::client_type`]),
    ...(verified === undefined ? [] : [Prisma.sql`k.verified = ${verified}`]),
    ...(grantType === undefined ? [] : [Prisma.sql`${grantType} = any (k.allowed_grant_types)`]),
    ...(name === undefined ? [] : [Prisma.sql`k.name = ${name}`]),
    ...(namePart === undefined ? [] : [Prisma.sql`position(lower(${namePart}) in lower(k.name)) > 0`]),
    ...(clientId === undefined ? [] : [Prisma.sql`k.client_id = ${clientId}`]),
  ];
}

/**
 * The ids of a page. Of each organization no more rows are read than the page can need, along the index that has them in
 * order: the first page costs the same however many clients there are.
 */
function idsOf(reach: Reach, conditions: readonly Prisma.Sql[], { offset, size }: Window): Prisma.Sql {
  const where = (first: readonly Prisma.Sql[]) =>
    first.length === 0 ? Prisma.empty : Prisma.sql`where ${Prisma.join([...first], ' and ')}`;
  if (reach === 'everything') {
    return Prisma.sql`
      select k.client_id from oauth_clients k ${where(conditions)}
      order by k.created_at, k.client_id limit ${size}::bigint offset ${offset}::bigint`;
  }
  return Prisma.sql`
    select k.client_id from unnest(${[...reach]}::text[]) o (sid) cross join lateral (
      select k.client_id, k.created_at from oauth_clients k
      ${where([Prisma.sql`k.organization_sid = o.sid`, ...conditions])}
      order by k.created_at, k.client_id limit ${offset + size}::bigint) k
    order by k.created_at, k.client_id limit ${size}::bigint offset ${offset}::bigint`;
}

/** How many there are: without a filter from the counters, which triggers keep exact. */
function totalOf(reach: Reach, conditions: readonly Prisma.Sql[]): Prisma.Sql {
  if (conditions.length === 0) {
    const own = reach === 'everything' ? Prisma.empty : Prisma.sql`and organization_sid = any (${[...reach]})`;
    return Prisma.sql`
      select coalesce(sum(total), 0)::int as total from record_counts where kind = 'client' ${own}`;
  }
  const own = reach === 'everything' ? [] : [Prisma.sql`k.organization_sid = any (${[...reach]})`];
  return Prisma.sql`
    select count(*)::int as total from oauth_clients k where ${Prisma.join([...own, ...conditions], ' and ')}`;
}

/** A page of clients, oldest first, and how many there are on all pages. */
export async function readClients(
  transaction: ManagementTransaction,
  reach: Reach,
  filters: ClientFilters,
  window: Window,
): Promise<{ readonly clients: readonly ManagedClient[]; readonly total: number }> {
  const conditions = conditionsOf(filters);
  const clients = await transaction.$queryRaw<ManagedClient[]>`
    select ${columns} from (${idsOf(reach, conditions, window)}) page join oauth_clients c using (client_id)
    order by c.created_at, c.client_id`;
  const [counted] = await transaction.$queryRaw<Array<{ total: number }>>(totalOf(reach, conditions));
  return { clients, total: counted?.total ?? 0 };
}

/** A client of any standing. */
export async function readManagedClient(
  transaction: ManagementTransaction,
  clientId: string,
): Promise<ManagedClient | undefined> {
  const [client] = await transaction.$queryRaw<ManagedClient[]>`
    select ${columns} from oauth_clients c where c.client_id = ${clientId}`;
  return client;
}

/** The same, its row locked to the end of the transaction. Its secrets are read after the lock: rotations wait for it. */
export async function lockClient(
  transaction: ManagementTransaction,
  clientId: string,
): Promise<ManagedClient | undefined> {
  await transaction.$queryRaw`select from oauth_clients where client_id = ${clientId} for update`;
  return readManagedClient(transaction, clientId);
}

/** Writes a locked client. @param changed names of the members that differ, for the audit log. */
export async function writeClient(
  transaction: ManagementTransaction,
  clientId: string,
  { draft, verified }: { readonly draft: CompleteDraft; readonly verified: boolean },
  author: Author,
  changed: readonly string[],
): Promise<void> {
  await transaction.client.update({ where: { clientId }, data: { ...columnsOf(draft), verified } });
  const { organizationSid } = draft;
  const detail = { changed: changed.join(' ') };
  await appendAudit(transaction, clientEvent('updated', { clientId, organizationSid }, author, detail));
}

/** Suspends a locked client or lets it act again. Triggers revoke what a suspended one has. */
export async function writeStanding(
  transaction: ManagementTransaction,
  client: ManagedClient,
  standing: ManagedClient['standing'],
  author: Author,
): Promise<void> {
  await transaction.client.update({ where: { clientId: client.clientId }, data: { standing } });
  const action = standing === 'active' ? 'enabled' : 'disabled';
  await appendAudit(transaction, clientEvent(action, client, author));
}

/** Deletes a locked client with its secrets and consents. Triggers revoke all that it ever got. */
export async function removeClient(
  transaction: ManagementTransaction,
  client: ManagedClient,
  author: Author,
): Promise<void> {
  const { clientId, name } = client;
  await transaction.client.delete({ where: { clientId } });
  await appendAudit(transaction, clientEvent('deleted', client, author, { name }));
}

/** Deletes a secret of a locked client. */
export async function removeSecret(
  transaction: ManagementTransaction,
  client: ManagedClient,
  secretId: string,
  author: Author,
): Promise<void> {
  await transaction.clientSecret.delete({ where: { id: secretId } });
  await appendAudit(transaction, clientEvent('secret_retired', client, author, { secret_id: secretId }));
}
