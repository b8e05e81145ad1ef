import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { openResidents, type Resident, type Residents } from '../support/residents.ts';
import { type Answer, tokenOf } from '../support/tokens.ts';
import { asClient, introspect, isActive, revoke, type SecretClient } from '../tokens/questions.ts';
import { makeServer } from './attackers.ts';
import { type Estate, openEstate, resources } from './estate.ts';
import { makeApp, signIn } from './people.ts';

let estate: Estate;
let residents: Residents;
let app: SecretClient;
let ada: Resident;
beforeAll(async () => {
  estate = await openEstate();
  residents = await openResidents(estate.house);
  app = await makeApp(estate);
  ada = await residents.makeUser(organization('own'));
}, 120_000);
afterAll(async () => {
  await residents.close();
  await estate.close();
});

type Name = keyof Estate['tree'];
const organization = (name: Name) => estate.tree[name].organizationSid;
const account = (name: Name) => estate.tree[name].accountSid;

/** What introspection says of a token to the client that got it. */
async function told(answer: Answer, client: SecretClient): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await introspect(estate.house.address, tokenOf(answer), asClient(client));
  expect(body['active']).toBe(true);
  return body;
}

const wish = (resource: string) => ({ resource, scope: 'read write', organization: organization('own') });

it.each([resources.jwt, resources.rs256, resources.opaque])(
  'a token for %s is narrowed by its client in reach and scopes, and answered as RFC 8693 says',
  async (resource) => {
    const wide = await estate.tokenFor(estate.machine, { resource });
    const narrowing = { account_sid: account('grandchild'), org_id: organization('child'), scope: 'read' };
    const answer = await estate.exchange(estate.machine, wide, narrowing);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      scope: 'read',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const claims = await told(answer, estate.machine);
    expect(claims).toMatchObject({
      sub: estate.machine.clientId,
      client_id: estate.machine.clientId,
      aud: resource,
      scope: 'read',
      org_id: organization('grandchild'),
      account_sid: account('grandchild'),
    });
    expect(claims).not.toHaveProperty('act');
  },
);

describe.each([resources.jwt, resources.opaque])('a token for %s', (resource) => {
  it('keeps all that it has where nothing is said, and its user', async () => {
    const { accessToken } = await signIn(estate, app, ada, wish(resource));
    const claims = await told(await estate.exchange(app, accessToken), app);
    expect(claims).toMatchObject({ sub: ada.sid, org_id: organization('own'), scope: 'read write', aud: resource });
    expect([claims['act'], claims['account_sid']]).toEqual([undefined, undefined]);
  });

  it('is exchanged by whoever serves the resource, who then acts for its user, behind those before', async () => {
    const { accessToken } = await signIn(estate, app, ada, wish(resource));
    const [first, second] = [await makeServer(estate, resource), await makeServer(estate, resource)];
    const once = await estate.exchange(first, accessToken, { account_sid: account('child'), scope: 'read' });
    const acted = await told(once, first);
    expect(acted).toMatchObject({ sub: ada.sid, client_id: first.clientId, act: { sub: first.clientId } });
    expect(acted).toMatchObject({ org_id: organization('child'), account_sid: account('child'), scope: 'read' });
    for (const inner of ['fam', 'fam_client_id']) expect(acted).not.toHaveProperty(inner);
    const twice = await told(await estate.exchange(second, tokenOf(once)), second);
    expect(twice).toMatchObject({
      sub: ada.sid,
      client_id: second.clientId,
      act: { sub: second.clientId, act: { sub: first.clientId } },
    });
  });

  it('ends with its user’s consent, whoever holds what came of it', async () => {
    const somebody = await residents.makeUser(organization('own'));
    const { accessToken } = await signIn(estate, app, somebody, wish(resource));
    const server = await makeServer(estate, resource);
    const delegated = tokenOf(await estate.exchange(server, accessToken));
    const narrowed = tokenOf(await estate.exchange(app, accessToken, { account_sid: account('own') }));
    const active = () =>
      Promise.all([
        isActive(estate.house.address, delegated, asClient(server)),
        isActive(estate.house.address, narrowed, asClient(app)),
      ]);
    expect(await active()).toEqual([true, true]);
    await estate.house.database.sql`delete from grants where user_sid = ${somebody.sid}`;
    await estate.patiently(async () => (await active()).every((one) => !one));
  });

  it('ends with the client that a user or a machine had it for, and with the user', async () => {
    const { sql } = estate.house.database;
    const server = await makeServer(estate, resource);
    const own = await makeApp(estate);
    const machine = await estate.makeMachine();
    const somebody = await residents.makeUser(organization('own'));
    const delegate = async (token: string) => tokenOf(await estate.exchange(server, token));
    const ofApp = await delegate((await signIn(estate, own, ada, wish(resource))).accessToken);
    const ofMachine = await delegate(await estate.tokenFor(machine, { resource }));
    const ofUser = await delegate((await signIn(estate, app, somebody, wish(resource))).accessToken);
    const ends = async (token: string, act: () => PromiseLike<unknown>) => {
      const active = () => isActive(estate.house.address, token, asClient(server));
      expect(await active()).toBe(true);
      await act();
      await estate.patiently(async () => !(await active()));
    };
    await ends(ofApp, () => sql`update oauth_clients set standing = 'suspended' where client_id = ${own.clientId}`);
    await ends(ofMachine, () => sql`delete from oauth_clients where client_id = ${machine.clientId}`);
    await ends(ofUser, () => sql`update users set standing = 'suspended' where sid = ${somebody.sid}`);
  });
});

describe('an exchange', () => {
  it('is for whoever owns the resource too, and speaks for a machine as itself', async () => {
    const client = await estate.makeMachine();
    const owner = await estate.makeMachine();
    const token = await estate.tokenFor(client, { resource: resources.own });
    const claims = await told(await estate.exchange(owner, token), owner);
    expect(claims).toMatchObject({ sub: client.clientId, client_id: owner.clientId, act: { sub: owner.clientId } });
  });

  it('names the subject of an actor token, whoever holds the other', async () => {
    const bea = await residents.makeUser(organization('own'));
    const [subject, actor] = [
      await signIn(estate, app, ada, wish(resources.jwt)),
      await signIn(estate, app, bea, wish(resources.jwt)),
    ];
    const type = 'urn:ietf:params:oauth:token-type:jwt';
    const more = { actor_token: actor.accessToken, actor_token_type: type, requested_token_type: type };
    const answer = await estate.exchange(app, subject.accessToken, { ...more, subject_token_type: type });
    expect(answer.body['issued_token_type']).toBe(type);
    expect(await told(answer, app)).toMatchObject({ sub: ada.sid, client_id: app.clientId, act: { sub: bea.sid } });
    // Who acts is as good as who is spoken for: without either it ends.
    await estate.house.database.sql`update users set standing = 'suspended' where sid = ${bea.sid}`;
    await estate.patiently(async () => !(await isActive(estate.house.address, tokenOf(answer), asClient(app))));
  });

  it('makes a token that lives no longer than the one that it came of, nor than that of the actor', async () => {
    const short = await estate.makeMachine({ accessTokenTtl: 60 });
    const owner = await estate.makeMachine();
    const token = await estate.tokenFor(short, { resource: resources.own });
    const end = decodeJwt(token).exp;
    const answer = await estate.exchange(owner, token);
    expect(decodeJwt(tokenOf(answer)).exp).toBe(end);
    expect(Number(answer.body['expires_in'])).toBeLessThanOrEqual(60);
    const own = await estate.tokenFor(owner, { resource: resources.own });
    await estate.house.database.sql`update oauth_clients set access_token_ttl = 60 where client_id = ${owner.clientId}`;
    await estate.patiently(async () => {
      const actor = await estate.ask(owner, { resource: resources.own });
      return actor.body['expires_in'] === 60;
    });
    const actor = await estate.tokenFor(owner, { resource: resources.own });
    await estate.house.database
      .sql`update oauth_clients set access_token_ttl = null where client_id = ${owner.clientId}`;
    await estate.patiently(async () => {
      const free = await estate.exchange(owner, own, { resource: resources.own });
      return decodeJwt(tokenOf(free)).exp === decodeJwt(own).exp;
    });
    const more = { actor_token: actor, actor_token_type: 'urn:ietf:params:oauth:token-type:jwt' };
    expect(decodeJwt(tokenOf(await estate.exchange(owner, own, more))).exp).toBe(decodeJwt(actor).exp);
  });

  it('has its own end: what was exchanged can be revoked by its client, and by no other', async () => {
    const server = await makeServer(estate, resources.jwt);
    const token = await estate.tokenFor(estate.machine, { resource: resources.jwt });
    const delegated = tokenOf(await estate.exchange(server, token));
    await revoke(estate.house.address, delegated, asClient(estate.machine));
    expect(await isActive(estate.house.address, delegated, asClient(server))).toBe(true);
    await revoke(estate.house.address, delegated, asClient(server));
    expect(await isActive(estate.house.address, delegated, asClient(server))).toBe(false);
    expect(await isActive(estate.house.address, token, asClient(estate.machine))).toBe(true);
  });
});
