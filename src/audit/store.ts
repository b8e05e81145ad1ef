import type { Caller } from '../api/index.ts';
import { available, type ManagementTransaction, type Sql } from '../store/index.ts';
import type { AuditFilters } from './schemas.ts';

/** One event. Nothing secret goes into `detail`. */
export interface AuditEvent {
  /** For example `client.created`. */
  readonly action: string;
  readonly actor: { readonly type: 'system' | 'user' | 'api_key' | 'client'; readonly id?: string };
  readonly target: { readonly type: string; readonly id: string };
  readonly organizationSid?: string;
  /** Where the request came from. */
  readonly address?: string;
  readonly requestId?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** The actor of what the server does on its own: first keys, the demo, the platform's own resource. */
export const bySystem: AuditEvent['actor'] = { type: 'system' };

/** Appends in a management transaction. */
export async function appendAudit(transaction: ManagementTransaction, event: AuditEvent): Promise<void> {
  await transaction.auditEvent.create({
    data: {
      action: event.action,
      actorType: event.actor.type,
      actorId: event.actor.id ?? null,
      targetType: event.target.type,
      targetId: event.target.id,
      organizationSid: event.organizationSid ?? null,
      address: event.address ?? null,
      requestId: event.requestId ?? null,
      ...(event.detail === undefined ? {} : { detail: event.detail }),
    },
  });
}

/**
 * Appends by postgres.js, in a transaction or on its own.
 * @throws Problem 503 when the database cannot be reached.
 */
export async function appendAuditSql(sql: Sql, event: AuditEvent): Promise<void> {
  await available(sql`
    insert into audit_events
      (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
    values (${event.action}, ${event.actor.type}, ${event.actor.id ?? null}, ${event.target.type}, ${event.target.id},
      ${event.organizationSid ?? null}, ${event.address ?? null}, ${event.requestId ?? null},
      ${event.detail === undefined ? null : sql.json(event.detail)})`);
}

/** An event as the table has it. */
export interface AuditRow {
  /** Digits of a 64-bit number. */
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actorType: 'system' | 'user' | 'api_key' | 'client';
  readonly actorId: string | null;
  readonly targetType: string;
  readonly targetId: string;
  readonly organizationSid: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly detail: Record<string, unknown> | null;
}

/** Events between two lines of a stream are read so many at a time. */
const batchSize = 500;

const columns = (sql: Sql) => sql`
  id, at, action, actor_type as "actorType", actor_id as "actorId", target_type as "targetType",
  target_id as "targetId", organization_sid as "organizationSid", address, request_id as "requestId", detail`;

/** The events within reach that filters let through. What belongs to no organization is for operators. */
function chosenBy(sql: Sql, { reach }: Caller, filters: AuditFilters) {
  const conditions = [
    reach === 'everything' ? undefined : sql`organization_sid = any(${[...reach]}::text[])`,
    filters['filter[action]'] && sql`action = ${filters['filter[action]']}`,
    filters['filter[actor_id]'] && sql`actor_id = ${filters['filter[actor_id]']}`,
    filters['filter[target_id]'] && sql`target_id = ${filters['filter[target_id]']}`,
    filters['filter[target_type]'] && sql`target_type = ${filters['filter[target_type]']}`,
    filters['filter[org_id]'] && sql`organization_sid = ${filters['filter[org_id]']}`,
    filters['filter[since]'] && sql`at >= ${filters['filter[since]']}`,
    filters['filter[until]'] && sql`at < ${filters['filter[until]']}`,
  ];
  return conditions.reduce<ReturnType<Sql>>(
    (all, condition) => (condition ? sql`${all} and ${condition}` : all),
    sql`true`,
  );
}

/** Which part of a list, and from which end. */
interface Part {
  readonly limit: number;
  readonly offset: number;
  readonly newestFirst: boolean;
}

/** One page of events, and how many there are. */
export async function listEvents(
  sql: Sql,
  caller: Caller,
  filters: AuditFilters,
  { limit, offset, newestFirst }: Part,
): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }> {
  const order = newestFirst ? sql`id desc` : sql`id`;
  const [rows, [count]] = await Promise.all([
    available(sql<AuditRow[]>`
      select ${columns(sql)} from audit_events where ${chosenBy(sql, caller, filters)}
      order by ${order} limit ${limit} offset ${offset}`),
    available(sql<Array<{ total: number }>>`
      select count(*)::int as total from audit_events where ${chosenBy(sql, caller, filters)}`),
  ]);
  return { rows, total: count?.total ?? 0 };
}

async function lastEvent(sql: Sql): Promise<string> {
  const [row] = await available(sql<Array<{ id: string }>>`select coalesce(max(id), 0) as id from audit_events`);
  return row?.id ?? '0';
}

/**
 * All events up to this moment, oldest first. Each batch is a query of its own that begins behind the batch before: no
 * connection is held while a slow reader reads, and no more than a batch is in memory.
 * @throws Problem 503 before the first event when the database is away.
 */
export async function exportEvents(sql: Sql, caller: Caller, filters: AuditFilters): Promise<AsyncIterable<AuditRow>> {
  const last = await lastEvent(sql);
  const behind = (id: string) =>
    available(sql<AuditRow[]>`
      select ${columns(sql)} from audit_events
      where ${chosenBy(sql, caller, filters)} and id > ${id} and id <= ${last}
      order by id limit ${batchSize}`);
  const first = await behind('0');

  async function* stream() {
    for (let batch = first; ; ) {
      yield* batch;
      const end = batch.at(-1);
      if (end === undefined || batch.length < batchSize) return;
      batch = await behind(end.id);
    }
  }
  return stream();
}
