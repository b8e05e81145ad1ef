import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { within } from '../support/within.ts';
import { asApiKey, demoClients, introspect, machineToken } from '../tokens/questions.ts';
import { openTenants, type Tenants } from '../tokens/tenants.ts';

describe('an API key asks about tokens no longer, at any node within a second,', () => {
  let house: House;
  let further: House;
  let desk: Desk;
  let tenants: Tenants;
  let token: string;
  let sql: House['database']['sql'];
  beforeAll(async () => {
    house = await openHouse();
    further = await openHouse({}, house);
    desk = await openDesk(house.database, house.issuer, house.dataDir);
    tenants = openTenants(house);
    sql = house.database.sql;
    token = await machineToken(house.address, demoClients(house).machine);
  });
  afterAll(async () => {
    await desk.close();
    await further.close();
    await house.close();
  });

  type Act = (owner: { user: string; account: string; organization: string; key: string }) => PromiseLike<unknown>;
  it.each<[string, Act]>([
    ['that is deleted', ({ key }) => sql`delete from api_keys where sid = ${key}`],
    ['that is revoked', ({ key }) => sql`update api_keys set revoked_at = now() where sid = ${key}`],
    ['whose user is suspended', ({ user }) => sql`update users set standing = 'suspended' where sid = ${user}`],
    ['whose user is deleted', ({ user }) => sql`delete from users where sid = ${user}`],
    [
      'whose account is suspended',
      ({ account }) => sql`update accounts set standing = 'suspended' where sid = ${account}`,
    ],
    [
      'whose organization is suspended',
      ({ organization }) => sql`update organizations set standing = 'suspended' where sid = ${organization}`,
    ],
    [
      'whose organization lies beneath one that is suspended',
      ({ organization }) => sql`
        update organizations set standing = 'suspended'
        where sid = (select parent_sid from organizations where sid = ${organization})`,
    ],
  ])('%s', async (_how, act) => {
    const organization = await tenants.makeOrganization(await tenants.makeOrganization());
    const user = await desk.makeUser();
    const account = await tenants.makeAccount(organization);
    const key = await tenants.makeApiKey(organization, ['admin'], { userSid: user, accountSid: account });
    const statusAt = async (address: string) => (await introspect(address, token, asApiKey(key))).status;
    expect([await statusAt(house.address), await statusAt(further.address)]).toEqual([200, 200]);
    await act({ user, account, organization, key: key.slice(0, 34) });
    await within(
      1000,
      async () => (await statusAt(house.address)) === 401 && (await statusAt(further.address)) === 401,
    );
  });
});
