import type { Role } from '../../src/api/index.ts';
import type { House } from './house.ts';
import type { Registry } from './registry.ts';
import type { Resident, Residents } from './residents.ts';
import { type Answer, send } from './tokens.ts';

/** An organization of its own, with somebody in it and an API key of theirs. */
export interface Tenant {
  readonly organizationSid: string;
  readonly user: Resident;
  /** For `Authorization: Bearer`. */
  readonly key: string;
}

/** What tenants are made with. */
export interface TenantMakers {
  readonly house: Pick<House, 'database'>;
  readonly registry: Registry;
  readonly residents: Residents;
}

/** Makes an organization that nobody else has to do with. */
export async function makeTenant(
  { house, registry, residents }: TenantMakers,
  { role = 'owner', scopes = ['admin'] }: { readonly role?: Role; readonly scopes?: readonly string[] } = {},
): Promise<Tenant> {
  const organizationSid = await registry.makeOrganization('An organization of its own');
  const user = await residents.makeUser(organizationSid);
  await house.database.sql`update memberships set role = ${role} where user_sid = ${user.sid}`;
  return { organizationSid, user, key: await residents.makeKey(user.sid, scopes, organizationSid) };
}

/** A call of the management API. */
export interface ManagementCall {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the management API of a server. */
export type Manage = (method: string, path: string, call?: ManagementCall) => Promise<Answer>;

/** The management API as the holder of a credential sees it. @param server origin, with `/v2` or without. */
export const managerOf =
  (server: string, credential: string): Manage =>
  (method, path, { body, headers = {} } = {}) =>
    send(server + path, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

/** The record of an answer. */
export const recordOf = ({ body }: Answer) => body['data'] as Readonly<Record<string, unknown>>;

/** The records of a list. */
export const recordsOf = ({ body }: Answer) => body['data'] as ReadonlyArray<Readonly<Record<string, unknown>>>;
