import { type AuditEvent, appendAudit } from '../audit/index.ts';
import type { SigningAlgorithm } from '../config/index.ts';
import { available, type Management, type ManagementTransaction, type Sql } from '../store/index.ts';
import type { Resource, ResourceDraft } from './types.ts';

/** Who makes a change, and from where. */
export type AuditSource = Pick<AuditEvent, 'actor' | 'address' | 'requestId'>;

interface Row {
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
  readonly createdAt: number;
  readonly organizationSid: string | null;
  readonly tokenFormat: 'jwt' | 'opaque';
  readonly signingAlg: SigningAlgorithm;
  readonly accessTokenTtl: number | null;
  readonly acceptsRegisteredClients: boolean;
  readonly scopes: ReadonlyArray<{ readonly name: string; readonly description: string }>;
  readonly introspectors: readonly string[];
}

/** Reads one resource with its scopes and introspecting clients, in one round trip. */
export async function readResource(sql: Sql, identifier: string): Promise<Resource | undefined> {
  const [row] = await available(sql<Row[]>`
    select r.id, r.identifier, r.name, r.organization_sid as "organizationSid", r.token_format as "tokenFormat",
      r.signing_alg as "signingAlg", r.access_token_ttl as "accessTokenTtl",
      r.accepts_registered_clients as "acceptsRegisteredClients",
      floor(extract(epoch from r.created_at))::float8 as "createdAt",
      coalesce((
        select json_agg(json_build_object('name', s.name, 'description', s.description) order by s.name)
        from resource_scopes s where s.resource_id = r.id), '[]') as scopes,
      array(select i.client_id from resource_introspectors i where i.resource_id = r.id) as introspectors
    from resources r where r.identifier = ${identifier}`);
  if (row === undefined) return undefined;
  return {
    ...row,
    organizationSid: row.organizationSid ?? undefined,
    accessTokenTtl: row.accessTokenTtl ?? undefined,
    scopes: new Set(row.scopes.map((scope) => scope.name)),
    descriptions: new Map(row.scopes.map((scope) => [scope.name, scope.description])),
    introspectors: new Set(row.introspectors),
  };
}

/** Inserts a resource and its scopes with their audit event. @throws Prisma P2002 when the identifier is taken. */
export async function insertResource(
  transaction: ManagementTransaction,
  draft: ResourceDraft,
  by: AuditSource,
): Promise<{ readonly id: string }> {
  const created = await transaction.resource.create({
    data: {
      identifier: draft.identifier,
      name: draft.name,
      organizationSid: draft.organizationSid ?? null,
      tokenFormat: draft.tokenFormat ?? 'jwt',
      signingAlg: draft.signingAlg ?? 'ES256',
      accessTokenTtl: draft.accessTokenTtl ?? null,
      acceptsRegisteredClients: draft.acceptsRegisteredClients ?? false,
      scopes: { create: draft.scopes.map(({ name, description }) => ({ name, description })) },
      introspectors: { create: (draft.introspectors ?? []).map((clientId) => ({ clientId })) },
    },
    select: { id: true },
  });
  await appendAudit(transaction, {
    ...by,
    action: 'resource.created',
    target: { type: 'resource', id: created.id },
    ...(draft.organizationSid === undefined ? {} : { organizationSid: draft.organizationSid }),
    detail: { identifier: draft.identifier },
  });
  return created;
}

interface ScopeRow {
  readonly name: string;
  readonly description: string;
}

/** How the platform's own resource differs from what the release wants. */
export interface PlatformGap {
  readonly id: string | undefined;
  readonly alg: string | undefined;
  readonly missing: readonly ScopeRow[];
}

/**
 * Looks with one read whether the platform's resource is as the release wants it. The usual start finds no gap, so it
 * never loads the management client, which costs as much memory as the rest of the server.
 */
export async function readPlatformGap(sql: Sql, identifier: string, scopes: readonly ScopeRow[]): Promise<PlatformGap> {
  const [row] = await sql<Array<{ id: string; alg: string; names: readonly string[] }>>`
    select r.id, r.signing_alg as alg,
      array(select s.name from resource_scopes s where s.resource_id = r.id) as names
    from resources r where r.identifier = ${identifier}`;
  const there = new Set(row?.names);
  return { id: row?.id, alg: row?.alg, missing: scopes.filter((scope) => !there.has(scope.name)) };
}

/** Adds scopes that a newer release brings, and follows the configured algorithm. */
export async function mendResource(
  management: Management,
  id: string,
  alg: SigningAlgorithm,
  missing: readonly ScopeRow[],
): Promise<void> {
  await management.$transaction([
    management.resource.update({ where: { id }, data: { signingAlg: alg } }),
    management.resourceScope.createMany({
      data: missing.map((scope) => ({ resourceId: id, ...scope })),
      skipDuplicates: true,
    }),
  ]);
}
