import { type AuditEvent, appendAudit } from '../../audit/index.ts';
import { hashSecret, newSecret, newSid, Problem, type ProblemFault, sameHash } from '../../base/index.ts';
import { inTransaction, type Management, type ManagementTransaction } from '../../store/index.ts';
import { clientInformation } from './answer.ts';
import { type InvalidFields, readMetadata } from './metadata.ts';
import { completeMetadata } from './rules.ts';
import { deleteRegistered, insertRegistered, liveSecrets, lockRegistered, replaceRegistered } from './store.ts';
import type { ClientMetadata, RegisteredClient, RegistrationPolicy } from './types.ts';

type Body = Readonly<Record<string, unknown>>;
type Information = Readonly<Record<string, unknown>>;

/** Who asks for something, and from where. */
export interface Asking {
  readonly actor: AuditEvent['actor'] | undefined;
  readonly address: string;
  readonly requestId: string;
}

/** A client's claim to manage its own registration (RFC 7592 section 2). */
export interface Claim {
  readonly clientId: string;
  /** Its registration access token. */
  readonly token: string;
}

export interface Registration {
  /** RFC 7591 section 3. @throws Problem 400 with every fault. */
  register(body: Body, asking: Asking): Promise<Information>;
  /** RFC 7592 section 2.1. @throws Problem 401. */
  look(claim: Claim): Promise<Information>;
  /** RFC 7592 section 2.2: what is left out is forgotten. @throws Problem 400, 401. */
  replace(claim: Claim, body: Body, asking: Asking): Promise<Information>;
  /** RFC 7592 section 2.3. @throws Problem 401. */
  remove(claim: Claim, asking: Asking): Promise<void>;
}

export interface RegistrationServices {
  readonly issuer: string;
  readonly management: Management;
  /** What may be registered at this moment. */
  readonly policy: () => Promise<RegistrationPolicy>;
}

/** @throws Problem 400 in the terms of RFC 7591 section 3.2.2. */
function refuse(fields: InvalidFields): never {
  const faults: ProblemFault[] = [...fields].flatMap(([field, messages]) =>
    messages.map((detail) => ({ pointer: `/${field}`, detail })),
  );
  const code = [...fields.keys()].every((field) => field === 'redirect_uris')
    ? 'invalid_redirect_uri'
    : 'invalid_client_metadata';
  const sentences = [...fields].map(([field, messages]) => `${field} ${messages.join(', ')}`);
  throw new Problem(code, `${sentences.join('; ')}.`, { faults });
}

const refuseField = (field: string, message: string) => refuse(new Map([[field, [message]]]));

function notTheirs(): Problem {
  return new Problem('invalid_token', 'The registration access token is not valid for this client.', {
    headers: { 'www-authenticate': 'Bearer realm="Countersign", error="invalid_token"' },
  });
}

const nobody = hashSecret('');
const hasSecret = ({ authMethod }: ClientMetadata) => authMethod.startsWith('client_secret');

/** The client behind a claim. An unknown one costs the same comparison, and the same answer, as a wrong token. */
async function claimed(transaction: ManagementTransaction, { clientId, token }: Claim): Promise<RegisteredClient> {
  const client = await lockRegistered(transaction, clientId);
  const fits = sameHash(hashSecret(token), client?.tokenHash ?? nobody);
  if (client === undefined || !fits) throw notTheirs();
  return client;
}

/** What of a registration is no metadata, and must be as it was or not be there (RFC 7592 section 2.2). */
async function checkUnchanged(transaction: ManagementTransaction, clientId: string, body: Body): Promise<void> {
  if (body['client_id'] !== clientId) refuseField('client_id', 'must be the id of this client');
  const secret = body['client_secret'];
  if (secret === undefined || secret === null) return;
  const presented = hashSecret(String(secret));
  const live = await liveSecrets(transaction, clientId);
  if (!live.some((hash) => sameHash(hash, presented))) {
    refuseField('client_secret', 'must be the secret of this client; it cannot be chosen');
  }
}

async function record(
  transaction: ManagementTransaction,
  action: string,
  { clientId, name }: Pick<RegisteredClient, 'clientId' | 'name'>,
  { actor, address, requestId }: Asking,
): Promise<void> {
  await appendAudit(transaction, {
    action,
    actor: actor ?? { type: 'client', id: clientId },
    target: { type: 'client', id: clientId },
    address,
    requestId,
    detail: { name },
  });
}

/** Opens the registration of clients by themselves. */
export function createRegistration({ issuer, management, policy }: RegistrationServices): Registration {
  async function decide(body: Body): Promise<ClientMetadata> {
    const complete = completeMetadata(readMetadata(body), await policy(), 'registered');
    return complete.ok ? complete.value : refuse(complete.fault);
  }

  return {
    async register(body, asking) {
      const metadata = await decide(body);
      const clientId = newSid('client');
      const registrationToken = newSecret();
      const clientSecret = hasSecret(metadata) ? newSecret() : undefined;
      const hashes = {
        token: hashSecret(registrationToken),
        secret: clientSecret === undefined ? undefined : hashSecret(clientSecret),
      };
      const client = await inTransaction(management, async (transaction) => {
        const made = await insertRegistered(transaction, clientId, metadata, hashes);
        await record(transaction, 'client.registered', made, asking);
        return made;
      });
      return clientInformation(issuer, client, { registrationToken, clientSecret });
    },
    async look(claim) {
      const client = await inTransaction(management, (transaction) => claimed(transaction, claim));
      return clientInformation(issuer, client, { registrationToken: claim.token, clientSecret: undefined });
    },
    async replace(claim, body, asking) {
      const [client, clientSecret] = await inTransaction(management, async (transaction) => {
        const before = await claimed(transaction, claim);
        await checkUnchanged(transaction, claim.clientId, body);
        const metadata = await decide(body);
        const fresh = hasSecret(metadata) && !hasSecret(before) ? newSecret() : undefined;
        const hash = fresh === undefined ? undefined : hashSecret(fresh);
        const after = await replaceRegistered(transaction, claim.clientId, metadata, hash);
        await record(transaction, 'client.updated', after, asking);
        return [after, fresh] as const;
      });
      return clientInformation(issuer, client, { registrationToken: claim.token, clientSecret });
    },
    async remove(claim, asking) {
      await inTransaction(management, async (transaction) => {
        const client = await claimed(transaction, claim);
        await deleteRegistered(transaction, claim.clientId);
        await record(transaction, 'client.deleted', client, asking);
      });
    },
  };
}
