/**
 * Who did what to which thing, from where. Events are appended in the transaction of the change, so a change without
 * its event cannot be committed. Every feature above may append; nobody edits or deletes. Over REST
 * they are read, page by page or as a stream.
 */
export { auditOperations } from './routes.ts';
export { type AuditEvent, appendAudit, appendAuditSql, bySystem } from './store.ts';
