import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { ClientWish } from '../support/registry.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { askWithForm, tokenOf } from '../support/tokens.ts';
import { asClient, type SecretClient } from '../tokens/questions.ts';
import { code, makeServer, outOfReach } from './attackers.ts';
import { accessTokenType, type Estate, openEstate, refusal, resources, tokenExchange } from './estate.ts';
import { makeApp, signIn } from './people.ts';

let estate: Estate;
let residents: Residents;
let app: SecretClient;
beforeAll(async () => {
  estate = await openEstate();
  residents = await openResidents(estate.house);
  app = await makeApp(estate);
}, 120_000);
afterAll(async () => {
  await residents.close();
  await estate.close();
});

type Name = keyof Estate['tree'];
const organization = (name: Name) => estate.tree[name].organizationSid;
const account = (name: Name) => estate.tree[name].accountSid;
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

describe('what came of an exchange never has more', () => {
  it('scopes than the token before, its client, and the resource', async () => {
    const reader = await estate.makeMachine({ allowedScopes: ['read'] });
    const narrow = await estate.tokenFor(estate.machine, { resource: resources.own, scope: 'read write' });
    for (const scope of ['delete', 'read delete', 'admin', 'openid', 'unknown']) {
      expect(code(await estate.exchange(estate.machine, narrow, { scope }))).toEqual([400, 'invalid_scope']);
    }
    expect((await estate.exchange(estate.machine, narrow)).body['scope']).toBe('read write');
    expect(code(await estate.exchange(reader, narrow, { scope: 'write' }))).toEqual([400, 'invalid_scope']);
    expect((await estate.exchange(reader, narrow)).body['scope']).toBe('read');
    const { sql } = estate.house.database;
    const ofOwn = sql`select id from resources where identifier = ${resources.own}`;
    await sql`delete from resource_scopes where name = 'write' and resource_id in (${ofOwn})`;
    await estate.patiently(async () => (await estate.exchange(estate.machine, narrow)).body['scope'] === 'read');
    expect(code(await estate.exchange(estate.machine, narrow, { scope: 'write' }))).toEqual([400, 'invalid_scope']);
  });

  it('reach: neither up, nor beside, nor back', async () => {
    const resource = resources.jwt;
    const wide = await estate.tokenFor(estate.machine, { resource });
    const beneath = tokenOf(await estate.exchange(estate.machine, wide, { org_id: organization('child') }));
    const one = tokenOf(await estate.exchange(estate.machine, beneath, { account_sid: account('child') }));
    const places = (names: readonly Name[]) =>
      names.flatMap((name) => [
        { org_id: organization(name) },
        { account_sid: account(name) },
        { org_id: organization(name), account_sid: account('child') },
      ]);
    const outside = ['parent', 'sibling', 'stranger'] as const;
    const refused: ReadonlyArray<readonly [string, readonly Readonly<Record<string, string>>[]]> = [
      [wide, places(outside)],
      [beneath, [...places(outside), { org_id: organization('own') }, { account_sid: account('own') }]],
      [
        one,
        [
          ...places(outside),
          { org_id: organization('own') },
          { account_sid: account('own') },
          { account_sid: account('grandchild') },
          { org_id: organization('grandchild') },
          { org_id: organization('grandchild'), account_sid: account('grandchild') },
        ],
      ],
    ];
    for (const [token, wishes] of refused) {
      for (const wish of wishes) {
        expect([wish, ...refusal(await estate.exchange(estate.machine, token, wish))]).toEqual([wish, ...outOfReach]);
      }
    }
    // It stays what it is, whether it is named or not.
    for (const wish of [{}, { account_sid: account('child') }, { org_id: organization('child') }]) {
      const claims = decodeJwt(tokenOf(await estate.exchange(estate.machine, one, wish)));
      expect([claims['org_id'], claims['account_sid']]).toEqual([organization('child'), account('child')]);
    }
    for (const wish of [{ org_id: '' }, { account_sid: 'x' }, { org_id: account('child') }]) {
      expect(code(await estate.exchange(estate.machine, wide, wish))).toEqual([400, 'invalid_request']);
    }
  });

  it('targets: it stays for the resource that it was for', async () => {
    const token = await estate.tokenFor(estate.machine, { resource: resources.jwt });
    for (const name of ['resource', 'audience']) {
      expect((await estate.exchange(estate.machine, token, { [name]: resources.jwt })).status).toBe(200);
      for (const target of [resources.opaque, estate.house.issuer, `${resources.jwt}/`, 'https://unknown.example']) {
        expect(code(await estate.exchange(estate.machine, token, { [name]: target }))).toEqual([400, 'invalid_target']);
      }
    }
    const both = { resource: resources.jwt, audience: resources.opaque };
    expect(code(await estate.exchange(estate.machine, token, both))).toEqual([400, 'invalid_target']);
    // A client that may not ask for a resource any more keeps nothing for it.
    const { sql } = estate.house.database;
    const client = await estate.makeMachine();
    const own = await estate.tokenFor(client, { resource: resources.jwt });
    await sql`update oauth_clients set allowed_resources = ${[resources.opaque]} where client_id = ${client.clientId}`;
    await estate.patiently(async () => (await estate.exchange(client, own)).status === 400);
    expect(code(await estate.exchange(client, own))).toEqual([400, 'invalid_target']);
    const server = await makeServer(estate, resources.jwt);
    await sql`update oauth_clients set allowed_resources = ${[resources.opaque]} where client_id = ${server.clientId}`;
    await estate.patiently(async () => (await estate.exchange(server, token)).status === 400);
    expect(code(await estate.exchange(server, token))).toEqual([400, 'invalid_target']);
  });

  it('say: a user’s higher role beneath is not for what they allowed above', async () => {
    const { sql } = estate.house.database;
    const role = (sid: string, where: Name, name: string) =>
      sql`update memberships set role = ${name} where user_sid = ${sid} and organization_sid = ${organization(where)}`;
    const user = await residents.makeUser(organization('own'), organization('child'));
    await role(user.sid, 'own', 'viewer');
    await role(user.sid, 'child', 'owner');
    const wish = { resource: estate.house.issuer, scope: 'accounts:write', organization: organization('own') };
    const { accessToken } = await signIn(estate, app, user, wish);
    for (const narrowing of [{ org_id: organization('child') }, { account_sid: account('grandchild') }]) {
      expect(refusal(await estate.exchange(app, accessToken, narrowing))).toEqual(outOfReach);
    }
    expect((await estate.exchange(app, accessToken, { account_sid: account('own') })).status).toBe(200);
    await role(user.sid, 'child', 'viewer');
    await estate.patiently(
      async () => (await estate.exchange(app, accessToken, { org_id: organization('child') })).status === 200,
    );
  });
});

describe('the grant is not for', () => {
  const exchangeAs = async (client: SecretClient, headers = asClient(client).headers, fields = {}) => {
    const token = await estate.tokenFor(estate.machine, { resource: resources.own });
    const wish = { grant_type: tokenExchange, subject_token: token, subject_token_type: accessTokenType, ...fields };
    return askWithForm(`${estate.house.address}/oauth/token`, wish, headers);
  };

  it('a client that does not have it', async () => {
    const client = await estate.makeMachine({ allowedGrantTypes: ['client_credentials'] });
    expect(code(await exchangeAs(client))).toEqual([400, 'unauthorized_client']);
  });

  it('a public client, nor one that registered itself, whatever the database says', async () => {
    const { sql } = estate.house.database;
    const open = await estate.makeMachine({ clientType: 'public', allowedGrantTypes: ['refresh_token'] });
    await sql`update oauth_clients set allowed_grant_types = ${[tokenExchange]} where client_id = ${open.clientId}`;
    expect(code(await exchangeAs(open, {}, { client_id: open.clientId }))).toEqual([401, 'invalid_client']);
    const registered = await estate.makeMachine();
    await sql`update oauth_clients set origin = 'registered' where client_id = ${registered.clientId}`;
    expect(code(await exchangeAs(registered))).toEqual([400, 'unauthorized_client']);
  });

  it('clients that are made public or register themselves, as the rules say', async () => {
    const make = (wish: ClientWish) => estate.makeMachine({ allowedGrantTypes: [tokenExchange], ...wish });
    await expect(make({ clientType: 'public' })).rejects.toThrow('allowed_grant_types.0 is for confidential clients');
    await expect(make({ origin: 'registered' })).rejects.toThrow('not for clients that registered themselves');
  });
});

describe('a request for an exchange', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['no subject token', { subject_token: '' }, 'subject_token'],
    ['no type of it', { subject_token_type: '' }, 'subject_token_type'],
    ['a type that is none of ours', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'must be one of'],
    [
      'a refresh token by type',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'must be one of',
    ],
    [
      'a wish for a refresh token',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'must be one of',
    ],
    ['an actor token without its type', { actor_token: 'x' }, 'actor_token_type'],
    ['the type of an actor token without one', { actor_token_type: accessTokenType }, 'actor_token'],
    ['a token that is too long', { subject_token: 'x'.repeat(16_385) }, 'longer than'],
  ])('that has %s is told what to mend', async (_what, fields, sentence) => {
    const token = await estate.tokenFor(estate.machine, { resource: resources.jwt });
    const answer = await estate.exchange(estate.machine, token, fields);
    expect(refusal(answer)).toEqual([400, 'invalid_request', expect.stringContaining(sentence)]);
  });

  it('wants a JWT where there are none, or has its token in the URL: both are refused', async () => {
    const opaque = await estate.tokenFor(estate.machine, { resource: resources.opaque });
    const asJwt = await estate.exchange(estate.machine, opaque, { requested_token_type: jwtType });
    expect(refusal(asJwt)).toEqual([400, 'invalid_request', expect.stringContaining('opaque')]);
    const fields = { grant_type: tokenExchange, subject_token_type: accessTokenType };
    const url = `${estate.house.address}/oauth/token?subject_token=${opaque}`;
    const inUrl = await askWithForm(url, fields, asClient(estate.machine).headers);
    expect(refusal(inUrl)).toEqual([400, 'invalid_request', expect.stringContaining('not in the URL')]);
  });
});
