import { type Caller, type Change, type Origin, offsetOf, refuse, requireReach } from '../../api/index.ts';
import { type Clock, Problem } from '../../base/index.ts';
import { inTransaction, type Management, type ManagementTransaction, Prisma } from '../../store/index.ts';
import { completeDraft } from '../rules.ts';
import { createClient, rotateClientSecret } from '../service.ts';
import type { Author } from '../store.ts';
import type { ClientDraft, CompleteDraft } from '../types.ts';
import { changedMembers, recordOf } from './record.ts';
import { changedDraft, draftOf, escalations, newDraft, verifiedAfter } from './rules.ts';
import type { ClientRecord, CreateClientBody, ListClientsQuery, UpdateClientBody } from './schemas.ts';
import {
  lockClient,
  readClients,
  readManagedClient,
  removeClient,
  removeSecret,
  writeClient,
  writeStanding,
} from './store.ts';
import type { ManagedClient } from './types.ts';

export interface ClientManagementParts {
  readonly management: Management;
  readonly clock: Clock;
  /** Names of the scopes of the management API: nobody hands out one that they do not have. */
  readonly managementScopes: readonly string[];
}

/** The part of a change that every use case here needs. */
type Within = Pick<Change, 'transaction' | 'caller' | 'origin' | 'match'>;

/** Seconds that the secret before the current one works on. */
const overlap = 86_400;

const authorOf = ({ caller, origin }: { readonly caller: Caller; readonly origin: Origin }): Author => ({
  actor: caller.kind === 'system' ? { type: 'system' } : { type: caller.kind, id: caller.id },
  ...origin,
});

function within(caller: Caller, client: ManagedClient | undefined): ManagedClient {
  requireReach(caller, client?.organizationSid, 'client');
  if (client === undefined) throw new Problem('not_found', 'There is no client with this id.');
  return client;
}

/** Locks a client within reach, in the state that `If-Match` names. */
async function lock({ transaction, caller, match }: Within, clientId: string): Promise<ManagedClient> {
  const client = within(caller, await lockClient(transaction, clientId));
  match({ data: recordOf(client) });
  return client;
}

async function readBack(transaction: ManagementTransaction, clientId: string, secret?: string): Promise<ClientRecord> {
  const client = await readManagedClient(transaction, clientId);
  if (client === undefined) throw new Error('a client that was just written is not there');
  return recordOf(client, secret);
}

function refuseEscalation(
  { managementScopes }: ClientManagementParts,
  caller: Caller,
  scopes: readonly string[],
): void {
  const faults = escalations(caller, managementScopes, scopes);
  if (faults.length === 0) return;
  throw new Problem('access_denied', 'The client has scopes of the management API that you do not have yourself.', {
    faults,
  });
}

function complete(draft: ClientDraft): CompleteDraft {
  const result = completeDraft(draft);
  return result.ok ? result.value : refuse(result.fault);
}

/** A page of the clients within reach. */
export function listClients(
  { management }: ClientManagementParts,
  { caller, query }: { readonly caller: Caller; readonly query: ListClientsQuery },
): Promise<{ readonly records: readonly ClientRecord[]; readonly total: number }> {
  const filters = {
    clientType: query['filter[client_type]'],
    verified: query['filter[verified]'],
    grantType: query['filter[allowed_grant_types][contains]'],
    name: query['filter[name]'],
    namePart: query['filter[name][contains]'],
    clientId: query['filter[client_id]'],
  };
  const window = { offset: offsetOf(query), size: query['page[size]'] };
  return inTransaction(management, async (transaction) => {
    const { clients, total } = await readClients(transaction, caller.reach, filters, window);
    return { records: clients.map((client) => recordOf(client)), total };
  });
}

/** @throws Problem 404. */
export function retrieveClient({ management }: ClientManagementParts, caller: Caller, clientId: string) {
  return inTransaction(management, async (transaction) =>
    recordOf(within(caller, await readManagedClient(transaction, clientId))),
  );
}

/** Creates a client with what it authenticates by. @throws Problem 403 escalation, 404 organization, 422. */
export async function makeClient(
  parts: ClientManagementParts,
  { transaction, caller, origin }: Within,
  body: CreateClientBody,
): Promise<ClientRecord> {
  const organizationSid = body.org_id ?? caller.organizationSid;
  requireReach(caller, organizationSid, 'organization');
  refuseEscalation(parts, caller, body.allowed_scopes);
  const { actor } = authorOf({ caller, origin });
  try {
    const draft = newDraft(body, { organizationSid, userSid: caller.userSid });
    const { clientId, clientSecret } = await createClient(transaction, draft, actor, origin);
    return await readBack(transaction, clientId, clientSecret);
  } catch (error) {
    const isForeign = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003';
    if (!isForeign) throw error;
    return refuse([{ pointer: '/org_id', code: 'invalid_value', detail: 'is no organization' }]);
  }
}

/** Changes the members that the body names. @throws Problem 403, 404, 412, 422. */
export async function updateClient(
  parts: ClientManagementParts,
  change: Within,
  clientId: string,
  body: UpdateClientBody,
): Promise<ClientRecord> {
  const { transaction, caller } = change;
  const client = await lock(change, clientId);
  const byOperator = caller.reach === 'everything';
  if (body.verified !== undefined && !byOperator) {
    const fault = { pointer: '/verified', code: 'access_denied', detail: 'is for operators of this server to say' };
    throw new Problem('access_denied', 'Only an operator of this server verifies clients.', { faults: [fault] });
  }
  if (Object.keys(body).length === 0) return recordOf(client);
  refuseEscalation(parts, caller, client.allowedScopes);
  refuseEscalation(parts, caller, body.allowed_scopes ?? []);
  const draft = complete(changedDraft(draftOf(client), body));
  const verified = verifiedAfter({ before: client, after: draft }, body.verified, byOperator);
  const changed = changedMembers(client, { draft, verified });
  if (changed.length === 0) return recordOf(client);
  await writeClient(transaction, clientId, { draft, verified }, authorOf(change), changed);
  return readBack(transaction, clientId);
}

/** Deletes a client; all that it ever got is revoked. @throws Problem 404, 412. */
export async function deleteClient(change: Within, clientId: string): Promise<void> {
  await removeClient(change.transaction, await lock(change, clientId), authorOf(change));
}

/** Stops a client, which revokes what it has, or lets it act again. @throws Problem 404, 412. */
export async function setStanding(
  change: Within,
  clientId: string,
  standing: ManagedClient['standing'],
): Promise<ClientRecord> {
  const client = await lock(change, clientId);
  if (client.standing === standing) return recordOf(client);
  await writeStanding(change.transaction, client, standing, authorOf(change));
  return readBack(change.transaction, clientId);
}

/** Gives a client a new secret. @throws Problem 403, 404, 412, 422 when it has no use for one. */
export async function addSecret(parts: ClientManagementParts, change: Within, clientId: string): Promise<ClientRecord> {
  const { transaction, caller, origin } = change;
  const client = await lock(change, clientId);
  refuseEscalation(parts, caller, client.allowedScopes);
  if (!client.authMethod.startsWith('client_secret')) {
    throw new Problem('unprocessable', 'The client does not authenticate by a secret, so it has none to rotate.');
  }
  const wish = { clientId, overlap, clock: parts.clock };
  const secret = await rotateClientSecret(transaction, wish, authorOf(change).actor, origin);
  return readBack(transaction, clientId, secret);
}

/** Ends the older of two secrets before its time. @throws Problem 404, 412, 422 for the current one. */
export async function retireSecret(change: Within, clientId: string, secretId: string): Promise<void> {
  const client = await lock(change, clientId);
  const secret = client.secrets.find(({ id }) => id === secretId);
  if (secret === undefined) throw new Problem('not_found', 'The client has no live secret with this id.');
  if (secret.expiresAt === null) {
    throw new Problem('unprocessable', 'This is the current secret. Make a new one first, then retire this one.');
  }
  await removeSecret(change.transaction, client, secretId, authorOf(change));
}
