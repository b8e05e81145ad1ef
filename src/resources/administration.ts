import type { z } from 'zod';
import { type Call, type Caller, type Change, offsetOf, pageOf, reaches, refuse, refuseFaults } from '../api/index.ts';
import { appendAudit } from '../audit/index.ts';
import { Problem, type ProblemFault } from '../base/index.ts';
import { inTransaction, type Management, type ManagementTransaction, Prisma } from '../store/index.ts';
import {
  deleteRecord,
  findRecord,
  findRecords,
  lockResource,
  ownersOfClients,
  ownersOfOrigin,
  updateRecord,
} from './records.ts';
import { originOf, resourceFaults } from './rules.ts';
import type { createResourceBody, resourceParams, resourceQuery, updateResourceBody } from './schemas.ts';
import { addResource, notAvailable } from './service.ts';
import type { AuditSource } from './store.ts';
import type { ResourceRecord } from './types.ts';

/** Identifier of this server's own REST API, which its own release describes. */
type Issuer = string;
type Id = z.output<typeof resourceParams>;

const unknownResource = () => new Problem('not_found', 'There is no resource with this id.');

const sourceOf = ({ caller, origin }: Pick<Call, 'caller' | 'origin'>): AuditSource => ({
  ...origin,
  actor: caller.kind === 'system' ? { type: 'system' } : { type: caller.kind, id: caller.id },
});

/** A page of the resources that the caller may see. @throws Problem 503 when the database is away. */
export async function listResources(
  management: Management,
  { query, caller }: Call<undefined, z.output<typeof resourceQuery>>,
) {
  const wanted = {
    identifier: query['filter[identifier]'],
    organizationSid: query['filter[organization_sid]'],
    offset: offsetOf(query),
    size: query['page[size]'],
  };
  const { records, total } = await inTransaction(management, (tx) => findRecords(tx, caller, wanted));
  return pageOf(records, total, query);
}

async function seenBy(transaction: ManagementTransaction, caller: Caller, id: string): Promise<ResourceRecord> {
  const record = await findRecord(transaction, caller, id);
  if (record === undefined) throw unknownResource();
  return record;
}

/** @throws Problem 404 for what the caller may not see, 503. */
export async function retrieveResource(management: Management, { params, caller }: Call<Id>) {
  return { data: await inTransaction(management, (tx) => seenBy(tx, caller, params.id)) };
}

/** A client beyond the caller's reach is told from none at all by nothing. */
async function introspectorFaults(transaction: ManagementTransaction, caller: Caller, clientIds: readonly string[]) {
  const owners = await ownersOfClients(transaction, clientIds);
  return clientIds.flatMap((clientId, index): ProblemFault[] => {
    const isThere = owners.has(clientId) && reaches(caller, owners.get(clientId));
    return isThere ? [] : [{ pointer: `/introspectors/${index}`, detail: 'is no client of yours' }];
  });
}

/** The organization that a new resource is for; none is the platform, for which somebody at the command line speaks. */
function ownerFor(caller: Caller, named: string | null | undefined): string | undefined {
  const owner = named === undefined ? caller.organizationSid || null : named;
  if (reaches(caller, owner)) return owner ?? undefined;
  const detail =
    owner === null ? 'must name an organization: only operators make what is the platform’s' : 'is none of yours';
  return refuse([{ pointer: '/organization_sid', detail }]);
}

/**
 * Nobody takes a name at somebody else's address: the first organization to name a resource at an origin has that origin
 * for itself and those above it, and this server's own is for those who run it. Operators may do as they like.
 */
async function originFaults(transaction: ManagementTransaction, caller: Caller, issuer: Issuer, identifier: string) {
  const origin = originOf(identifier);
  if (origin === undefined || caller.reach === 'everything') return [];
  const owners = await ownersOfOrigin(transaction, origin);
  const isFree = origin !== new URL(issuer).origin && owners.every((owner) => reaches(caller, owner));
  return isFree ? [] : [{ pointer: '/identifier', detail: notAvailable }];
}

/** @throws Problem 422 with all faults. */
export async function makeResource(
  issuer: Issuer,
  call: Change<undefined, undefined, z.output<typeof createResourceBody>>,
) {
  const { body, caller, transaction } = call;
  const owner = ownerFor(caller, body.organization_sid);
  const draft = {
    identifier: body.identifier,
    name: body.name,
    ...(owner === undefined ? {} : { organizationSid: owner }),
    tokenFormat: body.token_format,
    signingAlg: body.signing_alg,
    ...(body.access_token_ttl === null ? {} : { accessTokenTtl: body.access_token_ttl }),
    acceptsRegisteredClients: body.accepts_registered_clients,
    scopes: body.scopes,
    introspectors: body.introspectors,
  };
  refuseFaults([
    ...resourceFaults(draft),
    ...(await originFaults(transaction, caller, issuer, draft.identifier)),
    ...(await introspectorFaults(transaction, caller, draft.introspectors)),
  ]);
  const { id } = await withOwner(() => addResource(transaction, draft, sourceOf(call)));
  return { data: await seenBy(transaction, caller, id) };
}

/** Only operators can name an organization that is not there. */
async function withOwner<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003';
    if (!isMissing) throw error;
    return refuse([{ pointer: '/organization_sid', detail: 'is no organization' }]);
  }
}

/** The resource as it is, locked. @throws Problem 404, 403 for the platform's, 412, 422 for this server's own. */
async function lockForChange(issuer: Issuer, call: Change<Id>): Promise<ResourceRecord> {
  const { transaction, caller, params, match } = call;
  await lockResource(transaction, params.id);
  const record = await seenBy(transaction, caller, params.id);
  if (!reaches(caller, record.organization_sid)) {
    throw new Problem('access_denied', 'Only an operator of this server may change what is the platform’s.');
  }
  if (record.identifier === issuer) {
    throw new Problem(
      'unprocessable',
      'This resource is the API that you are using: it can be neither changed nor deleted.',
    );
  }
  match({ data: record });
  return record;
}

/** The members of a body that differ from the record, by name. */
function changedMembers(record: ResourceRecord, body: z.output<typeof updateResourceBody>): string[] {
  const before = record as unknown as Readonly<Record<string, unknown>>;
  return Object.entries(body)
    .filter(([member, value]) => value !== undefined && JSON.stringify(before[member]) !== JSON.stringify(value))
    .map(([member]) => member);
}

/** Changes the members that the body names. @throws Problem 403, 404, 412, 422 with all faults. */
export async function changeResource(issuer: Issuer, call: Change<Id, undefined, z.output<typeof updateResourceBody>>) {
  const { body, caller, transaction, params } = call;
  const record = await lockForChange(issuer, call);
  refuseFaults([
    ...resourceFaults({ scopes: body.scopes ?? [] }),
    ...(await introspectorFaults(transaction, caller, body.introspectors ?? [])),
  ]);
  const changed = changedMembers(record, body);
  if (changed.length === 0) return { data: record };
  const { name, token_format: tokenFormat, signing_alg: signingAlg, access_token_ttl: accessTokenTtl } = body;
  const members = {
    ...(name === undefined ? {} : { name }),
    ...(tokenFormat === undefined ? {} : { tokenFormat }),
    ...(signingAlg === undefined ? {} : { signingAlg }),
    ...(accessTokenTtl === undefined ? {} : { accessTokenTtl }),
    ...(body.accepts_registered_clients === undefined
      ? {}
      : { acceptsRegisteredClients: body.accepts_registered_clients }),
  };
  const lists = {
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
    ...(body.introspectors === undefined ? {} : { introspectors: body.introspectors }),
  };
  await updateRecord(transaction, params.id, members, lists, record.introspectors);
  await audit(call, 'resource.updated', record, { changed: changed.join(' ') });
  return { data: await seenBy(transaction, caller, params.id) };
}

/** Deletes a resource: from then on nobody gets a token for it. @throws Problem 403, 404, 412, 422. */
export async function removeResource(issuer: Issuer, call: Change<Id>): Promise<undefined> {
  const record = await lockForChange(issuer, call);
  await deleteRecord(call.transaction, record.id);
  await audit(call, 'resource.deleted', record, { identifier: record.identifier });
  return undefined;
}

async function audit(call: Change, action: string, record: ResourceRecord, detail: Readonly<Record<string, string>>) {
  await appendAudit(call.transaction, {
    ...sourceOf(call),
    action,
    target: { type: 'resource', id: record.id },
    ...(record.organization_sid === null ? {} : { organizationSid: record.organization_sid }),
    detail,
  });
}
