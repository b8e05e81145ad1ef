import {
  changePassword,
  createAccount,
  createApiKey,
  createMember,
  removeMembership,
  removeUser,
} from '../../src/accounts/index.ts';
import { bySystem } from '../../src/audit/index.ts';
import { createSealer, newSecret } from '../../src/base/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings } from './database.ts';
import type { House } from './house.ts';

/** Somebody who can sign in. */
export interface Resident {
  readonly sid: string;
  readonly email: string;
  readonly password: string;
}

/** The people of a house, made and changed by the real services from beside the running servers. */
export interface Residents {
  /** Makes a member of organizations; without one, of the demo's. */
  makeUser(...organizations: readonly string[]): Promise<Resident>;
  join(userSid: string, organizationSid: string): Promise<void>;
  leave(userSid: string, organizationSid: string): Promise<void>;
  /** @returns the new password. */
  changePassword(userSid: string): Promise<string>;
  remove(userSid: string): Promise<void>;
  /** @returns the key as a Bearer. @param organizationSid default: the demo's. */
  makeKey(userSid: string, scopes: readonly string[], organizationSid?: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens the services on a house's database. */
export async function openResidents({ database, demo }: Pick<House, 'database' | 'demo'>): Promise<Residents> {
  const store = await openStore(database.target, adminSettings, createLogger({ level: 'silent', format: 'json' }));
  // Nobody takes the sealed form of a key out again here.
  const sealer = createSealer(Buffer.alloc(32));
  type Services = Parameters<typeof createMember>[0];
  const change = <Value>(work: (services: Services) => Promise<Value>) =>
    store.management.$transaction((transaction) => work({ transaction, actor: bySystem, sealer }));
  const residents: Residents = {
    async makeUser(organizationSid = demo.organization_sid, ...more) {
      const password = newSecret();
      const email = `${newSecret().slice(0, 12).toLowerCase()}@example.com`;
      const user = { email, name: 'Somebody', password };
      const sid = await change((services) => createMember(services, user, { organizationSid, role: 'developer' }));
      for (const organization of more) await residents.join(sid, organization);
      return { sid, email, password };
    },
    async join(userSid, organizationSid) {
      await database.sql`
        insert into memberships (user_sid, organization_sid, role) values (${userSid}, ${organizationSid}, 'viewer')`;
    },
    leave: (userSid, organizationSid) => change((services) => removeMembership(services, { userSid, organizationSid })),
    async changePassword(userSid) {
      const password = newSecret();
      await change((services) => changePassword(services, { userSid, password }));
      return password;
    },
    remove: (userSid) => change((services) => removeUser(services, { userSid })),
    makeKey: (userSid, scopes, organizationSid = demo.organization_sid) =>
      change(async (services) => {
        const account = await createAccount(services, { name: 'Account of a test', organizationSid });
        const owner = { userSid, organizationSid, accountSid: account.sid };
        return (await createApiKey(services, { name: 'Key of a test', scopes, ...owner })).key;
      }),
    close: () => store.close(),
  };
  return residents;
}
