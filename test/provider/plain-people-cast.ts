import { newSid } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry } from '../support/registry.ts';
import { type ClientKey, makeKey } from '../support/tokens.ts';

/** How a client says who it is when it does so rightly. */
export type ClientManner = 'basic' | 'post' | 'none' | 'assertion';

export interface PeopleClient {
  readonly id: string;
  readonly secret: string;
  readonly manner: ClientManner;
}

export const organizationNames = ['here', 'elsewhere', 'below', 'closed'] as const;
export type OrganizationName = (typeof organizationNames)[number];

/** Users in every standing and membership. */
export const userNames = ['one', 'two', 'many', 'stranger', 'suspended', 'restored'] as const;
export type UserName = (typeof userNames)[number];

const memberships: Readonly<Record<UserName, readonly OrganizationName[]>> = {
  one: ['here'],
  two: ['here', 'elsewhere'],
  many: ['here', 'elsewhere', 'below', 'closed'],
  stranger: [],
  suspended: ['here'],
  restored: ['here'],
};

/** The users of one server: each has a twin at the other. */
export type Users = Readonly<Record<UserName, string>>;

export interface PeopleCast {
  readonly house: House;
  readonly key: ClientKey;
  readonly clients: readonly PeopleClient[];
  readonly resources: readonly string[];
  readonly organizations: Readonly<Record<OrganizationName, string>>;
  readonly twins: readonly [Users, Users];
}

export const redirectUris = [
  'https://app.example/callback',
  'https://app.example/callback?x=1&y=%20z+z',
  'https://app.example/callback?code=old&state=old&iss=old',
  'https://app.example',
];

const resource = (name: string) => `https://api.example/${name}`;

async function makeResources(registry: Awaited<ReturnType<typeof openRegistry>>, here: string, elsewhere: string) {
  const scopes = ['read', 'write', 'odd:scope/1'];
  await registry.makeResource({ identifier: resource('es'), scopes });
  await registry.makeResource({ identifier: resource('rs'), scopes, signingAlg: 'RS256' });
  await registry.makeResource({ identifier: resource('ed'), scopes, signingAlg: 'EdDSA' });
  await registry.makeResource({ identifier: resource('opaque'), scopes, tokenFormat: 'opaque' });
  await registry.makeResource({ identifier: resource('short'), scopes: ['read'], accessTokenTtl: 60 });
  await registry.makeResource({ identifier: resource('ours'), scopes, organizationSid: here });
  await registry.makeResource({ identifier: resource('theirs'), scopes, organizationSid: elsewhere });
  await registry.makeResource({ identifier: 'urn:example:api?x=1&y=%20', scopes });
  return ['es', 'ed', 'rs', 'opaque', 'short', 'ours', 'theirs'].map(resource);
}

async function makeUsers({ database: { sql } }: House, organizations: PeopleCast['organizations']): Promise<Users> {
  const made = {} as Record<UserName, string>;
  for (const name of userNames) {
    const sid = newSid('user');
    made[name] = sid;
    await sql`
      insert into users (sid, email, name, password_hash) values (${sid}, ${`${sid}@example.com`}, 'Test', 'none')`;
    for (const organization of memberships[name]) {
      await sql`insert into memberships (user_sid, organization_sid, role)
        values (${sid}, ${organizations[organization]}, 'owner')`;
    }
  }
  await sql`update users set standing = 'suspended' where sid in (${made.suspended}, ${made.restored})`;
  await sql`update users set standing = 'active' where sid = ${made.restored}`;
  return made;
}

const codeAndRefresh = ['authorization_code', 'refresh_token'] as const;
const known = ['read', 'write', 'odd:scope/1', 'clients:read', 'grants:read'];

/** Makes a house with every kind of client, resource, organization and user that these requests can be about. */
export async function assemblePeople(): Promise<PeopleCast> {
  const house = await openHouse();
  const registry = await openRegistry(house);
  const { sql } = house.database;
  const here = house.demo.organization_sid;
  const elsewhere = await registry.makeOrganization('Elsewhere');
  const closed = await registry.makeOrganization('Closed');
  const below = await registry.makeOrganization('Below a closed one');
  const organizations = { here, elsewhere, closed, below };
  const identifiers = await makeResources(registry, here, elsewhere);
  const key = await makeKey('ES256');
  const make = async (
    wish: Parameters<typeof registry.makeClient>[0] = {},
    manner: ClientManner = 'basic',
  ): Promise<PeopleClient> => {
    const { clientId, clientSecret } = await registry.makeClient({
      allowedGrantTypes: [...codeAndRefresh],
      allowedScopes: known,
      redirectUris,
      ...wish,
    });
    return { id: clientId, secret: clientSecret, manner };
  };
  const openid = [...known, 'openid', 'offline_access', 'profile', 'org'];
  const suspended = await make();
  const clients: PeopleClient[] = [
    await make(),
    await make({ clientType: 'public', webOrigins: ['https://app.example'] }, 'none'),
    await make({ authMethod: 'client_secret_post' }, 'post'),
    await make({ allowedScopes: openid }),
    await make({ clientType: 'public', allowedScopes: openid }, 'none'),
    await make(),
    await make({ allowedGrantTypes: ['authorization_code'] }),
    await make({ allowedGrantTypes: ['client_credentials'], redirectUris: [] }),
    await make({ requireDpop: true }),
    await make({ requirePar: true }),
    await make({ requirePkce: false }),
    await make({ authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } }, 'assertion'),
    await make({ allowedScopes: ['read'] }),
    await make({ allowedResources: [resource('es'), resource('theirs')] }),
    await make({ accessTokenTtl: 90, refreshTokenTtl: 600 }),
    await make({ accessTokenTtl: 86_400, refreshTokenTtl: 15_000_000 }),
    await make({ organizationSid: elsewhere }),
    await make({ organizationSid: closed }),
    suspended,
    { id: `OQ${'0'.repeat(32)}`, secret: 'unknown', manner: 'basic' },
  ];
  const twins = [await makeUsers(house, organizations), await makeUsers(house, organizations)] as const;
  await sql`update organizations set parent_sid = ${closed} where sid = ${below}`;
  await sql`update organizations set standing = 'suspended' where sid = ${closed}`;
  await sql`update oauth_clients set standing = 'suspended' where client_id = ${suspended.id}`;
  const native = [clients[4]?.id ?? '', clients[5]?.id ?? ''];
  await sql`update oauth_clients set application_type = 'native' where client_id in ${sql(native)}`;
  await registry.close();
  return {
    house,
    key,
    clients,
    organizations,
    twins,
    resources: [house.issuer, ...identifiers, 'urn:example:api?x=1&y=%20'],
  };
}
