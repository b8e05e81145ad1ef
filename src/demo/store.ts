import type { Management, ManagementTransaction, Sql } from '../store/index.ts';

const seedLock = 7_326_002;

/** Whether a demo organization exists. */
export async function demoExists(management: Management | ManagementTransaction): Promise<boolean> {
  return (await management.organization.count({ where: { demo: true } })) > 0;
}

/** Runs `seed` in one transaction unless a demo is there already; of many nodes one seeds and the others wait and see it. */
export async function onceForAll(
  management: Management,
  seed: (transaction: ManagementTransaction) => Promise<void>,
): Promise<boolean> {
  return management.$transaction(
    async (transaction) => {
      await transaction.$executeRaw`select pg_advisory_xact_lock(${seedLock})`;
      if (await demoExists(transaction)) return false;
      await seed(transaction);
      return true;
    },
    { timeout: 20_000, maxWait: 20_000 },
  );
}

/** The same question to a database that may have no schema yet. */
export async function hasDemoRows(sql: Sql): Promise<boolean> {
  const [table] = await sql<Array<{ there: boolean }>>`select to_regclass('organizations') is not null as there`;
  if (table?.there !== true) return false;
  const [row] = await sql<Array<{ demo: boolean }>>`select exists (select from organizations where demo) as demo`;
  return row?.demo === true;
}
