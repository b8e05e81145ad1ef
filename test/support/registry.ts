import { createOrganization } from '../../src/accounts/index.ts';
import { bySystem } from '../../src/audit/index.ts';
import { type Clock, createSealer } from '../../src/base/index.ts';
import { type ClientDraft, createClient, type NewClient, rotateClientSecret } from '../../src/clients/index.ts';
import { createResource, type ResourceDraft } from '../../src/resources/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings } from './database.ts';
import type { House } from './house.ts';

/** What a client is made from here: a confidential machine client of the demo organization unless it says otherwise. */
export type ClientWish = Partial<ClientDraft>;
/** What a resource is made from here: one scope, `read`, unless it says otherwise. */
export type ResourceWish = Omit<Partial<ResourceDraft>, 'scopes'> & {
  readonly identifier: string;
  readonly scopes?: readonly string[];
};

/** The management services, called as the REST API will call them, from beside the running servers. */
export interface Registry {
  makeOrganization(name: string): Promise<string>;
  makeClient(wish?: ClientWish): Promise<NewClient & { readonly clientSecret: string }>;
  makeResource(wish: ResourceWish): Promise<string>;
  /** @param overlap seconds for which the secret before works on. @returns the new secret. */
  rotate(clientId: string, overlap: number, clock?: Clock): Promise<string>;
  close(): Promise<void>;
}

async function ownerOf(house: House): Promise<string> {
  const rows = await house.database.sql<Array<{ sid: string }>>`
    select user_sid as sid from memberships where organization_sid = ${house.demo.organization_sid}`;
  return rows[0]?.sid ?? '';
}

/** Opens the management services on a house's database. */
export async function openRegistry(house: House): Promise<Registry> {
  const logger = createLogger({ level: 'silent', format: 'json' });
  const store = await openStore(house.database.target, adminSettings, logger);
  const { management } = store;
  const userSid = await ownerOf(house);
  // No organization has anything sealed; the service that makes them takes a sealer for those that have.
  const sealer = createSealer(Buffer.alloc(32));
  return {
    makeOrganization: (name) =>
      management.$transaction((transaction) => createOrganization({ transaction, actor: bySystem, sealer }, { name })),
    async makeClient(wish = {}) {
      const draft: ClientDraft = {
        name: 'Client of a test',
        organizationSid: house.demo.organization_sid,
        userSid,
        clientType: 'confidential',
        allowedGrantTypes: ['client_credentials'],
        allowedScopes: ['read'],
        ...wish,
      };
      const made = await management.$transaction((transaction) => createClient(transaction, draft, bySystem));
      return { ...made, clientSecret: made.clientSecret ?? '' };
    },
    async makeResource({ scopes = ['read'], ...wish }) {
      const described = scopes.map((name) => ({ name, description: `May ${name}` }));
      const { id } = await createResource(
        management,
        { name: 'Resource of a test', ...wish, scopes: described },
        bySystem,
      );
      return id;
    },
    rotate: (clientId, overlap, clock = Date.now) =>
      management.$transaction((transaction) => rotateClientSecret(transaction, { clientId, overlap, clock }, bySystem)),
    close: () => store.close(),
  };
}
