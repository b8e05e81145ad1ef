import type { House } from './house.ts';
import { type Answer, send } from './tokens.ts';

type Json = Readonly<Record<string, unknown>>;

/** A caller of the management API. */
export interface Admin {
  get(path: string): Promise<Answer>;
  post(path: string, body?: Json, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body?: Json, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A caller with an API key or an access token. @param address of the node that is asked. */
export function adminOf(address: string, bearer: string): Admin {
  const call =
    (method: string) =>
    (path: string, body?: Json, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      send(`${address}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
  const remove = call('DELETE');
  return {
    get: (path) => call('GET')(path),
    post: call('POST'),
    put: call('PUT'),
    delete: (path, headers) => remove(path, undefined, headers),
  };
}

/** The record of a good answer. @throws Error with the answer when it is another. */
export function dataOf(answer: Answer): Readonly<Record<string, string>> {
  const { data } = answer.body;
  if (answer.status >= 300 || data === undefined) throw new Error(`no record: ${answer.status} ${answer.text}`);
  return data as Readonly<Record<string, string>>;
}

/** The records of a good list. */
export function listOf(answer: Answer): ReadonlyArray<Readonly<Record<string, string>>> {
  return dataOf(answer) as unknown as ReadonlyArray<Readonly<Record<string, string>>>;
}

/** Where the faults of a refusal are. */
export function pointersOf({ body }: Answer): readonly unknown[] {
  const errors = (body['errors'] ?? []) as ReadonlyArray<{ readonly source?: Json }>;
  return errors.map(({ source }) => source?.['pointer'] ?? source?.['parameter']);
}

/** An organization with somebody in each role, made over REST by the operator of a house. */
export interface Tenant {
  readonly organization: string;
  readonly account: string;
  readonly people: Readonly<Record<RoleName, Member>>;
}

/** A member who may do all that their role may, by an API key. */
export interface Member extends Admin {
  readonly user: string;
  readonly email: string;
  readonly key: string;
  readonly keySid: string;
}

type RoleName = 'owner' | 'admin' | 'developer' | 'viewer';

let made = 0;

/** An e-mail address that nobody has. */
export function newAddress(): string {
  made += 1;
  return `person-${made}-${Date.now()}@example.com`;
}

/** The operator of a house: the demo's API key. */
export const operatorOf = (house: House): Admin => adminOf(house.address, String(house.demo['api_key']));

/** Makes a tenant. @param parentSid null makes it a root. */
export async function makeTenant(house: House, name: string, parentSid: string | null = null): Promise<Tenant> {
  const operator = operatorOf(house);
  const organization = String(dataOf(await operator.post('/organizations', { name, parent_sid: parentSid }))['sid']);
  const account = String(
    dataOf(await operator.post('/accounts', { name: `${name} account`, organization_sid: organization }))['sid'],
  );
  async function member(role: RoleName): Promise<Member> {
    const email = newAddress();
    const wish = { email, name: `${role} of ${name}`, organization_sid: organization, role };
    const user = String(dataOf(await operator.post('/users', wish))['sid']);
    const made = dataOf(
      await operator.post('/api_keys', { name: role, account_sid: account, scopes: ['admin'], user_sid: user }),
    );
    const key = String(made['key']);
    return { ...adminOf(house.address, key), user, email, key, keySid: String(made['sid']) };
  }
  const people = {
    owner: await member('owner'),
    admin: await member('admin'),
    developer: await member('developer'),
    viewer: await member('viewer'),
  };
  return { organization, account, people };
}
