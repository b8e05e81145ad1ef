import { readFirstOrganizations } from '../accounts/index.ts';
import { type Caller, createExecutor } from '../api/index.ts';
import { Problem } from '../base/index.ts';
import { type Desk, reportFaults, withDesk } from '../boot/index.ts';
import { managementOperations } from '../operations.ts';
import { recordOf, tableOf } from './tables.ts';

/** What every management command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly org?: string;
  readonly data?: string;
  readonly passwordFile?: string;
}

/** The parts of a call, as the command line gave them. */
interface Given {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Organizations that are looked through for the one to act for. */
const mostOrganizations = 1_000;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** The organization to act for: the named one, else the one that runs this server, else the only one. */
async function organizationFor({ store: { sql } }: Desk, named: string | undefined): Promise<string> {
  const rows = await readFirstOrganizations(sql, mostOrganizations);
  const [first, second] = rows;
  if (named !== undefined) {
    if (rows.some(({ sid }) => sid === named)) return named;
    throw new Problem('not_found', `There is no organization ${named.slice(0, 64)}.`);
  }
  if (first === undefined) {
    throw new Problem('not_found', 'There is no organization yet. Make the first one: countersign setup --help');
  }
  if (first.operator || second === undefined) return first.sid;
  throw new Problem('unprocessable', 'There are several organizations. Name one with --org.');
}

/** Whoever reaches the database and the master key may do everything: no credential could keep them from it. */
const systemCaller = (organizationSid: string): Caller => ({
  kind: 'system',
  id: '',
  userSid: undefined,
  clientId: undefined,
  organizationSid,
  reach: 'everything',
  scopes: new Set(['admin']),
  role: 'owner',
});

interface Envelope {
  readonly data?: unknown;
  readonly meta?: { readonly page_number: number; readonly total_pages: number; readonly total_results: number };
}

function print(body: unknown, { json = false }: CommonOptions): void {
  if (body === undefined || body === null) return;
  if (json) {
    process.stdout.write(`${JSON.stringify(body, undefined, 2)}\n`);
    return;
  }
  const { data, meta } = body as Envelope;
  if (!Array.isArray(data)) {
    process.stdout.write(recordOf((data ?? body) as Record<string, unknown>));
    return;
  }
  process.stdout.write(tableOf(data));
  if (meta !== undefined && meta.total_pages > 1) {
    say(`Page ${meta.page_number} of ${meta.total_pages}, ${meta.total_results} in all. More: --page, --page-size`);
  }
}

/** Stdout that ends early, as in `| head`, ends the export without a complaint. */
async function printLines(records: AsyncIterable<unknown>): Promise<void> {
  for await (const record of records) {
    if (!process.stdout.write(`${JSON.stringify(record)}\n`)) {
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
}

async function run(desk: Desk, operationId: string, given: Given, options: CommonOptions): Promise<void> {
  const operation = managementOperations(desk).find(({ id }) => id === operationId);
  if (operation === undefined) throw new Error(`there is no operation ${operationId}`);
  const execute = createExecutor({ management: desk.store.management, sealer: desk.sealer, checkAnswers: false });
  const caller = systemCaller(await organizationFor(desk, options.org));
  const { body } = await execute(operation, { ...given, caller, origin: {} });
  if (operation.lines === true) await printLines(body as AsyncIterable<unknown>);
  else print(body, options);
  if (operation.status === 204) say('Done.');
}

/**
 * Carries an operation out at the configured database. Exit code 0 done, 1 refused or failed, with what to mend on
 * standard error.
 */
export async function carryOut(operationId: string, given: () => Given, options: CommonOptions): Promise<void> {
  try {
    await withDesk((desk) => run(desk, operationId, given(), options), say);
  } catch (error) {
    if (error instanceof Problem) {
      const { faults, detail } = error;
      const sentences = faults.map((fault) =>
        `${fault.pointer?.slice(1) ?? fault.parameter ?? ''} ${fault.detail}`.trim(),
      );
      say((sentences.length === 0 ? [detail] : sentences).map((sentence) => `countersign: ${sentence}`).join('\n'));
      process.exitCode = 1;
    } else if (error instanceof SyntaxError) {
      say(`countersign: --data is not JSON: ${error.message}`);
      process.exitCode = 1;
    } else {
      reportFaults('The command failed', error);
    }
  }
}
