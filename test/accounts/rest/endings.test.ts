import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../../src/base/index.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Desk, openDesk } from '../../support/protocol.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import { type Admin, adminOf, dataOf, makeTenant, newAddress, operatorOf, type Tenant } from '../../support/tenancy.ts';
import { within } from '../../support/within.ts';
import { authorize, makeWebClient } from '../../tokens/people.ts';
import { asApiKey, asClient, introspect, isActive, machineToken, type SecretClient } from '../../tokens/questions.ts';
import { goodPassword } from '../scene.ts';

const resource = 'https://api.example/rest-endings';

let house: House;
let further: House;
let registry: Registry;
let desk: Desk;
let acme: Tenant;
let operator: Admin;
let web: SecretClient;
beforeAll(async () => {
  house = await openHouse();
  further = await openHouse({}, house);
  registry = await openRegistry(house);
  desk = await openDesk(house.database, house.issuer, house.dataDir);
  operator = operatorOf(house);
  acme = await makeTenant(house, 'Acme');
  web = await makeWebClient(registry);
  await registry.makeResource({ identifier: resource });
});
afterAll(async () => {
  await desk.close();
  await registry.close();
  await further.close();
  await house.close();
});

/** Somebody with a token in the name of an organization, and a key to an account of it. */
async function makeHolder(tenant: Tenant) {
  const { owner } = tenant.people;
  const user = String(
    dataOf(await owner.post('/users', { email: newAddress(), name: 'Holder', role: 'admin' }))['sid'],
  );
  const account = String(dataOf(await owner.post('/accounts', { name: 'Held' }))['sid']);
  const wish = { name: 'Held', account_sid: account, scopes: ['admin'], user_sid: user };
  const key = dataOf(await owner.post('/api_keys', wish));
  const { accessToken, grantId } = await authorize(desk, house.address, web, resource, user);
  const [grant] = await house.database.sql`
    insert into grants (id, user_sid, client_id, organization_sid, scopes)
    values (gen_random_uuid(), ${user}, ${web.clientId}, ${tenant.organization}, '{read}') returning id`;
  await house.database.sql`update families set grant_id = ${grant?.['id']} where id_hash = ${hashSecret(grantId)}`;
  return { user, account, token: accessToken, key: String(key['key']), keySid: String(key['sid']) };
}

type Holder = Awaited<ReturnType<typeof makeHolder>>;

const tokenCounts = async ({ token }: Holder) =>
  (await Promise.all([house, further].map((node) => isActive(node.address, token, asClient(web))))).includes(true);

/** Whether any node still takes the key at introspection. */
async function keyCounts({ key }: Holder): Promise<boolean> {
  const answers = await Promise.all([house, further].map((node) => introspect(node.address, 'x', asApiKey(key))));
  return answers.some(({ status }) => status !== 401);
}

type Act = (holder: Holder) => Promise<{ readonly status: number }>;

describe('over REST, at every node within a second,', () => {
  it.each<[string, Act]>([
    ['suspending a user', ({ user }) => acme.people.owner.post(`/users/${user}/suspend`)],
    ['deleting a user', ({ user }) => acme.people.owner.delete(`/users/${user}`)],
    [
      'removing a membership',
      ({ user }) => acme.people.owner.delete(`/organizations/${acme.organization}/memberships/${user}`),
    ],
  ])('%s ends their tokens and their keys', async (_how, act) => {
    const [holder, bystander] = [await makeHolder(acme), await makeHolder(acme)];
    expect([await tokenCounts(holder), await keyCounts(holder)]).toEqual([true, true]);
    expect((await act(holder)).status).toBeLessThan(300);
    await within(1_000, async () => !((await tokenCounts(holder)) || (await keyCounts(holder))));
    expect([await tokenCounts(bystander), await keyCounts(bystander)]).toEqual([true, true]);
  });

  it('a new password ends tokens and leaves keys', async () => {
    const holder = await makeHolder(acme);
    dataOf(await acme.people.owner.put(`/users/${holder.user}`, { password: goodPassword }));
    await within(1_000, async () => !(await tokenCounts(holder)));
    expect(await keyCounts(holder)).toBe(true);
  });

  it.each<[string, Act]>([
    ['revoking an API key', ({ keySid }) => acme.people.owner.delete(`/api_keys/${keySid}`)],
    ['suspending an account', ({ account }) => acme.people.owner.post(`/accounts/${account}/suspend`)],
  ])('%s ends the key and leaves tokens', async (_how, act) => {
    const holder = await makeHolder(acme);
    expect(await keyCounts(holder)).toBe(true);
    expect((await act(holder)).status).toBeLessThan(300);
    await within(1_000, async () => !(await keyCounts(holder)));
    expect(await tokenCounts(holder)).toBe(true);
  });

  it('an account that is resumed has its keys back', async () => {
    const holder = await makeHolder(acme);
    dataOf(await acme.people.owner.post(`/accounts/${holder.account}/suspend`));
    await within(1_000, async () => !(await keyCounts(holder)));
    dataOf(await acme.people.owner.post(`/accounts/${holder.account}/resume`));
    await within(1_000, () => keyCounts(holder));
  });

  it('who leaves an organization loses their keys to those beneath, but for where they have a role', async () => {
    const child = await makeTenant(house, 'Child', acme.organization);
    const own = await makeTenant(house, 'Own child', acme.organization);
    const holder = await makeHolder(acme);
    await acme.people.owner.put(`/organizations/${own.organization}/memberships/${holder.user}`, { role: 'viewer' });
    const keyTo = async (tenant: Tenant) => {
      const wish = { name: 'Key', account_sid: tenant.account, scopes: ['tokens:introspect'], user_sid: holder.user };
      return { ...holder, key: String(dataOf(await acme.people.owner.post('/api_keys', wish))['key']) };
    };
    const [lost, kept] = [await keyTo(child), await keyTo(own)];
    expect([await keyCounts(lost), await keyCounts(kept)]).toEqual([true, true]);
    await acme.people.owner.delete(`/organizations/${acme.organization}/memberships/${holder.user}`);
    await within(1_000, async () => !(await keyCounts(lost)));
    expect(await keyCounts(kept)).toBe(true);
  });

  it('an organization that moves leaves behind the keys of those who had a role from above only', async () => {
    const from = await makeTenant(house, 'From');
    const moved = await makeTenant(house, 'Moved', from.organization);
    const holder = await makeHolder(from);
    const wish = { name: 'Key', account_sid: moved.account, scopes: ['tokens:introspect'], user_sid: holder.user };
    const lost = { ...holder, key: String(dataOf(await from.people.owner.post('/api_keys', wish))['key']) };
    const kept = { ...holder, key: moved.people.owner.key };
    expect([await keyCounts(lost), await keyCounts(kept)]).toEqual([true, true]);
    dataOf(await operator.put(`/organizations/${moved.organization}`, { parent_sid: acme.organization }));
    await within(1_000, async () => !(await keyCounts(lost)));
    expect([await keyCounts(kept), await keyCounts(holder)]).toEqual([true, true]);
  });

  it('suspending an organization ends the tokens and keys of it and of those beneath', async () => {
    const parent = await makeTenant(house, 'Parent');
    const child = await makeTenant(house, 'Child', parent.organization);
    const client = await registry.makeClient({
      organizationSid: child.organization,
      userSid: child.people.owner.user,
      allowedScopes: ['accounts:read'],
    });
    const [above, below] = [await makeHolder(parent), await makeHolder(child)];
    const token = await machineToken(house.address, client);
    const statusOfToken = async () => (await adminOf(further.address, token).get('/accounts')).status;
    expect(await statusOfToken()).toBe(200);
    const path = `/organizations/${parent.organization}`;
    expect(dataOf(await operator.post(`${path}/suspend`))['status']).toBe('suspended');
    await within(1_000, async () => {
      const keys = [await keyCounts(above), await keyCounts(below)];
      return !keys.includes(true) && (await statusOfToken()) === 401;
    });
    expect(dataOf(await operator.post(`${path}/resume`))['status']).toBe('active');
    await within(1_000, async () => (await keyCounts(above)) && (await keyCounts(below)));
    expect(await statusOfToken()).toBe(401);
  });
});
