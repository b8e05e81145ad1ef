import { readFileSync } from 'node:fs';
import { createAccount, createApiKey, createMember, createOrganization } from '../accounts/index.ts';
import { Problem } from '../base/index.ts';
import { type Desk, reportFaults, withDesk } from '../boot/index.ts';
import { ensureManagementResource } from '../resources/index.ts';
import { inTransaction } from '../store/index.ts';

export interface SetupOptions {
  readonly organization: string;
  readonly email: string;
  readonly name: string;
  readonly passwordFile: string;
  readonly json?: boolean;
}

interface Made {
  readonly organization_sid: string;
  readonly account_sid: string;
  readonly user_sid: string;
  readonly api_key: string;
}

async function makeFirst({ config, store, sealer }: Desk, options: SetupOptions, password: string): Promise<Made> {
  await ensureManagementResource(store, config.issuer, config.tokens.managementSigningAlg);
  return inTransaction(store.management, async (transaction) => {
    if ((await transaction.organization.count({ where: { operator: true } })) > 0) {
      throw new Problem(
        'unprocessable',
        'There is an organization that runs this server already: countersign orgs list',
      );
    }
    const change = { transaction, actor: { type: 'system' }, sealer } as const;
    const organizationSid = await createOrganization(change, { name: options.organization, operator: true });
    const { email, name } = options;
    const userSid = await createMember(change, { email, name, password }, { organizationSid, role: 'owner' });
    const account = await createAccount(change, { name: options.organization, organizationSid });
    const key = await createApiKey(change, {
      name: 'First key',
      userSid,
      organizationSid,
      accountSid: account.sid,
      scopes: ['admin'],
    });
    return { organization_sid: organizationSid, account_sid: account.sid, user_sid: userSid, api_key: key.key };
  });
}

const proseOf = (made: Made, issuer: string) => `Organization  ${made.organization_sid}
Account       ${made.account_sid}
User          ${made.user_sid}
API key       ${made.api_key}

The key is shown this once. It may do everything:
  curl ${issuer}/oauth_clients -H 'authorization: Bearer ...'
`;

/** `countersign setup`: exit code 0 made, 1 refused or failed. */
export async function runSetup(options: SetupOptions): Promise<void> {
  try {
    const password = readFileSync(options.passwordFile === '-' ? 0 : options.passwordFile, 'utf8').replace(
      /\r?\n$/,
      '',
    );
    await withDesk(
      async (desk) => {
        const made = await makeFirst(desk, options, password);
        process.stdout.write(
          options.json === true ? `${JSON.stringify(made, undefined, 2)}\n` : proseOf(made, desk.config.issuer),
        );
      },
      (message) => process.stderr.write(`${message}\n`),
    );
  } catch (error) {
    if (!(error instanceof Problem)) return reportFaults('The set-up failed', error);
    process.stderr.write(`countersign: ${error.detail}\n`);
    process.exitCode = 1;
  }
}
