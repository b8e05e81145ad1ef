import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { rowCounts } from '../support/rows.ts';
import { type Manage, managerOf, recordOf, recordsOf } from '../support/tenants.ts';
import { send, tokenOf } from '../support/tokens.ts';
import { openTenants, type Tenants } from '../tokens/tenants.ts';
import { type Estate, openEstate } from './estate.ts';
import { makeApp, signIn } from './people.ts';

let estate: Estate;
let residents: Residents;
let tenants: Tenants;
let account: string;
/** A developer of its organization. */
let member: string;
/** The same account by a machine's token and by a user's, both with all scopes. */
let callers: ReadonlyArray<readonly [name: string, manage: Manage]>;
let userToken: string;
beforeAll(async () => {
  estate = await openEstate();
  residents = await openResidents(estate.house);
  tenants = openTenants(estate.house);
  account = await tenants.makeAccount(organization('own'));
  member = (await residents.makeUser(organization('own'))).sid;
  const narrowing = { account_sid: account };
  const app = await makeApp(estate);
  const user = await residents.makeUser(organization('own'));
  await estate.house.database.sql`update memberships set role = 'admin' where user_sid = ${user.sid}`;
  const wish = { resource: estate.house.issuer, scope: 'admin', organization: organization('own') };
  const { accessToken } = await signIn(estate, app, user, wish);
  userToken = tokenOf(await estate.exchange(app, accessToken, narrowing));
  callers = [
    ['a machine', managerOf(estate.house.address, await estate.tokenFor(estate.machine, narrowing))],
    ['a user', managerOf(estate.house.address, userToken)],
  ];
}, 120_000);
afterAll(async () => {
  await residents.close();
  await estate.close();
});

const organization = (name: keyof Estate['tree']) => estate.tree[name].organizationSid;

describe.each([0, 1])('a token of an account (caller %i)', (index) => {
  const call = () => callers[index]?.[1] as Manage;

  it('reads its account and renames it', async () => {
    expect(recordOf(await call()('GET', `/accounts/${account}`))).toMatchObject({ sid: account });
    expect(recordsOf(await call()('GET', '/accounts')).map(({ sid }) => sid)).toEqual([account]);
    const name = newSecret();
    expect(recordOf(await call()('PUT', `/accounts/${account}`, { body: { name } }))).toMatchObject({ name });
  });

  it('does not decide over it, nor over others', async () => {
    const before = await rowCounts(estate.house.database.sql);
    const verbs = [
      ['POST', '/suspend'],
      ['POST', '/resume'],
      ['POST', '/auth_token'],
      ['DELETE', ''],
    ] as const;
    for (const [method, verb] of verbs) {
      expect((await call()(method, `/accounts/${account}${verb}`)).status).toBe(403);
      expect((await call()(method, `/accounts/${estate.tree.own.accountSid}${verb}`)).status).toBe(404);
    }
    expect((await call()('POST', '/accounts', { body: { name: 'Another' } })).status).toBe(422);
    const unsigned = { require_validation: false };
    await estate.house.database.sql`update accounts set require_validation = true where sid = ${account}`;
    expect((await call()('PUT', `/accounts/${account}`, { body: unsigned })).status).toBe(403);
    await estate.house.database.sql`update accounts set require_validation = false where sid = ${account}`;
    expect(await rowCounts(estate.house.database.sql)).toEqual(before);
  });

  it('makes keys of its account for its members, which do nothing beyond the account', async () => {
    const body = { name: 'Key', account_sid: account, user_sid: member };
    const user = { ...body, user_sid: undefined };
    const made = await call()('POST', '/api_keys', {
      body: { ...(index === 0 ? body : user), scopes: ['access_tokens:write'] },
    });
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const { sid } = recordOf(made);
    expect(recordsOf(await call()('GET', '/api_keys')).map((key) => key['sid'])).toContain(sid);
    expect((await call()('GET', `/api_keys/${sid}`)).status).toBe(200);
    for (const scopes of [
      ['admin'],
      ['accounts:read'],
      ['tokens:introspect'],
      ['access_tokens:write', 'clients:read'],
    ]) {
      for (const [method, path, wish] of [
        ['POST', '/api_keys', { ...body, scopes }],
        ['PUT', `/api_keys/${sid}`, { scopes }],
      ] as const) {
        const answer = await call()(method, path, { body: wish });
        expect([scopes, method, answer.status]).toEqual([scopes, method, 403]);
      }
    }
    const strangers = [estate.tree.stranger.userSid, estate.tree.parent.userSid, estate.tree.child.userSid];
    for (const user_sid of index === 0 ? strangers : strangers.slice(0, 1)) {
      const wish = { ...body, user_sid, scopes: ['access_tokens:write'] };
      expect((await call()('POST', '/api_keys', { body: wish })).status).toBe(422);
    }
    const elsewhere = { ...body, account_sid: estate.tree.own.accountSid, scopes: ['access_tokens:write'] };
    expect((await call()('POST', '/api_keys', { body: elsewhere })).status).toBe(422);
    expect((await call()('DELETE', `/api_keys/${sid}`)).status).toBe(204);
  });

  it('sees and revokes a key of its account that reaches further, and takes from it, but gives it nothing', async () => {
    const key = await tenants.makeApiKey(organization('own'), ['accounts:read', 'users:read'], { accountSid: account });
    const sid = key.split('.')[0] ?? '';
    const change = async (body: object) => (await call()('PUT', `/api_keys/${sid}`, { body })).status;
    expect(await change({ scopes: ['accounts:read', 'users:read', 'admin'] })).toBe(403);
    expect(await change({ scopes: ['accounts:read'] })).toBe(200);
    expect(await change({ scopes: ['accounts:read', 'users:read'] })).toBe(403);
    expect((await call()('DELETE', `/api_keys/${sid}`)).status).toBe(204);
    expect((await call()('GET', `/api_keys/${estate.tree.own.apiKeySid}`)).status).toBe(404);
    expect((await call()('DELETE', `/api_keys/${estate.tree.own.apiKeySid}`)).status).toBe(404);
  });
});

describe('a user’s token of an account', () => {
  it('allows nothing in the name of its user', async () => {
    const { house } = estate;
    const { clientId } = await estate.makeMachine({
      allowedGrantTypes: ['authorization_code'],
      allowedScopes: ['accounts:read'],
      redirectUris: ['https://other.example/callback'],
    });
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: 'https://other.example/callback',
      scope: 'accounts:read',
      resource: house.issuer,
      code_challenge: createHash('sha256').update(newSecret()).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const { headers } = await send(`${house.address}/oauth/authorize?${query}`);
    const consent = new URL(headers.get('location') ?? '').searchParams.get('consent_token') ?? '';
    const manage = managerOf(house.address, userToken);
    expect((await manage('GET', `/oauth/consent/${consent}`)).status).toBe(403);
    const answer = await manage('POST', '/oauth/grants', { body: { consent_token: consent, allowed: true } });
    expect([answer.status, answer.body['redirect_uri']]).toEqual([403, undefined]);
  });
});

describe('answers that are kept for repeated requests', () => {
  it('are not given to a narrower token of the same client', async () => {
    const key = { 'idempotency-key': newSecret() };
    const body = { name: 'Account of a wide token' };
    const wide = managerOf(estate.house.address, await estate.tokenFor(estate.machine));
    const first = await wide('POST', '/accounts', { body, headers: key });
    expect(first.status).toBe(201);
    expect((await wide('POST', '/accounts', { body, headers: key })).text).toBe(first.text);
    const [, narrow] = callers[0] as (typeof callers)[number];
    const answer = await narrow('POST', '/accounts', { body, headers: key });
    expect([answer.status, answer.text.includes(String(recordOf(first)['sid']))]).toEqual([422, false]);
    const beneath = await estate.tokenFor(estate.machine, { org_id: organization('child') });
    const other = await managerOf(estate.house.address, beneath)('POST', '/accounts', { body, headers: key });
    expect(recordOf(other)).toMatchObject({ organization_sid: organization('child') });
  });
});

describe('a narrowed token of a client of those who run the server', () => {
  it('reaches what it is narrowed to, and not everything', async () => {
    const { house } = estate;
    const operator = await estate.makeMachine({ organizationSid: house.demo.organization_sid });
    const beneath = await tenants.makeOrganization(house.demo.organization_sid);
    const one = await tenants.makeAccount(beneath);
    const get = async (path: string, more: Record<string, string>) =>
      (await managerOf(house.address, await estate.tokenFor(operator, more))('GET', path)).status;
    const stranger = `/organizations/${organization('stranger')}`;
    expect(await get(stranger, {})).toBe(200);
    for (const narrowing of [{ org_id: beneath }, { account_sid: one }]) {
      expect(await get(stranger, narrowing)).toBe(404);
      expect(await get(`/organizations/${house.demo.organization_sid}`, narrowing)).toBe(404);
      expect(await get('/signing_keys', narrowing)).toBe(403);
      expect(await get(`/accounts/${one}`, narrowing)).toBe(200);
    }
    expect(await get(`/organizations/${beneath}`, { org_id: beneath })).toBe(200);
    expect(await get(`/organizations/${beneath}`, { account_sid: one })).toBe(404);
  });
});
