import type { Caller } from '../api/index.ts';
import type { SigningAlgorithm } from '../config/index.ts';
import type { ManagementTransaction, Prisma } from '../store/index.ts';
import type { ResourceRecord } from './types.ts';

/** What of the table somebody may look at: the platform's, and what their organizations own. */
const readable = ({ reach }: Caller): Prisma.ResourceWhereInput =>
  reach === 'everything' ? {} : { OR: [{ organizationSid: null }, { organizationSid: { in: [...reach] } }] };

/** The parts of a record. Clients beyond the caller's reach are left out. */
function included({ reach }: Caller) {
  const within = reach === 'everything' ? {} : { client: { organizationSid: { in: [...reach] } } };
  return {
    scopes: { orderBy: { name: 'asc' } },
    introspectors: { where: within, orderBy: { clientId: 'asc' } },
  } as const satisfies Prisma.ResourceInclude;
}

type Row = Prisma.ResourceGetPayload<{ include: { scopes: true; introspectors: true } }>;

const recordOf = (row: Row): ResourceRecord => ({
  id: row.id,
  record_type: 'resource',
  identifier: row.identifier,
  name: row.name,
  organization_sid: row.organizationSid,
  token_format: row.tokenFormat,
  signing_alg: row.signingAlg as SigningAlgorithm,
  access_token_ttl: row.accessTokenTtl,
  accepts_registered_clients: row.acceptsRegisteredClients,
  scopes: row.scopes.map(({ name, description }) => ({ name, description })),
  introspectors: row.introspectors.map(({ clientId }) => clientId),
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
});

/** One resource as somebody may see it, if they may. */
export async function findRecord(
  transaction: ManagementTransaction,
  caller: Caller,
  id: string,
): Promise<ResourceRecord | undefined> {
  const row = await transaction.resource.findFirst({
    where: { AND: [{ id }, readable(caller)] },
    include: included(caller),
  });
  return row === null ? undefined : recordOf(row);
}

/** Keeps a resource as it is until the transaction ends. */
export async function lockResource(transaction: ManagementTransaction, id: string): Promise<void> {
  await transaction.$queryRaw`select id from resources where id = ${id}::uuid for update`;
}

/** A part of a list, and what it is a part of. */
export interface RecordQuery {
  readonly identifier: string | undefined;
  readonly organizationSid: string | undefined;
  readonly offset: number;
  readonly size: number;
}

/** The resources that somebody may see, oldest first, and how many there are of them. */
export async function findRecords(
  transaction: ManagementTransaction,
  caller: Caller,
  { identifier, organizationSid, offset, size }: RecordQuery,
): Promise<{ readonly records: ResourceRecord[]; readonly total: number }> {
  const where: Prisma.ResourceWhereInput = {
    AND: [
      readable(caller),
      identifier === undefined ? {} : { identifier },
      organizationSid === undefined ? {} : { organizationSid },
    ],
  };
  const total = await transaction.resource.count({ where });
  const rows = await transaction.resource.findMany({
    where,
    include: included(caller),
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    skip: offset,
    take: size,
  });
  return { records: rows.map(recordOf), total };
}

/** The clients of a list that there are, with their owners. They stay until the transaction ends. */
export async function ownersOfClients(
  transaction: ManagementTransaction,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (clientIds.length === 0) return new Map();
  const rows = await transaction.$queryRaw<Array<{ clientId: string; organizationSid: string | null }>>`
    select client_id as "clientId", organization_sid as "organizationSid" from oauth_clients
    where client_id = any(${[...clientIds]}::text[]) order by client_id for key share`;
  return new Map(rows.map((row) => [row.clientId, row.organizationSid]));
}

/**
 * The owners of the resources at an origin. Until the transaction ends nobody else finds them out, so that of two who
 * want the same new origin one gets it.
 */
export async function ownersOfOrigin(
  transaction: ManagementTransaction,
  origin: string,
): Promise<ReadonlyArray<string | null>> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`resource origin ${origin}`}, 0))`;
  const rows = await transaction.$queryRaw<Array<{ organizationSid: string | null }>>`
    select distinct organization_sid as "organizationSid" from resources
    where identifier = ${origin} or starts_with(identifier, ${`${origin}/`}) or starts_with(identifier, ${`${origin}?`})`;
  return rows.map(({ organizationSid }) => organizationSid);
}

/** Writes what changes of a resource: members that are left out stay. */
export async function updateRecord(
  transaction: ManagementTransaction,
  id: string,
  members: Prisma.ResourceUncheckedUpdateInput,
  { scopes, introspectors }: Partial<Pick<ResourceRecord, 'scopes' | 'introspectors'>>,
  seen: readonly string[],
): Promise<void> {
  if (scopes !== undefined) {
    await transaction.resourceScope.deleteMany({ where: { resourceId: id } });
    await transaction.resourceScope.createMany({ data: scopes.map((scope) => ({ resourceId: id, ...scope })) });
  }
  if (introspectors !== undefined) {
    await transaction.resourceIntrospector.deleteMany({ where: { resourceId: id, clientId: { in: [...seen] } } });
    const data = introspectors.map((clientId) => ({ resourceId: id, clientId }));
    await transaction.resourceIntrospector.createMany({ data, skipDuplicates: true });
  }
  await transaction.resource.update({ where: { id }, data: members });
}

/** Deletes a resource, with its scopes. */
export async function deleteRecord(transaction: ManagementTransaction, id: string): Promise<void> {
  await transaction.resource.delete({ where: { id } });
}
