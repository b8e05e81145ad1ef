import { createAccount, createApiKey, createMember, createOrganization } from '../../src/accounts/index.ts';
import { bySystem } from '../../src/audit/index.ts';
import type { Sealer } from '../../src/base/index.ts';
import type { InteractionParts } from '../../src/interactions/index.ts';
import type { Sql, Store } from '../../src/store/index.ts';

/** People and organizations for a test, made by the real services. */
export interface Cast {
  makeOrganization(name: string, parentSid?: string): Promise<string>;
  /** A member of organizations, the first of which they were made in. */
  makeUser(email: string, ...organizations: readonly string[]): Promise<string>;
  join(userSid: string, organizationSid: string): Promise<void>;
  leave(userSid: string, organizationSid: string): Promise<void>;
  /** @returns the key as a Bearer. */
  makeKey(userSid: string, organizationSid: string, scopes: readonly string[]): Promise<string>;
}

/** Opens the services of a store. */
export function openCast({ management, sql }: Pick<Store, 'management' | 'sql'>, sealer: Sealer): Cast {
  type Services = Parameters<typeof createOrganization>[0];
  const change = <Value>(work: (change: Services) => Promise<Value>) =>
    management.$transaction((transaction) => work({ transaction, actor: bySystem, sealer }));
  const join = async (userSid: string, organizationSid: string) => {
    await sql`insert into memberships (user_sid, organization_sid, role) values (${userSid}, ${organizationSid}, 'developer')`;
  };
  return {
    async makeOrganization(name, parentSid) {
      const sid = await change((services) => createOrganization(services, { name }));
      if (parentSid !== undefined) await sql`update organizations set parent_sid = ${parentSid} where sid = ${sid}`;
      return sid;
    },
    async makeUser(email, first = '', ...more) {
      const user = { email, name: 'Somebody', password: 'never used here' };
      const sid = await change((services) => createMember(services, user, { organizationSid: first, role: 'owner' }));
      for (const organization of more) await join(sid, organization);
      return sid;
    },
    join,
    async leave(userSid, organizationSid) {
      await sql`delete from memberships where user_sid = ${userSid} and organization_sid = ${organizationSid}`;
    },
    makeKey: (userSid, organizationSid, scopes) =>
      change(async (services) => {
        const account = await createAccount(services, { name: 'Account of a test', organizationSid });
        const owner = { userSid, organizationSid, accountSid: account.sid };
        return (await createApiKey(services, { name: 'Key of a test', scopes, ...owner })).key;
      }),
  };
}

interface UserRow {
  readonly sid: string;
  readonly email: string;
}

interface MembershipRow {
  readonly organizationSid: string;
  readonly organizationName: string;
  readonly role: string;
}

/** The users as the interactions see them, read from the tables. */
export function usersOf(sql: Sql): InteractionParts['users'] {
  return {
    async find(sid) {
      return (await sql<UserRow[]>`select sid, email from users where sid = ${sid} and standing = 'active'`)[0];
    },
    organizationsOf: async (sid) =>
      await sql<MembershipRow[]>`
        select m.organization_sid as "organizationSid", o.name as "organizationName", m.role
        from memberships m join organizations o on o.sid = m.organization_sid
        where m.user_sid = ${sid} order by o.name`,
  };
}
