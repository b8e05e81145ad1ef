import type { Page } from '../../api/index.ts';
import { offsetOf } from '../../api/index.ts';
import { available, type ManagementTransaction, type Sql } from '../../store/index.ts';
import { type Counted, type Listed, listed } from '../lists.ts';

/** An organization as it is managed. */
export interface ManagedOrganization {
  readonly sid: string;
  readonly parentSid: string | null;
  readonly name: string;
  readonly standing: 'active' | 'suspended';
  readonly operator: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which organizations are asked for. Null asks for all. */
export interface OrganizationWish {
  readonly reach: string[] | null;
  readonly parentSid: string | null;
  readonly name: string | null;
}

/** Reads a page of organizations, oldest first. */
export async function readOrganizations(
  sql: Sql,
  { reach, parentSid, name }: OrganizationWish,
  page: Page,
): Promise<Listed<ManagedOrganization>> {
  const rows = await available(sql<Array<Counted<ManagedOrganization>>>`
    with found as not materialized (
      select * from organizations where (${reach}::text[] is null or sid = any(${reach}::text[]))
        and (${parentSid}::text is null or parent_sid = ${parentSid})
        and (${name}::text is null or name = ${name})
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select sid, parent_sid as "parentSid", name, standing, operator, created_at as "createdAt",
        updated_at as "updatedAt"
      from found order by created_at, sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, ({ sid }) => sid !== null);
}

/** Reads one organization. */
export async function readManagedOrganization(sql: Sql, sid: string): Promise<ManagedOrganization | undefined> {
  const [row] = await available(sql<ManagedOrganization[]>`
    select sid, parent_sid as "parentSid", name, standing, operator, created_at as "createdAt",
      updated_at as "updatedAt"
    from organizations where sid = ${sid}`);
  return row;
}

/** Reads an organization and locks it until the transaction ends. */
export async function lockOrganization(
  transaction: ManagementTransaction,
  sid: string,
): Promise<ManagedOrganization | null> {
  await transaction.$queryRaw`select 1 as found from organizations where sid = ${sid} for update`;
  return transaction.organization.findUnique({ where: { sid } });
}

/** Keeps organizations, if they are there, from being deleted, and their memberships from being changed, meanwhile. */
export async function holdOrganizations(transaction: ManagementTransaction, sids: readonly string[]): Promise<number> {
  const held = await transaction.$queryRaw<unknown[]>`
    select 1 as found from organizations where sid = any(${[...sids]}) order by sid for no key update`;
  return held.length;
}

const treeLock = 7_326_003;

/** Of those who move parts of the tree one goes after the other, and nobody adds to it meanwhile. */
export async function lockTree(transaction: ManagementTransaction, why: 'to add' | 'to move'): Promise<void> {
  await (why === 'to move'
    ? transaction.$executeRaw`select pg_advisory_xact_lock(${treeLock})`
    : transaction.$executeRaw`select pg_advisory_xact_lock_shared(${treeLock})`);
}

/** An organization on a way through the tree. */
export interface Step {
  readonly sid: string;
  readonly standing: 'active' | 'suspended';
  readonly operator: boolean;
  /** 1 for where the way began. */
  readonly level: number;
}

/** An organization and those above it, from below. */
export function readWayUp(transaction: ManagementTransaction, sid: string): Promise<Step[]> {
  return transaction.$queryRaw<Step[]>`
    with recursive above as (
      select sid, parent_sid, standing, operator, 1 as level from organizations where sid = ${sid}
      union
      select o.sid, o.parent_sid, o.standing, o.operator, above.level + 1
      from organizations o join above on o.sid = above.parent_sid where above.level < 64
    ) select sid, standing::text, operator, level from above order by level`;
}

/** An organization and those beneath it, from above. */
export function readTree(transaction: ManagementTransaction, sid: string): Promise<Step[]> {
  return transaction.$queryRaw<Step[]>`
    with recursive tree as (
      select sid, standing, operator, 1 as level from organizations where sid = ${sid}
      union
      select o.sid, o.standing, o.operator, tree.level + 1
      from organizations o join tree on o.parent_sid = tree.sid where tree.level < 64
    ) select sid, standing::text, operator, level from tree order by level, sid`;
}

/** How much of what an organization has must go before it can. */
export async function readContents(transaction: ManagementTransaction, organizationSid: string) {
  const where = { organizationSid };
  return {
    organization: await transaction.organization.count({ where: { parentSid: organizationSid } }),
    account: await transaction.account.count({ where }),
    'API key': await transaction.apiKey.count({ where }),
    'OAuth client': await transaction.client.count({ where }),
    resource: await transaction.resource.count({ where }),
  };
}
