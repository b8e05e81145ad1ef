import type { z } from 'zod';
import { listAnswer, type Operation, offsetOf, pageOf, read } from '../api/index.ts';
import type { Sql } from '../store/index.ts';
import { auditEventRecord, auditExportQuery, auditQuery } from './schemas.ts';
import { type AuditRow, exportEvents, listEvents } from './store.ts';

const recordOf = (row: AuditRow): z.input<typeof auditEventRecord> => ({
  id: row.id,
  record_type: 'audit_event',
  action: row.action,
  actor: { type: row.actorType, id: row.actorId },
  target: { type: row.targetType, id: row.targetId },
  org_id: row.organizationSid,
  address: row.address,
  request_id: row.requestId,
  detail: row.detail,
  created_at: row.at.toISOString(),
});

async function* recordsOf(rows: AsyncIterable<AuditRow>) {
  for await (const row of rows) yield recordOf(row);
}

const shared = { tag: 'Audit log', method: 'get', scopes: ['audit:read'], status: 200 } as const;

/** The audit log, to be read. */
export const auditOperations = (sql: Sql): readonly Operation[] => [
  read(
    {
      ...shared,
      id: 'listAuditEvents',
      path: '/audit_events',
      summary: 'List audit events',
      description:
        'The events of the organizations within reach. Those of no organization, sign-ins among them, are for operators of the server.',
      query: auditQuery,
      answer: listAnswer(auditEventRecord),
    },
    async ({ query, caller }) => {
      const { rows, total } = await listEvents(sql, caller, query, {
        limit: query['page[size]'],
        offset: offsetOf(query),
        newestFirst: query.sort === '-created_at',
      });
      return pageOf(rows.map(recordOf), total, query);
    },
  ),
  read(
    {
      ...shared,
      id: 'exportAuditEvents',
      path: '/audit_events/export',
      summary: 'Export audit events as JSON lines',
      description:
        'All events that the filters let through, oldest first, one JSON object a line, up to the moment of the request. Whoever exports again and again lets filter[since] overlap by a minute and tells events apart by id: transactions that were open come later with a lower id.',
      lines: true,
      query: auditExportQuery,
      answer: auditEventRecord,
    },
    // The kernel sends whatever can be iterated; each line is as `answer` says.
    async ({ query, caller }) => recordsOf(await exportEvents(sql, caller, query)) as never,
  ),
];
