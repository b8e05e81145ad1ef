import { hashSecret, newSecret, newSid } from '../../src/base/index.ts';
import type { House } from '../support/house.ts';

/** Rows of tenants, as the management API will write them. */
export interface Tenants {
  /** @returns the SID. */
  makeOrganization(parentSid?: string): Promise<string>;
  makeAccount(organizationSid: string): Promise<string>;
  /** @returns the key, SID and secret in one string. */
  makeApiKey(organizationSid: string, scopes: readonly string[], owner?: Owner): Promise<string>;
}

/** Whose an API key is, where it is not the demo user's with a new account. */
export interface Owner {
  readonly userSid?: string;
  readonly accountSid?: string;
}

/** Opens the tenants of a house. */
export function openTenants({ database, demo }: House): Tenants {
  const { sql } = database;

  async function demoUser(): Promise<string> {
    const [row] = await sql<Array<{ sid: string }>>`
      select user_sid as sid from memberships where organization_sid = ${demo.organization_sid}`;
    return row?.sid ?? '';
  }

  async function makeAccount(organizationSid: string): Promise<string> {
    const sid = newSid('account');
    await sql`
      insert into accounts (sid, organization_sid, name, auth_token_sealed)
      values (${sid}, ${organizationSid}, 'Account of a test', ${Buffer.alloc(1)})`;
    return sid;
  }

  return {
    makeAccount,
    async makeOrganization(parentSid) {
      const sid = newSid('organization');
      await sql`
        insert into organizations (sid, parent_sid, name) values (${sid}, ${parentSid ?? null}, 'Organization of a test')`;
      return sid;
    },
    async makeApiKey(organizationSid, scopes, owner = {}) {
      const sid = newSid('apiKey');
      const secret = newSecret();
      const account = owner.accountSid ?? (await makeAccount(organizationSid));
      await sql`
        insert into api_keys (sid, name, user_sid, organization_sid, account_sid, scopes, secret_hash, secret_sealed)
        values (${sid}, 'Key of a test', ${owner.userSid ?? (await demoUser())}, ${organizationSid}, ${account},
          ${[...scopes]}, ${hashSecret(secret)}, ${Buffer.alloc(1)})`;
      return `${sid}.${secret}`;
    },
  };
}
