import { type House, openHouse } from '../support/house.ts';
import { openRegistry } from '../support/registry.ts';
import { makeKey } from '../support/tokens.ts';
import { openTenants } from '../tokens/tenants.ts';

/** Somebody who may ask for tokens, with every secret that was ever theirs. */
export interface CastClient {
  readonly id: string;
  readonly secrets: readonly string[];
}

/** Every kind of client and resource that a token request can be about. */
export interface Cast {
  readonly house: House;
  readonly clients: readonly CastClient[];
  readonly resources: readonly string[];
  /** What tokens can be narrowed to, or not: by `org_id` and by `account_sid`. */
  readonly places: { readonly organizations: readonly string[]; readonly accounts: readonly string[] };
}

/** Organizations and accounts within and without the reach of most clients, some of them suspended. */
async function makePlaces({ database, demo }: House, elsewhere: string): Promise<Cast['places']> {
  const tenants = openTenants({ database, demo } as House);
  const here = demo.organization_sid;
  const child = await tenants.makeOrganization(here);
  const grandchild = await tenants.makeOrganization(child);
  const asleep = await tenants.makeOrganization(here);
  const underAsleep = await tenants.makeOrganization(asleep);
  const organizations = [here, child, grandchild, asleep, underAsleep, elsewhere, `OR${'0'.repeat(32)}`];
  const accounts: string[] = [];
  for (const sid of [here, child, grandchild, child, underAsleep, elsewhere])
    accounts.push(await tenants.makeAccount(sid));
  await database.sql`update organizations set standing = 'suspended' where sid = ${asleep}`;
  await database.sql`update accounts set standing = 'suspended' where sid = ${accounts[3] ?? ''}`;
  return { organizations, accounts: [...accounts, `AC${'0'.repeat(32)}`] };
}

const resource = (name: string) => `https://api.example/${name}`;

/** Makes a house with the whole cast. */
export async function assembleCast(): Promise<Cast> {
  const house = await openHouse();
  const registry = await openRegistry(house);
  const { sql } = house.database;
  const elsewhere = await registry.makeOrganization('Elsewhere');
  const closed = await registry.makeOrganization('Closed');
  const here = house.demo.organization_sid;
  const scopes = ['read', 'write', 'odd:scope/1'];

  await registry.makeResource({ identifier: resource('es'), scopes });
  await registry.makeResource({ identifier: resource('rs'), scopes, signingAlg: 'RS256' });
  await registry.makeResource({ identifier: resource('ed'), scopes, signingAlg: 'EdDSA' });
  await registry.makeResource({ identifier: resource('opaque'), scopes, tokenFormat: 'opaque' });
  await registry.makeResource({ identifier: resource('short'), scopes, accessTokenTtl: 60 });
  await registry.makeResource({ identifier: resource('no-scopes'), scopes: [] });
  await registry.makeResource({ identifier: resource('ours'), scopes, organizationSid: here });
  await registry.makeResource({ identifier: resource('theirs'), scopes, organizationSid: elsewhere });
  await registry.makeResource({ identifier: 'urn:example:api?x=1&y=%20', scopes });

  const allowedScopes = ['read', 'write', 'odd:scope/1', 'clients:read', 'grants:read'];
  const make = async (wish: Parameters<typeof registry.makeClient>[0] = {}): Promise<CastClient> => {
    const { clientId, clientSecret } = await registry.makeClient({ allowedScopes, ...wish });
    return { id: clientId, secrets: [clientSecret] };
  };
  const redirectUris = ['https://app.example/callback'];
  const rotated = await make();
  const rotatedTwice = await make();
  const suspended = await make();
  const key = await makeKey('ES256');
  const clients: CastClient[] = [
    await make(),
    await make({ authMethod: 'client_secret_post' }),
    await make({ allowedScopes: ['read'] }),
    await make({ allowedScopes: [] }),
    await make({ allowedResources: [resource('es'), resource('theirs'), resource('rs')] }),
    await make({ organizationSid: elsewhere }),
    await make({ organizationSid: closed }),
    await make({ allowedGrantTypes: ['authorization_code', 'refresh_token', 'client_credentials'], redirectUris }),
    await make({ allowedGrantTypes: ['authorization_code'], redirectUris }),
    await make({ allowedGrantTypes: [] }),
    await make({ clientType: 'public', allowedGrantTypes: ['client_credentials'] }),
    await make({ authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } }),
    await make({ requireDpop: true }),
    await make({ accessTokenTtl: 90 }),
    await make({ accessTokenTtl: 86_400 }),
    { ...rotated, secrets: [await registry.rotate(rotated.id, 3600), ...rotated.secrets] },
    { ...rotatedTwice, secrets: [await registry.rotate(rotatedTwice.id, 0), ...rotatedTwice.secrets] },
    suspended,
    { id: `OQ${'0'.repeat(32)}`, secrets: ['unknown'] },
  ];
  await sql`update oauth_clients set standing = 'suspended' where client_id = ${suspended.id}`;
  await sql`update organizations set standing = 'suspended' where sid = ${closed}`;
  await registry.close();
  const places = await makePlaces(house, elsewhere);
  const names = ['es', 'rs', 'ed', 'opaque', 'short', 'no-scopes', 'ours', 'theirs'];
  return { house, clients, places, resources: [house.issuer, ...names.map(resource), 'urn:example:api?x=1&y=%20'] };
}
