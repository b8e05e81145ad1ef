import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import {
  askWithForm,
  basic,
  byAssertion,
  goodClaims,
  grant,
  makeKey,
  signAssertion,
  tokenOf,
} from '../support/tokens.ts';
import { within } from '../support/within.ts';

/** A change must be in force on every node this many milliseconds after its commit. */
const second = 1000;
const resource = 'https://shared.example';

let house: House;
let other: House;
let registry: Registry;
let organization: string;
beforeAll(async () => {
  house = await openHouse();
  other = await openHouse({}, house);
  registry = await openRegistry(house);
  organization = await registry.makeOrganization('An organization of its own');
  await registry.makeResource({ identifier: resource, scopes: ['read', 'write'] });
});
afterAll(async () => {
  await registry.close();
  await other.close();
  await house.close();
});

type Credentials = { readonly clientId: string; readonly clientSecret: string };

const ask = (node: House, client: Credentials, fields: Readonly<Record<string, string>> = {}) =>
  askWithForm(`${node.address}/oauth/token`, { ...grant, ...fields }, basic(client.clientId, client.clientSecret));

/** Makes a client that both nodes have in their memory. */
async function makeKnownClient(wish: Parameters<Registry['makeClient']>[0] = {}): Promise<Credentials> {
  const client = await registry.makeClient({ allowedScopes: ['read', 'write'], ...wish });
  for (const node of [house, other]) expect((await ask(node, client, { resource })).status).toBe(200);
  return client;
}

/** Waits until both nodes answer with an error code, or with none. */
async function bothAnswer(
  error: string | undefined,
  client: Credentials,
  fields: Readonly<Record<string, string>> = {},
) {
  const answers = async () => Promise.all([house, other].map((node) => ask(node, client, { resource, ...fields })));
  await within(second, async () => (await answers()).every(({ body }) => body['error'] === error));
}

describe('two nodes on one database', () => {
  it('are one issuer with one set of keys: a token of one is verified by the keys of the other', async () => {
    const client = await makeKnownClient();
    const token = tokenOf(await ask(other, client, { resource }));
    expect(decodeJwt(token).iss).toBe(house.issuer);
    const keys = createRemoteJWKSet(new URL(`${house.address}/oauth/jwks`));
    await jwtVerify(token, keys, { issuer: house.issuer, audience: resource, typ: 'at+jwt' });
  });

  it('spend an assertion once between them, though it comes to both at the same moment', async () => {
    const key = await makeKey('ES256');
    const jwks = { keys: [key.publicJwk] };
    const { clientId } = await registry.makeClient({ authMethod: 'private_key_jwt', jwks });
    const assertion = byAssertion(await signAssertion(key, goodClaims(clientId, house.issuer)));
    const nodes = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? house : other));
    const answers = await Promise.all(nodes.map((node) => askWithForm(`${node.address}/oauth/token`, assertion)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
  });
});

describe('within a second every node', () => {
  it('refuses a client that was suspended, and serves it again when it is active again', async () => {
    const client = await makeKnownClient();
    const { sql } = house.database;
    await sql`update oauth_clients set standing = 'suspended' where client_id = ${client.clientId}`;
    await bothAnswer('invalid_client', client);
    await sql`update oauth_clients set standing = 'active' where client_id = ${client.clientId}`;
    await bothAnswer(undefined, client);
  });

  it('refuses a client that was deleted', async () => {
    const client = await makeKnownClient();
    await house.database.sql`delete from oauth_clients where client_id = ${client.clientId}`;
    await bothAnswer('invalid_client', client);
  });

  it('grants a client no scope that was taken from it', async () => {
    const client = await makeKnownClient();
    await house.database.sql`update oauth_clients set allowed_scopes = '{read}' where client_id = ${client.clientId}`;
    await bothAnswer('invalid_scope', client, { scope: 'write' });
    await bothAnswer(undefined, client, { scope: 'read' });
  });

  it('knows a new secret, and no longer the one that a third has pushed out', async () => {
    const client = await makeKnownClient();
    const secondSecret = await registry.rotate(client.clientId, 3600);
    await bothAnswer(undefined, { ...client, clientSecret: secondSecret });
    await bothAnswer(undefined, client);
    await registry.rotate(client.clientId, 3600);
    await bothAnswer('invalid_client', client);
    await bothAnswer(undefined, { ...client, clientSecret: secondSecret });
  });

  it('refuses the clients of a suspended organization, and serves them again after it', async () => {
    const clients = [
      await makeKnownClient({ organizationSid: organization }),
      await makeKnownClient({ organizationSid: organization }),
    ];
    const { sql } = house.database;
    await sql`update organizations set standing = 'suspended' where sid = ${organization}`;
    await Promise.all(clients.map((client) => bothAnswer('invalid_client', client)));
    await sql`update organizations set standing = 'active' where sid = ${organization}`;
    await Promise.all(clients.map((client) => bothAnswer(undefined, client)));
  });

  it('knows the scopes that a resource gains and loses', async () => {
    const client = await makeKnownClient({ allowedScopes: ['read', 'new'] });
    const { sql } = house.database;
    await bothAnswer('invalid_scope', client, { scope: 'new' });
    await sql`insert into resource_scopes (resource_id, name, description)
      select id, 'new', 'A new one' from resources where identifier = ${resource}`;
    await bothAnswer(undefined, client, { scope: 'new' });
    await sql`delete from resource_scopes where name = 'new'`;
    await bothAnswer('invalid_scope', client, { scope: 'new' });
  });

  it('knows a resource that was made, renamed or deleted', async () => {
    const client = await makeKnownClient();
    const { sql } = house.database;
    await bothAnswer('invalid_target', client, { resource: 'urn:late' });
    await registry.makeResource({ identifier: 'urn:late' });
    await bothAnswer(undefined, client, { resource: 'urn:late' });
    await sql`update resources set identifier = 'urn:later' where identifier = 'urn:late'`;
    await bothAnswer('invalid_target', client, { resource: 'urn:late' });
    await bothAnswer(undefined, client, { resource: 'urn:later' });
    await sql`delete from resources where identifier = 'urn:later'`;
    await bothAnswer('invalid_target', client, { resource: 'urn:later' });
  });

  it('sees a change that was made while its connection for news was cut', async () => {
    const client = await makeKnownClient();
    const { sql } = house.database;
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'countersign feed' and datname = current_database()`;
    await sql`update oauth_clients set standing = 'suspended' where client_id = ${client.clientId}`;
    await bothAnswer('invalid_client', client);
  });
});
