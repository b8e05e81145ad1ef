import { LRUCache } from 'lru-cache';
import type { Config } from '../config/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { createGate, type Gate, openGate, type Subject } from './gate.ts';
import { createMemory } from './memory.ts';
import { addressKey, createExemption } from './rules.ts';
import { createLimits } from './service.ts';
import type { Limit } from './types.ts';

/** Every limit on requests. Those on failures count nothing else, so whoever has good credentials never meets them. */
export interface RequestLimits {
  /** Failed authentications and grants of one client at one address: a stranger elsewhere locks nobody out. */
  readonly clientFailures: Gate;
  /** The same of all clients at one address. */
  readonly addressFailures: Gate;
  /** Introspections of one caller that find nothing. */
  readonly inactiveIntrospections: Gate;
  readonly pushedRequests: Gate;
  readonly registrations: Gate;
  /** All requests of one caller. */
  readonly managementRequests: Gate;
  /** Requests from one address with a credential that is not valid. */
  readonly managementFailures: Gate;
}

type RowName = keyof RequestLimits;

const limitOf = (perMinute: number): Limit => ({ points: perMinute, duration: 60 });

/** Keys of the addresses that came last: while somebody is refused, everybody's is asked for. */
const addressKeys = new LRUCache<string, string>({ max: 500, memoMethod: addressKey });

const byAddress = ({ address }: Subject) => addressKeys.memo(address.slice(0, 64));
const byWho = ({ who = '' }: Subject) => who;

/** What each of them counts. Their names are seen by callers, in metrics and in the table. */
const rows: Readonly<Record<RowName, { readonly name: string; readonly keyOf: (of: Subject) => string }>> = {
  clientFailures: { name: 'client-failures', keyOf: (of) => `${byAddress(of)} ${byWho(of)}` },
  addressFailures: { name: 'address-failures', keyOf: byAddress },
  inactiveIntrospections: { name: 'inactive-introspections', keyOf: byWho },
  pushedRequests: { name: 'pushed-requests', keyOf: byAddress },
  registrations: { name: 'registrations', keyOf: byAddress },
  managementRequests: { name: 'management-requests', keyOf: byWho },
  managementFailures: { name: 'management-failures', keyOf: byAddress },
};

const rowNames = Object.keys(rows) as RowName[];

export interface RequestLimitParts {
  readonly config: Config['limits'];
  readonly sql: Sql;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Opens the limits on requests, shared by all nodes on one database. */
export function createRequestLimits({ config, sql, logger, metrics }: RequestLimitParts): RequestLimits {
  const shared = { memory: createMemory(logger), isExempt: createExemption(config.exempt), logger, metrics };
  const limited = rowNames.filter((row) => config[row] > 0);
  const table = Object.fromEntries(limited.map((row): [string, Limit] => [rows[row].name, limitOf(config[row])]));
  const limiters = createLimits(table, sql, logger);

  function open(row: RowName): Gate {
    const limiter = limiters[rows[row].name];
    return limiter === undefined
      ? openGate
      : createGate({ ...shared, ...rows[row], limit: limitOf(config[row]), limiter });
  }

  return Object.fromEntries(rowNames.map((row) => [row, open(row)])) as Record<RowName, Gate>;
}
