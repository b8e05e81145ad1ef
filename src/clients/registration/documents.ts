import { LRUCache } from 'lru-cache';
import { appendAudit } from '../../audit/index.ts';
import { type Clock, fault, Problem, type Result } from '../../base/index.ts';
import { addressKey, type Limiter } from '../../limits/index.ts';
import type { Outbound, OutboundFault } from '../../outbound/index.ts';
import { inTransaction, type LookupCache, type Management } from '../../store/index.ts';
import type { Client } from '../types.ts';
import { freshUntil, isDocumentUrl, readDocument } from './document-rules.ts';
import { type ClientDocument, hasDocument, storeDocument } from './store.ts';
import type { RegistrationPolicy } from './types.ts';

export interface ClientDocumentParts {
  /** Whether clients may be known by their documents at all. */
  readonly enabled: boolean;
  readonly clients: LookupCache<Client>;
  readonly outbound: Outbound;
  /** Documents that were not known before, by the address of who made us fetch them. */
  readonly strangers: Pick<Limiter, 'consume'>;
  readonly management: Management;
  readonly policy: () => Promise<RegistrationPolicy>;
  readonly clock: Clock;
}

/**
 * Finds a client, for the protocol. A client_id that is the URL of a metadata document is fetched when it is new or no
 * longer fresh.
 * @param address who asks.
 * @throws Problem 400 a document that cannot be used, 429 too many new ones.
 */
export type FindClient = (clientId: string, address: string) => Promise<Client | undefined>;

const request = {
  maxBytes: 16 * 1024,
  timeoutMs: 5_000,
  accept: 'application/json',
  maxRedirects: 0,
} as const;

/** Fetches under way at once, for all strangers together. */
const maxFetches = 16;

/** For how long a failure is remembered: milliseconds, and how many. */
const badFor = 60_000;
const mostFailures = 10_000;

/** Milliseconds, and documents, for which it is remembered that they were just kept. */
const justNow = 3_000;
const maxJustKept = 1_000;

/** Milliseconds for which a document is still believed after its time, where its server cannot be reached. */
const grace = 86_400_000;

interface Failure {
  /** One public sentence. */
  readonly reason: string;
  /** Whether its server may just be away. */
  readonly passing: boolean;
}

/** What strangers are told of a fetch that failed. Whether an address lies within our network is not for them to know. */
function failureOf({ reason, detail }: OutboundFault): Failure {
  if (reason === 'bad_status') return { reason: `its server answered with ${detail}`, passing: / 5\d\d$/.test(detail) };
  if (reason === 'too_large') return { reason: `it has ${detail}`, passing: false };
  return { reason: 'it could not be fetched', passing: true };
}

/** The error of an authorization server that cannot use a document. */
const unusable = ({ reason }: Failure) =>
  new Problem('invalid_client_document', `The client metadata document cannot be used: ${reason}.`);

/** Fetches and keeps the documents, each by one request at a time however many ask for it. */
function createLibrary({ outbound, management, policy, clock, clients }: ClientDocumentParts) {
  const failures = new LRUCache<string, Failure>({ max: mostFailures, ttl: badFor });
  const underWay = new Map<string, Promise<Failure | undefined>>();
  /** Who looked before a document was kept, and comes here only after that, need not fetch it again. */
  const keptAt = new LRUCache<string, number>({ max: maxJustKept });
  const isJustKept = (clientId: string) => clock() - (keptAt.get(clientId) ?? 0) < justNow;

  async function read(clientId: string): Promise<Result<ClientDocument, Failure>> {
    const answer = await outbound.fetch(clientId, request);
    if (!answer.ok) return fault(failureOf(answer.fault));
    const document = readDocument(clientId, answer.value, await policy());
    if (!document.ok) return fault({ reason: document.fault, passing: false });
    const end = new Date(freshUntil(answer.value.headers, clock()));
    return { ok: true, value: { clientId, metadata: document.value, freshUntil: end } };
  }

  async function keep(document: ClientDocument): Promise<void> {
    const { clientId, metadata } = document;
    await inTransaction(management, async (transaction) => {
      const isNew = !(await hasDocument(transaction, clientId));
      await storeDocument(transaction, document);
      if (!isNew) return;
      await appendAudit(transaction, {
        action: 'client.registered',
        actor: { type: 'client', id: clientId },
        target: { type: 'client', id: clientId },
        detail: { name: metadata.name },
      });
    });
    clients.invalidate(clientId);
    keptAt.set(clientId, clock());
  }

  async function refresh(clientId: string): Promise<Failure | undefined> {
    const document = await read(clientId);
    if (document.ok) await keep(document.value);
    else failures.set(clientId, document.fault);
    return document.ok ? undefined : document.fault;
  }

  return {
    failureOf: (clientId: string) => failures.get(clientId),
    /** Whether asking for it now makes no request of its own. */
    isAtHand: (clientId: string) => underWay.has(clientId) || isJustKept(clientId),
    /** @returns why it failed. */
    async fetch(clientId: string): Promise<Failure | undefined> {
      const already = underWay.get(clientId);
      if (already !== undefined) return already;
      if (isJustKept(clientId)) return undefined;
      if (underWay.size >= maxFetches) throw new Problem('unavailable', 'Too many documents are being fetched.');
      const fetching = refresh(clientId).finally(() => underWay.delete(clientId));
      underWay.set(clientId, fetching);
      return fetching;
    },
  };
}

/** Opens the clients that are known by their metadata documents, beside all others. */
export function createClientFinding(parts: ClientDocumentParts): FindClient {
  const { enabled, clients, strangers, clock } = parts;
  const library = createLibrary(parts);

  async function admit(address: string): Promise<void> {
    const { allowed, retryAfter } = await strangers.consume(addressKey(address));
    if (allowed) return;
    throw new Problem('too_many_requests', 'Too many client metadata documents were asked for from this address.', {
      headers: { 'retry-after': String(Math.min(retryAfter, 60)) },
    });
  }

  /** A document that was known before serves on for a while when its server is away. */
  function fallBack(known: Client | undefined, failure: Failure): Client {
    const isGood = failure.passing && known?.freshUntil !== undefined && clock() < known.freshUntil + grace;
    if (known === undefined || !isGood) throw unusable(failure);
    return known;
  }

  async function findByDocument(clientId: string, address: string): Promise<Client | undefined> {
    const known = await clients.get(clientId);
    if (known?.freshUntil !== undefined && clock() < known.freshUntil) return known;
    const recent = library.failureOf(clientId);
    if (recent !== undefined) return fallBack(known, recent);
    if (known === undefined && !library.isAtHand(clientId)) await admit(address);
    const failure = await library.fetch(clientId);
    return failure === undefined ? clients.get(clientId) : fallBack(known, failure);
  }

  return async (clientId, address) => {
    if (!isDocumentUrl(clientId)) return clients.get(clientId);
    return enabled ? findByDocument(clientId, address) : undefined;
  };
}
