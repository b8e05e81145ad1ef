import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccount, createApiKey, createMember, createOrganization } from '../../src/accounts/index.ts';
import type { Role } from '../../src/api/index.ts';
import { bySystem } from '../../src/audit/index.ts';
import { createSealer } from '../../src/base/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings } from './database.ts';
import type { House } from './house.ts';

/** An organization of somebody who does not run the server, with a key of its user. */
export interface Tenant {
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly userSid: string;
  readonly email: string;
  readonly apiKeySid: string;
  /** For `Authorization: Bearer`. */
  readonly apiKey: string;
}

export interface TenantWish {
  readonly name?: string;
  /** SID of the organization above. Default: none. */
  readonly parent?: string;
  /** Scopes of the key. Default: admin. */
  readonly scopes?: readonly string[];
  /** Default: owner. */
  readonly role?: Role;
}

let made = 0;

/** The services of a house, beside its server, for many tenants. */
export interface TenantMaker {
  make(wish?: TenantWish): Promise<Tenant>;
  close(): Promise<void>;
}

/** Opens them. */
export async function openTenantMaker(house: House): Promise<TenantMaker> {
  const masterKey = Buffer.from((await readFile(join(house.dataDir, 'master.key'), 'utf8')).trim(), 'base64url');
  const sealer = createSealer(masterKey);
  const logger = createLogger({ level: 'silent', format: 'json' });
  const store = await openStore(house.database.target, adminSettings, logger);
  return {
    make(wish = {}) {
      const { name = 'Strangers', parent, scopes = ['admin'], role = 'owner' } = wish;
      made += 1;
      const [email, password] = [`tenant-${process.pid}-${made}@example.com`, `pass phrase of tenant ${made}`];
      return store.management.$transaction(async (transaction) => {
        const change = { transaction, actor: bySystem, sealer };
        const organizationSid = await createOrganization(change, { name });
        if (parent !== undefined) {
          await transaction.organization.update({ where: { sid: organizationSid }, data: { parentSid: parent } });
        }
        const { sid: accountSid } = await createAccount(change, { name: `${name}' account`, organizationSid });
        const user = { email, name: `${name}' user`, password };
        const userSid = await createMember(change, user, { organizationSid, role });
        const key = { name: `${name}' key`, userSid, organizationSid, accountSid, scopes };
        const { sid: apiKeySid, key: apiKey } = await createApiKey(change, key);
        return { organizationSid, accountSid, userSid, email, apiKeySid, apiKey };
      });
    },
    close: () => store.close(),
  };
}

/** Makes a tenant by the services of a house, beside its server. */
export async function makeTenant(house: House, wish: TenantWish = {}): Promise<Tenant> {
  const maker = await openTenantMaker(house);
  try {
    return await maker.make(wish);
  } finally {
    await maker.close();
  }
}
