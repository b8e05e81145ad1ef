import type { Management, ManagementTransaction, Sql } from '../store/index.ts';

const seedLock = 7_326_002;

/** Runs `seed` in one transaction unless a demo is there already; of many nodes one seeds and the others wait and see it. */
export async function onceForAll(
  management: Management,
  seed: (transaction: ManagementTransaction) => Promise<void>,
): Promise<boolean> {
  return management.$transaction(async (transaction) => {
    await transaction.$executeRaw`select pg_advisory_xact_lock(${seedLock})`;
    if ((await transaction.organization.count({ where: { demo: true } })) > 0) return false;
    await seed(transaction);
    return true;
  });
}

/** The same question to a database that may have no schema yet. */
export async function hasDemoRows(sql: Sql): Promise<boolean> {
  const [table] = await sql<Array<{ there: boolean }>>`select to_regclass('organizations') is not null as there`;
  if (table?.there !== true) return false;
  const [row] = await sql<Array<{ demo: boolean }>>`select exists (select from organizations where demo) as demo`;
  return row?.demo === true;
}
