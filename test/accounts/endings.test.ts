import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Change, changePassword, createMember, removeMembership, removeUser } from '../../src/accounts/index.ts';
import { createSealer, hashSecret, newSecret, newSid } from '../../src/base/index.ts';
import type { Store } from '../../src/store/index.ts';
import { openNode } from '../limits/stores.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { within } from '../support/within.ts';
import { type Authorization, authorize, makeWebClient, refresh } from '../tokens/people.ts';
import { asClient, isActive, type SecretClient } from '../tokens/questions.ts';
import { openTenants, type Tenants } from '../tokens/tenants.ts';
import { goodPassword } from './scene.ts';

const resource = 'https://api.example/endings';
const actor = { type: 'user', id: newSid('user') } as const;

let house: House;
let registry: Registry;
let desk: Desk;
let tenants: Tenants;
let store: Store;
let client: SecretClient;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  desk = await openDesk(house.database, house.issuer, house.dataDir);
  tenants = openTenants(house);
  store = await openNode(house.database.target);
  client = await makeWebClient(registry);
  await registry.makeResource({ identifier: resource });
});
afterAll(async () => {
  await store.close();
  await desk.close();
  await registry.close();
  await house.close();
});

const sql = () => house.database.sql;

function change<Value>(work: (change: Change) => Promise<Value>): Promise<Value> {
  const sealer = createSealer(Buffer.alloc(32));
  return store.management.$transaction((transaction) => work({ transaction, actor, sealer }));
}

function makePerson(organizationSid: string): Promise<string> {
  const user = { email: `${newSecret()}@example.com`, name: 'Person', password: goodPassword };
  return change((part) => createMember(part, user, { organizationSid, role: 'developer' }));
}

/** Consent of a user in the name of an organization, with its tokens. */
async function allow(user: string, organizationSid: string): Promise<Authorization> {
  const given = await authorize(desk, house.address, client, resource, user);
  const id = await sql()`
    insert into grants (id, user_sid, client_id, organization_sid, scopes)
    values (gen_random_uuid(), ${user}, ${client.clientId}, ${organizationSid}, '{read}') returning id`;
  await sql()`update families set grant_id = ${id[0]?.['id']} where id_hash = ${hashSecret(given.grantId)}`;
  return given;
}

async function openSession(user: string): Promise<void> {
  await desk.makeSession(user, client.clientId, await desk.makeGrant(client.clientId, user, 'read', resource));
}

async function countOf(table: string, user: string): Promise<number> {
  const [row] = await sql()`select count(*)::int as found from ${sql()(table)} where user_sid = ${user}`;
  return row?.['found'] as number;
}

async function expectEnded({ accessToken, refreshToken }: Authorization): Promise<void> {
  await within(1_000, async () => !(await isActive(house.address, accessToken, asClient(client))));
  expect((await refresh(house.address, client, refreshToken)).status).toBe(400);
}

async function expectAlive({ accessToken }: Authorization): Promise<void> {
  expect(await isActive(house.address, accessToken, asClient(client))).toBe(true);
}

const lastEvents = (target: string) => sql()`
  select action, actor_id as actor, organization_sid as organization from audit_events
  where target_id = ${target} and action <> 'user.created' order by id`;

describe('a password that is changed', () => {
  it('ends the user’s sessions and tokens, nobody else’s, and what comes later counts', async () => {
    const organization = await tenants.makeOrganization();
    const [user, other] = [await makePerson(organization), await makePerson(organization)];
    const [before, bystander] = [await allow(user, organization), await allow(other, organization)];
    await openSession(user);
    await openSession(other);
    await change((part) => changePassword(part, { userSid: user, password: 'another good password' }));
    await expectEnded(before);
    await expectAlive(bystander);
    expect([await countOf('sessions', user), await countOf('sessions', other)]).toEqual([0, 1]);
    expect(await lastEvents(user)).toMatchObject([{ action: 'user.password_changed', actor: actor.id }]);
    // Tokens say the second in which they were issued.
    await wait(1_000);
    await expectAlive(await authorize(desk, house.address, client, resource, user));
  });

  it('is refused when it is a bad one, or nobody’s, and then nothing ends', async () => {
    const organization = await tenants.makeOrganization();
    const user = await makePerson(organization);
    const given = await allow(user, organization);
    for (const password of ['short', 'password123', 'x'.repeat(2000)]) {
      const refused = change((part) => changePassword(part, { userSid: user, password }));
      await expect(refused).rejects.toMatchObject({ code: 'unprocessable', status: 422 });
    }
    const unknown = change((part) => changePassword(part, { userSid: newSid('user'), password: goodPassword }));
    await expect(unknown).rejects.toMatchObject({ code: 'not_found', status: 404 });
    await expectAlive(given);
    expect(await lastEvents(user)).toHaveLength(0);
  });
});

describe('a user', () => {
  it('is not made with a bad password or an e-mail address that nobody can have', async () => {
    const organizationSid = await tenants.makeOrganization();
    const make = (email: string, password: string) =>
      change((part) => createMember(part, { email, name: 'Person', password }, { organizationSid, role: 'viewer' }));
    await expect(make('ada@example.com', 'ada@example.com')).rejects.toMatchObject({ status: 422 });
    await expect(make(' ', goodPassword)).rejects.toMatchObject({ status: 422 });
    const sid = await make(' Ada@Example.com', goodPassword);
    expect(await sql()`select email from users where sid = ${sid}`).toMatchObject([{ email: 'ada@example.com' }]);
  });

  it('who is removed goes with sessions, tokens, memberships and keys', async () => {
    const organization = await tenants.makeOrganization();
    const user = await makePerson(organization);
    const given = await allow(user, organization);
    await openSession(user);
    await tenants.makeApiKey(organization, ['admin'], { userSid: user });
    await change((part) => removeUser(part, { userSid: user }));
    await expectEnded(given);
    for (const table of ['sessions', 'memberships', 'grants', 'api_keys']) expect(await countOf(table, user)).toBe(0);
    expect(await lastEvents(user)).toMatchObject([{ action: 'user.deleted', actor: actor.id }]);
    const again = change((part) => removeUser(part, { userSid: user }));
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  });

  it('whose OAuth clients are in use is not removed', async () => {
    const organization = await tenants.makeOrganization();
    const user = await makePerson(organization);
    const given = await allow(user, organization);
    await registry.makeClient({ userSid: user });
    const refused = change((part) => removeUser(part, { userSid: user }));
    await expect(refused).rejects.toMatchObject({ code: 'unprocessable', status: 422 });
    await expectAlive(given);
    expect(await lastEvents(user)).toHaveLength(0);
  });
});

describe('a membership that is removed', () => {
  it('ends what was allowed in the name of that organization, and nothing else of the user', async () => {
    const [left, kept] = [await tenants.makeOrganization(), await tenants.makeOrganization()];
    const [user, colleague] = [await makePerson(left), await makePerson(left)];
    await sql()`insert into memberships (user_sid, organization_sid, role) values (${user}, ${kept}, 'admin')`;
    const gone = await allow(user, left);
    const stays = [await allow(user, kept), await allow(colleague, left)];
    await openSession(user);
    await change((part) => removeMembership(part, { userSid: user, organizationSid: left }));
    await expectEnded(gone);
    for (const given of stays) await expectAlive(given);
    for (const { refreshToken } of stays) expect((await refresh(house.address, client, refreshToken)).status).toBe(200);
    expect([await countOf('grants', user), await countOf('sessions', user)]).toEqual([1, 1]);
    expect(await lastEvents(user)).toMatchObject([
      { action: 'membership.deleted', actor: actor.id, organization: left },
    ]);
    const again = change((part) => removeMembership(part, { userSid: user, organizationSid: left }));
    await expect(again).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });
});
