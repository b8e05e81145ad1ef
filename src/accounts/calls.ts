import type { Call, Caller, Change } from '../api/index.ts';
import { type AuditEvent, appendAudit, bySystem } from '../audit/index.ts';
import type { By } from './types.ts';

/** What of a call a change needs that joins its transaction. */
export type Doing = Pick<Change, 'caller' | 'origin' | 'transaction'>;

/** Who calls, and from where, as the audit log has it. */
export function byCaller({ caller: { kind, id, organizationSid }, origin }: Pick<Call, 'caller' | 'origin'>): By {
  return kind === 'system' ? { actor: bySystem, origin } : { actor: { type: kind, id }, origin, organizationSid };
}

/** Appends to the audit log what a call did, in the transaction of the call. */
export function record(doing: Doing, event: Omit<AuditEvent, 'actor' | 'address' | 'requestId'>): Promise<void> {
  const { actor, origin } = byCaller(doing);
  return appendAudit(doing.transaction, { ...event, ...origin, actor });
}

/** A caller's reach as a parameter of SQL: null is everything. */
export const reachList = ({ reach }: Caller): string[] | null => (reach === 'everything' ? null : [...reach]);

/** The members of a record that a change gives other values, and their names for the audit log. */
export function changesOf<Row extends object>(
  current: Row,
  wished: { readonly [Name in keyof Row]?: Row[Name] | undefined },
) {
  const names = (Object.keys(wished) as Array<keyof Row & string>).filter(
    (name) => wished[name] !== undefined && wished[name] !== current[name],
  );
  const data = Object.fromEntries(names.map((name) => [name, wished[name]])) as Partial<Row>;
  return { names, data };
}
