import { PrismaPg } from '@prisma/adapter-pg';
import type { Config } from '../config/index.ts';
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
