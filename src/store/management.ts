import { PrismaPg } from '@prisma/adapter-pg';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { unavailability } from './failures.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import type { DatabaseTarget } from './target.ts';

/** The management services' client. */
export type Management = PrismaClient;

/** A transaction of the management client, as its services pass it along. */
export type ManagementTransaction = Prisma.TransactionClient;

/** Opens lazily: the first query connects. */
export function openManagement(target: DatabaseTarget, settings: Config['database']): Management {
  const adapter = new PrismaPg({
    ...target,
    max: settings.managementPoolSize,
    connectionTimeoutMillis: settings.connectTimeout * 1000,
    statement_timeout: settings.statementTimeoutMs,
    application_name: 'countersign management',
  });
  // Many nodes that start at once wait for each other; the library's two seconds would fail the last ones.
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 20_000, timeout: 20_000 } });
}

/** The codes under which the management client says that it did not get its turn, or not at all. */
const unavailableCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034']);

/** The driver's own error lies within the library's, at more than one depth. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let next = error; typeof next === 'object' && next !== null && causes.length < 6; ) {
    causes.push(next);
    const { cause, meta } = next as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
    next = cause ?? meta?.driverAdapterError;
  }
  return causes;
}

function isUnavailable(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    const { code, originalCode } = cause as { code?: unknown; originalCode?: unknown };
    return (
      unavailableCodes.has(String(code)) ||
      unavailability(cause) !== undefined ||
      unavailability({ code: originalCode }) !== undefined
    );
  });
}

/**
 * Carries out a change in one transaction.
 * @throws Problem 503 when the database cannot be reached or is too busy; nothing is changed then.
 */
export async function inTransaction<Value>(
  management: Management,
  work: (transaction: ManagementTransaction) => Promise<Value>,
): Promise<Value> {
  try {
    return await management.$transaction(work);
  } catch (error) {
    if (error instanceof Problem || !isUnavailable(error)) throw error;
    throw new Problem('unavailable', 'The database cannot be reached; try again in a moment.', { cause: error });
  }
}
