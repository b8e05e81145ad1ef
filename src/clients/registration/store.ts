import type { JSONWebKeySet } from 'jose';
import { available, type ManagementTransaction, Prisma, type Sql } from '../../store/index.ts';
import type { AuthMethod, ClientGrantType } from '../types.ts';
import type { ClientMetadata, RegisteredClient } from './types.ts';

/** A metadata document as it is kept. */
export interface ClientDocument {
  readonly clientId: string;
  readonly metadata: ClientMetadata;
  readonly freshUntil: Date;
}

const orNull = (value: string | undefined) => value ?? null;

/** Metadata as columns. */
function columnsOf(metadata: ClientMetadata) {
  return {
    name: metadata.name,
    clientType: metadata.authMethod === 'none' ? ('public' as const) : ('confidential' as const),
    tokenEndpointAuthMethod: metadata.authMethod,
    applicationType: metadata.applicationType,
    allowedGrantTypes: [...metadata.grantTypes],
    allowedScopes: [...metadata.scopes],
    allowedResources: [],
    redirectUris: [...metadata.redirectUris],
    postLogoutRedirectUris: [...metadata.postLogoutRedirectUris],
    webOrigins: [...metadata.webOrigins],
    requirePar: metadata.requirePar,
    requireDpop: metadata.requireDpop,
    requirePkce: true,
    contacts: [...metadata.contacts],
    clientUri: orNull(metadata.clientUri),
    logoUri: orNull(metadata.logoUri),
    policyUri: orNull(metadata.policyUri),
    tosUri: orNull(metadata.tosUri),
    jwks: metadata.jwks === undefined ? Prisma.DbNull : (metadata.jwks as unknown as Prisma.InputJsonValue),
    jwksUri: orNull(metadata.jwksUri),
    softwareId: orNull(metadata.softwareId),
    softwareVersion: orNull(metadata.softwareVersion),
  };
}

type Row = NonNullable<Awaited<ReturnType<ManagementTransaction['client']['findFirst']>>>;

function fromRow(row: Row): RegisteredClient {
  return {
    clientId: row.clientId,
    tokenHash: Buffer.from(row.registrationTokenHash ?? []),
    createdAt: row.createdAt.getTime(),
    name: row.name,
    redirectUris: row.redirectUris,
    postLogoutRedirectUris: row.postLogoutRedirectUris,
    webOrigins: row.webOrigins,
    grantTypes: row.allowedGrantTypes as ClientGrantType[],
    authMethod: row.tokenEndpointAuthMethod as AuthMethod,
    applicationType: row.applicationType === 'native' ? 'native' : 'web',
    scopes: row.allowedScopes,
    requirePar: row.requirePar,
    requireDpop: row.requireDpop,
    contacts: row.contacts,
    clientUri: row.clientUri ?? undefined,
    logoUri: row.logoUri ?? undefined,
    policyUri: row.policyUri ?? undefined,
    tosUri: row.tosUri ?? undefined,
    jwks: (row.jwks ?? undefined) as JSONWebKeySet | undefined,
    jwksUri: row.jwksUri ?? undefined,
    softwareId: row.softwareId ?? undefined,
    softwareVersion: row.softwareVersion ?? undefined,
  };
}

const bytes = (hash: Buffer) => Buffer.from(hash);

/** Inserts a client that registers itself, with its secret if it has one. It has no owner. */
export async function insertRegistered(
  transaction: ManagementTransaction,
  clientId: string,
  metadata: ClientMetadata,
  hashes: { readonly token: Buffer; readonly secret: Buffer | undefined },
): Promise<RegisteredClient> {
  const row = await transaction.client.create({
    data: {
      clientId,
      origin: 'registered',
      registrationTokenHash: bytes(hashes.token),
      ...columnsOf(metadata),
      ...(hashes.secret === undefined ? {} : { secrets: { create: { secretHash: bytes(hashes.secret) } } }),
    },
  });
  return fromRow(row);
}

/** Reads a client that registered itself and has not been disabled, and locks its row until the transaction ends. */
export async function lockRegistered(
  transaction: ManagementTransaction,
  clientId: string,
): Promise<RegisteredClient | undefined> {
  await transaction.$queryRaw`select 1 from oauth_clients where client_id = ${clientId} for update`;
  const row = await transaction.client.findFirst({ where: { clientId, origin: 'registered', standing: 'active' } });
  return row === null ? undefined : fromRow(row);
}

/** Puts other metadata in the place of what a client has. Secrets that it needs no more go. */
export async function replaceRegistered(
  transaction: ManagementTransaction,
  clientId: string,
  metadata: ClientMetadata,
  newSecret: Buffer | undefined,
): Promise<RegisteredClient> {
  const hasSecrets = metadata.authMethod.startsWith('client_secret');
  if (!hasSecrets) await transaction.clientSecret.deleteMany({ where: { clientId } });
  if (newSecret !== undefined)
    await transaction.clientSecret.create({ data: { clientId, secretHash: bytes(newSecret) } });
  const row = await transaction.client.update({ where: { clientId }, data: columnsOf(metadata) });
  return fromRow(row);
}

/** The hashes of the secrets that a client may use at this moment. */
export async function liveSecrets(transaction: ManagementTransaction, clientId: string): Promise<readonly Buffer[]> {
  const rows = await transaction.clientSecret.findMany({
    where: { clientId, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
    select: { secretHash: true },
  });
  return rows.map(({ secretHash }) => Buffer.from(secretHash));
}

/** Deletes a client; triggers revoke all that it ever got. */
export async function deleteRegistered(transaction: ManagementTransaction, clientId: string): Promise<void> {
  await transaction.client.delete({ where: { clientId } });
}

/** Keeps what a metadata document says. A client that was disabled, or verified, stays so. */
export async function storeDocument(transaction: ManagementTransaction, document: ClientDocument): Promise<void> {
  const { clientId, metadata, freshUntil } = document;
  const columns = { ...columnsOf(metadata), freshUntil };
  await transaction.client.upsert({
    where: { clientId },
    create: { clientId, origin: 'document', ...columns },
    update: columns,
  });
}

/** Whether a document is known already. */
export async function hasDocument(transaction: ManagementTransaction, clientId: string): Promise<boolean> {
  return (await transaction.client.count({ where: { clientId } })) > 0;
}

/** The scopes of all resources that accept clients which registered themselves. */
export async function readOpenScopes(sql: Sql): Promise<readonly string[]> {
  const rows = await available(sql<Array<{ name: string }>>`
    select distinct s.name from resource_scopes s join resources r on r.id = s.resource_id
    where r.accepts_registered_clients order by s.name`);
  return rows.map(({ name }) => name);
}

/** Notes that a client was used, unless that was noted within the last hour. */
export async function noteUse(sql: Sql, clientId: string, at: Date): Promise<void> {
  await available(sql`
    insert into last_uses as u (kind, id, used_at)
    select 'client', client_id, ${at} from oauth_clients where client_id = ${clientId} for key share
    on conflict (kind, id) do update set used_at = excluded.used_at
      where u.used_at < excluded.used_at - interval '1 hour'`);
}

/**
 * Deletes a batch of clients that registered themselves and were not used since a moment, with what they ever got, and
 * records each. No other node is deleting them.
 * @returns how many.
 */
export async function deleteIdle(sql: Sql, unusedSince: Date, batch: number): Promise<number> {
  const [row] = await available(sql<Array<{ count: number }>>`
    with idle as materialized (
      select c.client_id from oauth_clients c
      where c.origin in ('registered', 'document') and c.created_at < ${unusedSince}
        and not exists (
          select from last_uses u where u.kind = 'client' and u.id = c.client_id and u.used_at >= ${unusedSince})
      limit ${batch} for update skip locked
    ), gone as (
      delete from oauth_clients c using idle where c.client_id = idle.client_id returning c.client_id, c.name
    ), audited as (
      insert into audit_events (action, actor_type, target_type, target_id, detail)
      select 'client.expired', 'system', 'client', client_id, jsonb_build_object('name', name) from gone
    )
    select count(*)::int as count from gone`);
  return row?.count ?? 0;
}
