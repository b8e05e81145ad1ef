import { reportFaults, updateSchema } from '../boot/index.ts';

const list = (names: readonly string[]) => names.map((name) => `  ${name}\n`).join('');

/** `countersign migrate`: exit code 0 up to date, 1 failed, 2 pending with --check. */
export async function runMigrations({ check = false }: { readonly check?: boolean }): Promise<void> {
  try {
    const { applied, pending } = await updateSchema(check, (message) => process.stderr.write(`${message}\n`));
    if (pending.length > 0) {
      process.stdout.write(`Pending:\n${list(pending)}`);
      process.exitCode = 2;
    } else if (applied.length > 0) {
      process.stdout.write(`Applied:\n${list(applied)}`);
    } else {
      process.stdout.write('The database is up to date.\n');
    }
  } catch (error) {
    reportFaults('The migration failed', error);
  }
}
