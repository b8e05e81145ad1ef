import { available, type ManagementTransaction, type Sql } from '../store/index.ts';

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
