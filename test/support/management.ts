import { createAccount, createApiKey, createMember } from '../../src/accounts/index.ts';
import { bySystem } from '../../src/audit/index.ts';
import { createSealer, newSecret } from '../../src/base/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings } from './database.ts';
import type { House } from './house.ts';
import { openRegistry } from './registry.ts';
import { type Answer, send } from './tokens.ts';

type Body = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>>;

/** The management API as somebody with a credential sees it. */
export interface Desk {
  get(path: string, headers?: Headers): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  put(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  delete(path: string, headers?: Headers): Promise<Answer>;
}

/** @param credential sent as a Bearer; none sends none. */
export function openDesk({ issuer }: Pick<House, 'issuer'>, credential?: string): Desk {
  const own: Headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  const ask =
    (method: string) =>
    (path: string, body?: unknown, headers: Headers = {}) =>
      send(issuer + path, {
        method,
        headers: { ...own, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
  return {
    get: (path, headers) => ask('GET')(path, undefined, headers),
    post: ask('POST'),
    put: ask('PUT'),
    delete: (path, headers) => ask('DELETE')(path, undefined, headers),
  };
}

/** The record of an answer. */
export const recordIn = ({ body }: Answer): Body => (body['data'] ?? {}) as Body;

/** The records of a list. */
export const recordsIn = ({ body }: Answer): readonly Body[] => (body['data'] ?? []) as Body[];

/** Where the faults of a refusal are, in order. */
export function pointersIn({ body }: Answer): readonly string[] {
  const errors = (body['errors'] ?? []) as ReadonlyArray<{ source?: { pointer?: string; parameter?: string } }>;
  return errors.map(({ source }) => source?.pointer ?? source?.parameter ?? '');
}

/** Somebody else's organization, with an API key of a member. */
export interface Tenant {
  readonly organizationSid: string;
  readonly userSid: string;
  /** As a Bearer. */
  readonly key: string;
}

/** @param role of the member. @param scopes of the key. */
export async function openTenant(
  house: House,
  role: 'owner' | 'admin' | 'developer' | 'viewer' = 'owner',
  scopes: readonly string[] = ['admin'],
): Promise<Tenant> {
  const registry = await openRegistry(house);
  const organizationSid = await registry.makeOrganization('A tenant');
  await registry.close();
  const store = await openStore(
    house.database.target,
    adminSettings,
    createLogger({ level: 'silent', format: 'json' }),
  );
  // Nobody takes the sealed form of the key out again here.
  const sealer = createSealer(Buffer.alloc(32));
  try {
    return await store.management.$transaction(async (transaction) => {
      const services = { transaction, actor: bySystem, sealer };
      const user = {
        email: `${newSecret().slice(0, 12).toLowerCase()}@example.com`,
        name: 'Tenant',
        password: newSecret(),
      };
      const userSid = await createMember(services, user, { organizationSid, role });
      const { sid: accountSid } = await createAccount(services, { name: 'Account', organizationSid });
      const owner = { userSid, organizationSid, accountSid };
      const { key } = await createApiKey(services, { name: 'Key', scopes: [...scopes], ...owner });
      return { organizationSid, userSid, key };
    });
  } finally {
    await store.close();
  }
}
