import { z } from 'zod';
import { pageParameters, sid, text, timestamp } from '../api/index.ts';

export const auditEventRecord = z
  .strictObject({
    id: z.string().describe('Grows with time. Digits, more than a JavaScript number may hold.'),
    record_type: z.literal('audit_event'),
    action: z.string().describe('For example grant.revoked.'),
    actor: z.strictObject({
      type: z.enum(['system', 'user', 'api_key', 'client']),
      id: z.string().nullable().describe('null for the server itself, and for somebody who was not recognized.'),
    }),
    target: z.strictObject({ type: z.string(), id: z.string() }),
    org_id: sid('organization').nullable(),
    address: z.string().nullable().describe('Where the request came from.'),
    request_id: z.string().nullable().describe('Leads to the access log.'),
    detail: z.record(z.string(), z.unknown()).nullable().describe('What else there is to say; never a secret.'),
    created_at: timestamp(),
  })
  .meta({ id: 'AuditEvent', description: 'Who did what to which thing, from where. Nobody can change or delete it.' });

const moment = () =>
  z.iso
    .datetime({ offset: true, error: 'must be a moment like 2026-01-31T12:00:00Z' })
    .transform((value) => new Date(value))
    .refine((date) => !Number.isNaN(date.getTime()), 'must be a moment like 2026-01-31T12:00:00Z');

const filters = {
  'filter[action]': text(100).optional(),
  'filter[actor_id]': text(200).optional(),
  'filter[target_id]': text(200).optional(),
  'filter[target_type]': text(100).optional(),
  'filter[org_id]': sid('organization').optional(),
  'filter[since]': moment().optional().describe('This moment or later (RFC 3339).'),
  'filter[until]': moment().optional().describe('Before this moment (RFC 3339).'),
};

export const auditQuery = z.strictObject({
  ...pageParameters,
  ...filters,
  sort: z
    .enum(['created_at', '-created_at'], 'must be created_at or -created_at')
    .default('created_at')
    .describe('-created_at: the newest first.'),
});

export const auditExportQuery = z.strictObject(filters);

/** Which events are asked for. */
export type AuditFilters = z.output<typeof auditExportQuery>;
