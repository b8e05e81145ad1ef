import { refuse, refuseFaults } from '../api/index.ts';
import { type AuditEvent, bySystem } from '../audit/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config, SigningAlgorithm } from '../config/index.ts';
import {
  createLookupCache,
  type LookupCache,
  type Management,
  type ManagementTransaction,
  Prisma,
  type Sql,
  type Store,
} from '../store/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import { managementScopes } from './management-api.ts';
import { resourceFaults } from './rules.ts';
import { type AuditSource, insertResource, mendResource, readPlatformGap, readResource } from './store.ts';
import type { Resource, ResourceDraft } from './types.ts';

/** The resources as the token path reads them: from memory, kept true by the feed of changes. */
export function createResourceDirectory(
  store: Store,
  config: Config['cache'],
  metrics: Metrics,
  clock: Clock,
): LookupCache<Resource> {
  const cache = createLookupCache<Resource>({
    ...config,
    clock,
    feed: store.feed,
    load: (identifier) => readResource(store.sql, identifier),
    onLookup: (outcome) => metrics.cache('resources', outcome),
  });
  store.feed.subscribe('resource', (id) => cache.invalidateWhere((resource) => resource.id === id));
  return cache;
}

/** Said of an identifier that somebody else has, whoever it is. */
export const notAvailable = 'is not available';

function isTaken(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}

/**
 * Creates a resource in the caller's transaction.
 * @throws Problem 422 with all faults, or when the identifier is taken.
 */
export async function addResource(
  transaction: ManagementTransaction,
  draft: ResourceDraft,
  by: AuditSource,
): Promise<{ readonly id: string }> {
  refuseFaults(resourceFaults(draft));
  try {
    return await insertResource(transaction, draft, by);
  } catch (error) {
    if (isTaken(error)) refuse([{ pointer: '/identifier', detail: notAvailable }]);
    throw error;
  }
}

/** Creates a resource. @throws Problem 422 with all faults, or when the identifier is taken. */
export function createResource(
  management: Management,
  draft: ResourceDraft,
  actor: AuditEvent['actor'],
): Promise<{ readonly id: string }> {
  return management.$transaction((transaction) => addResource(transaction, draft, { actor }));
}

/** Whether {@link ensureManagementResource} would have anything to do. */
export async function lacksManagementResource(sql: Sql, issuer: string, alg: SigningAlgorithm): Promise<boolean> {
  const gap = await readPlatformGap(sql, issuer, managementScopes);
  return gap.missing.length > 0 || gap.alg !== alg;
}

/**
 * Makes sure that this server's own REST API is a resource under its issuer, with the scopes of this release. Scopes
 * that an older release brought stay, since both may run at once.
 */
export async function ensureManagementResource(
  { sql, management }: Pick<Store, 'sql' | 'management'>,
  issuer: string,
  alg: SigningAlgorithm,
): Promise<void> {
  const gap = await readPlatformGap(sql, issuer, managementScopes);
  if (gap.id !== undefined) {
    if (gap.missing.length > 0 || gap.alg !== alg) await mendResource(management, gap.id, alg, gap.missing);
    return;
  }
  const draft: ResourceDraft = {
    identifier: issuer,
    name: 'Management API',
    signingAlg: alg,
    scopes: managementScopes,
  };
  try {
    await management.$transaction((transaction) => insertResource(transaction, draft, { actor: bySystem }));
  } catch (error) {
    // Another node that starts at the same moment made it.
    if (!isTaken(error)) throw error;
  }
}
