import { type Origin, refuse } from '../api/index.ts';
import type { AuditEvent } from '../audit/index.ts';
import { type Clock, hashSecret, newSecret, newSid, Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createLookupCache, type LookupCache, type ManagementTransaction, type Store } from '../store/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import { registrationPolicy } from './registration/index.ts';
import { completeDraft } from './rules.ts';
import { insertClient, readClient, replaceSecret } from './store.ts';
import type { Client, ClientDraft } from './types.ts';

/**
 * The clients as the token path reads them: from memory, kept true by the feed of changes. What clients may ask for that
 * no admin made is the policy of this moment, whatever they once registered for.
 */
export function createClientDirectory(
  store: Store,
  { cache: limits, registration }: Pick<Config, 'cache' | 'registration'>,
  metrics: Metrics,
  clock: Clock,
): LookupCache<Client> {
  const policy = registrationPolicy(store.sql, registration);

  async function load(clientId: string): Promise<Client | undefined> {
    const client = await readClient(store.sql, clientId);
    if (client === undefined || client.origin === 'managed') return client;
    if (client.origin === 'document' && !registration.documents) return undefined;
    return { ...client, allowedScopes: (await policy()).scopes };
  }

  const cache = createLookupCache<Client>({
    ...limits,
    clock,
    feed: store.feed,
    load,
    onLookup: (outcome) => metrics.cache('clients', outcome),
  });
  store.feed.subscribe('client', (clientId) => cache.invalidate(clientId));
  store.feed.subscribe('resource', () => cache.invalidateWhere(({ origin }) => origin !== 'managed'));
  store.feed.subscribe('organization', (sid) => cache.invalidateWhere((client) => client.organizationSid === sid));
  return cache;
}

/** The client id and, for a client that has one, the secret: nobody can read it again. */
export interface NewClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** Creates a client in the caller's transaction. @param from where the request came from. @throws Problem 422 with all faults. */
export async function createClient(
  transaction: ManagementTransaction,
  draft: ClientDraft,
  actor: AuditEvent['actor'],
  from: Origin = {},
): Promise<NewClient> {
  const complete = completeDraft(draft);
  if (!complete.ok) refuse(complete.fault);
  const clientId = newSid('client');
  const hasSecret = complete.value.authMethod.startsWith('client_secret');
  const clientSecret = hasSecret ? newSecret() : undefined;
  const hash = clientSecret === undefined ? undefined : Buffer.from(hashSecret(clientSecret));
  await insertClient(transaction, clientId, complete.value, hash, { actor, ...from });
  return { clientId, clientSecret };
}

/**
 * Gives a client a new secret; the one before it works on for `overlap` seconds, so that deployments can follow. Joins
 * the caller's transaction.
 * @throws Problem 404 when there is no such client with secrets.
 */
export async function rotateClientSecret(
  transaction: ManagementTransaction,
  { clientId, overlap, clock }: { readonly clientId: string; readonly overlap: number; readonly clock: Clock },
  actor: AuditEvent['actor'],
  from: Origin = {},
): Promise<string> {
  const secret = newSecret();
  const end = new Date(clock() + overlap * 1000);
  const hash = Buffer.from(hashSecret(secret));
  if (await replaceSecret(transaction, clientId, hash, end, { actor, ...from })) return secret;
  throw new Problem('not_found', 'There is no client with this id that has secrets.');
}
