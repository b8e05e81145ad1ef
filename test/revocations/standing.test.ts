import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { askWithForm } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { type Forge, openForge } from '../tokens/forge.ts';
import { authorize, makeWebClient, refresh } from '../tokens/people.ts';
import {
  asClient,
  type Credentials,
  introspect,
  isActive,
  machineToken,
  type SecretClient,
} from '../tokens/questions.ts';
import { openTenants, type Tenants } from '../tokens/tenants.ts';

const jwt = 'https://api.example/standing';
const opaque = 'https://api.example/standing-opaque';

describe('what stops counting takes its tokens along, on every node within a second', () => {
  let house: House;
  let further: House;
  let registry: Registry;
  let desk: Desk;
  let tenants: Tenants;
  let forge: Forge;
  let auditor: Credentials;
  let sql: House['database']['sql'];
  beforeAll(async () => {
    house = await openHouse();
    further = await openHouse({}, house);
    registry = await openRegistry(house);
    desk = await openDesk(house.database, house.issuer, house.dataDir);
    tenants = openTenants(house);
    forge = await openForge(house);
    sql = house.database.sql;
    const client = await registry.makeClient({ organizationSid: await tenants.makeOrganization() });
    auditor = asClient(client);
    for (const [identifier, tokenFormat] of [[jwt, 'jwt'] as const, [opaque, 'opaque'] as const]) {
      const id = await registry.makeResource({ identifier, tokenFormat });
      await sql`insert into resource_introspectors (resource_id, client_id) values (${id}, ${client.clientId})`;
    }
  });
  afterAll(async () => {
    await desk.close();
    await registry.close();
    await further.close();
    await house.close();
  });

  async function expectAll(tokens: readonly string[], active: boolean): Promise<void> {
    for (const { address } of [house, further]) {
      for (const token of tokens) expect(await isActive(address, token, auditor)).toBe(active);
    }
  }

  /** All nodes call the tokens inactive within a second, and the bystanders still active. */
  async function ends(tokens: readonly string[], bystanders: readonly string[], act: () => PromiseLike<unknown>) {
    await expectAll([...tokens, ...bystanders], true);
    await act();
    await within(1000, async () => {
      const asked = [house, further].flatMap(({ address }) => tokens.map((token) => isActive(address, token, auditor)));
      return (await Promise.all(asked)).every((active) => !active);
    });
    await expectAll(bystanders, true);
  }

  const bothForms = async (client: SecretClient) => [
    await machineToken(house.address, client, { resource: jwt }),
    await machineToken(house.address, client, { resource: opaque }),
  ];

  it('a client that is suspended: what it got before stays revoked, what it gets after it is back counts', async () => {
    const [client, other] = [await registry.makeClient(), await registry.makeClient()];
    const tokens = await bothForms(client);
    await ends(
      tokens,
      await bothForms(other),
      () => sql`update oauth_clients set standing = 'suspended' where client_id = ${client.clientId}`,
    );
    const suspended = Date.now();
    const refused = await askWithForm(
      `${further.address}/oauth/token`,
      { grant_type: 'client_credentials' },
      asClient(client).headers,
    );
    expect(refused.status).toBe(401);
    await sql`update oauth_clients set standing = 'active' where client_id = ${client.clientId}`;
    await wait(Math.max(0, suspended + 6200 - Date.now()));
    await expectAll(tokens, false);
    await expectAll(await bothForms(client), true);
  });

  it('a client that is deleted', async () => {
    const client = await registry.makeClient();
    const tokens = await bothForms(client);
    await ends(
      tokens,
      await bothForms(await registry.makeClient()),
      () => sql`delete from oauth_clients where client_id = ${client.clientId}`,
    );
    const who = asClient(client);
    expect((await introspect(house.address, tokens[0] ?? '', who)).status).toBe(401);
  });

  it('a client of people that is deleted, with what they allowed it', async () => {
    const client = await makeWebClient(registry);
    const people = [
      await authorize(desk, house.address, client, jwt),
      await authorize(desk, house.address, client, opaque),
    ];
    const tokens = people.map(({ accessToken }) => accessToken);
    await ends(tokens, [], () => sql`delete from oauth_clients where client_id = ${client.clientId}`);
  });

  it.each([jwt, opaque])('an authorization that is revoked, and no other of the same person (%s)', async (resource) => {
    const client = await makeWebClient(registry);
    const first = await authorize(desk, house.address, client, resource);
    const second = await authorize(desk, house.address, client, resource, first.user);
    await ends(
      [first.accessToken],
      [second.accessToken],
      () => sql`update families set revoked_at = now() where id_hash = ${hashSecret(first.grantId)}`,
    );
    expect(await isActive(house.address, first.refreshToken, asClient(client))).toBe(false);
    expect((await refresh(further.address, client, first.refreshToken)).status).toBe(400);
    expect((await refresh(further.address, client, second.refreshToken)).status).toBe(200);
  });

  it.each([jwt, opaque])('a consent record that is deleted: every authorization under it (%s)', async (resource) => {
    const client = await makeWebClient(registry);
    const first = await authorize(desk, house.address, client, resource);
    const second = await authorize(desk, house.address, client, resource, first.user);
    const other = await authorize(desk, house.address, client, resource);
    const [record] = await sql<Array<{ id: string }>>`
      insert into grants (id, user_sid, client_id, organization_sid, scopes)
      values (gen_random_uuid(), ${first.user}, ${client.clientId}, ${house.demo.organization_sid}, '{read}')
      returning id`;
    const id = record?.id ?? '';
    for (const { grantId } of [first, second]) {
      await sql`update families set grant_id = ${id} where id_hash = ${hashSecret(grantId)}`;
    }
    await ends(
      [first.accessToken, second.accessToken],
      [other.accessToken],
      () => sql`delete from grants where id = ${id}`,
    );
    for (const { refreshToken } of [first, second]) {
      expect(await isActive(house.address, refreshToken, asClient(client))).toBe(false);
      expect((await refresh(house.address, client, refreshToken)).status).toBe(400);
    }
  });

  it.each([
    ['suspended', (user: string) => sql`update users set standing = 'suspended' where sid = ${user}`],
    ['deleted', (user: string) => sql`delete from users where sid = ${user}`],
  ])('a user who is %s, in every client', async (_how, act) => {
    const clients = [await makeWebClient(registry), await makeWebClient(registry)] as const;
    const one = await authorize(desk, house.address, clients[0], jwt);
    const two = await authorize(desk, house.address, clients[1], opaque, one.user);
    const other = await authorize(desk, house.address, clients[0], jwt);
    await ends([one.accessToken, two.accessToken], [other.accessToken], () => act(one.user));
    for (const [index, { refreshToken }] of [one, two].entries()) {
      const client = clients[index] as SecretClient;
      expect((await refresh(house.address, client, refreshToken)).status).toBe(400);
      expect(await isActive(house.address, refreshToken, asClient(client))).toBe(false);
    }
  });

  it.each([
    [
      'client',
      ({ client }: { client: string }) => sql`
      update oauth_clients set standing = 'suspended' where client_id = ${client}`,
    ],
    ['user', ({ user }: { user: string }) => sql`update users set standing = 'suspended' where sid = ${user}`],
    [
      'organization',
      ({ organization }: { organization: string }) => sql`
      update organizations set standing = 'suspended' where sid = ${organization}`,
    ],
  ])('a refresh token whose %s was suspended: it stays inactive when that is back', async (_what, suspend) => {
    const organization = await tenants.makeOrganization();
    const made = await makeWebClient(registry, { organizationSid: organization });
    const { user, refreshToken } = await authorize(desk, house.address, made, jwt);
    await suspend({ client: made.clientId, user, organization });
    await sql`update oauth_clients set standing = 'active' where client_id = ${made.clientId}`;
    await sql`update users set standing = 'active' where sid = ${user}`;
    await sql`update organizations set standing = 'active' where sid = ${organization}`;
    for (const { address } of [house, further]) {
      await within(1000, async () => (await introspect(address, 'any', asClient(made))).status === 200);
      await within(1000, async () => !(await isActive(address, refreshToken, asClient(made))));
      expect((await refresh(address, made, refreshToken)).status).toBe(400);
    }
    const [row] = await sql<Array<{ days: number }>>`
      select extract(day from expires_at - now())::int as days from revocations
      where subject in (${made.clientId}, ${user}, ${organization})`;
    expect(row?.days).toBe(180);
  });

  it('an organization that is suspended, with those beneath it, and neither its parent nor its neighbour', async () => {
    const top = await tenants.makeOrganization();
    const [middle, neighbour] = [await tenants.makeOrganization(top), await tenants.makeOrganization(top)];
    const bottom = await tenants.makeOrganization(await tenants.makeOrganization(middle));
    const tokensOf = async (organizationSid: string) => bothForms(await registry.makeClient({ organizationSid }));
    const inside = [...(await tokensOf(middle)), ...(await tokensOf(bottom))];
    const outside = [...(await tokensOf(top)), ...(await tokensOf(neighbour))];
    const client = await registry.makeClient({ organizationSid: bottom });
    await machineToken(further.address, client);
    await ends(inside, outside, () => sql`update organizations set standing = 'suspended' where sid = ${middle}`);
    const { headers } = asClient(client);
    const request = { grant_type: 'client_credentials' };
    expect((await askWithForm(`${further.address}/oauth/token`, request, headers)).status).toBe(401);
    await sql`update organizations set standing = 'active' where sid = ${middle}`;
    await within(
      1000,
      async () => (await askWithForm(`${further.address}/oauth/token`, request, headers)).status === 200,
    );
  });

  it.each([
    ['suspended', (account: string) => sql`update accounts set standing = 'suspended' where sid = ${account}`],
    ['deleted', (account: string) => sql`delete from accounts where sid = ${account}`],
  ])('an account that is %s, and no other of its organization', async (_how, act) => {
    const client = await registry.makeClient();
    const tokenFor = (account: string) =>
      forge.sign(
        forge.claims(client.clientId, { aud: jwt, org_id: house.demo.organization_sid, account_sid: account }),
      );
    const [account, other] = [
      await tenants.makeAccount(house.demo.organization_sid),
      await tenants.makeAccount(house.demo.organization_sid),
    ];
    await ends([tokenFor(account)], [tokenFor(other)], () => act(account));
  });
});
