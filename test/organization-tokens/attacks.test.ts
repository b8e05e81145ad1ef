import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { AccessToken } from '../../src/sdk/jwt/index.ts';
import { prove } from '../conformance/proofs.ts';
import { openResidents, type Resident, type Residents } from '../support/residents.ts';
import { rowCounts } from '../support/rows.ts';
import { askWithForm, type ClientKey, makeKey, tokenOf } from '../support/tokens.ts';
import { asClient, revoke, type SecretClient } from '../tokens/questions.ts';
import { boundToken, code, makeServer, unusable } from './attackers.ts';
import { accessTokenType, type Estate, openEstate, refusal, resources, tokenExchange } from './estate.ts';
import { makeApp, signIn } from './people.ts';

let estate: Estate;
let residents: Residents;
let app: SecretClient;
let ada: Resident;
let key: ClientKey;
beforeAll(async () => {
  estate = await openEstate();
  residents = await openResidents(estate.house);
  app = await makeApp(estate);
  ada = await residents.makeUser(organization('own'));
  key = await makeKey('ES256');
}, 120_000);
afterAll(async () => {
  await residents.close();
  await estate.close();
});

type Name = keyof Estate['tree'];
const organization = (name: Name) => estate.tree[name].organizationSid;
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

describe('as a subject token', () => {
  it('nothing counts but a live access token for a resource, and all else is told the same', async () => {
    const { house, machine, tree } = estate;
    const token = await estate.tokenFor(machine, { resource: resources.jwt });
    const opaque = await estate.tokenFor(machine, { resource: resources.opaque });
    const revoked = [
      await estate.tokenFor(machine, { resource: resources.jwt }),
      await estate.tokenFor(machine, { resource: resources.opaque }),
    ];
    for (const one of revoked) await revoke(house.address, one, asClient(machine));
    const person = await signIn(estate, app, ada, {
      resource: resources.jwt,
      scope: 'read openid offline_access',
      organization: organization('own'),
    });
    const atUserInfo = await signIn(estate, app, ada, { scope: 'openid', organization: organization('own') });
    const [keySid = '', secret = ''] = tree.own.apiKey.split('.');
    const minted = new AccessToken(tree.own.accountSid, keySid, secret, { identity: 'ada' }).toJwt();
    const [head = '', body = '', signature = ''] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(token), scope: 'admin' })).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'x' })).toString('base64url');
    const cases: ReadonlyArray<readonly [string, string]> = [
      ['garbage', 'garbage'],
      ['a revoked JWT', revoked[0] ?? ''],
      ['a revoked opaque token', revoked[1] ?? ''],
      ['a refresh token', person.refreshToken],
      ['an ID token', person.idToken],
      ['a token for the userinfo endpoint', atUserInfo.accessToken],
      ['an AccessToken', minted],
      ['an API key', tree.own.apiKey],
      ['a truncated JWT', token.slice(0, -1)],
      ['claims of another', `${head}.${forged}.${signature}`],
      ['no signature', `${none}.${body}.`],
    ];
    const counts = await rowCounts(house.database.sql);
    for (const [what, subject] of cases) {
      for (const client of [machine, app]) {
        expect([what, ...refusal(await estate.exchange(client, subject))]).toEqual([what, ...unusable('subject')]);
      }
    }
    const asJwt = await estate.exchange(machine, opaque, { subject_token_type: jwtType });
    expect(refusal(asJwt)).toEqual(unusable('subject'));
    expect(await rowCounts(house.database.sql)).toEqual(counts);
  });

  it('one that has expired does not count', async () => {
    const tokens = [
      await estate.tokenFor(estate.machine, { resource: resources.jwt }),
      await estate.tokenFor(estate.machine, { resource: resources.opaque }),
    ];
    estate.house.moveClock(25 * 3_600_000);
    try {
      for (const token of tokens) {
        expect(refusal(await estate.exchange(estate.machine, token))).toEqual(unusable('subject'));
      }
    } finally {
      estate.house.moveClock(-25 * 3_600_000);
    }
  });

  it('one of somebody else, meant for somebody else, does not count: no deputy is confused', async () => {
    const serverOfAnother = await makeServer(estate, resources.rs256);
    const neighbour = await estate.makeMachine();
    const parent = await estate.makeMachine({ organizationSid: organization('parent') });
    for (const resource of [resources.jwt, resources.opaque]) {
      const token = await estate.tokenFor(estate.machine, { resource });
      for (const client of [serverOfAnother, neighbour, parent]) {
        expect(refusal(await estate.exchange(client, token))).toEqual(unusable('subject'));
      }
    }
    // Nor is what a platform's own resource is for meant for just anybody of the platform.
    const management = await estate.tokenFor(estate.machine);
    expect(refusal(await estate.exchange(neighbour, management))).toEqual(unusable('subject'));
  });

  it('one that was meant for another resource of the same name does not count', async () => {
    const identifier = 'https://api.example/reborn';
    const { sql } = estate.house.database;
    await estate.registry.makeResource({ identifier });
    const old = await estate.tokenFor(estate.machine, { resource: identifier, scope: 'read' });
    await sql`delete from resources where identifier = ${identifier}`;
    const id = await estate.registry.makeResource({ identifier });
    await sql`update resources set created_at = now() + interval '1 hour' where id = ${id}`;
    const thief = await estate.makeMachine({ organizationSid: organization('stranger') });
    await sql`insert into resource_introspectors (resource_id, client_id) values (${id}, ${thief.clientId})`;
    await estate.patiently(async () => (await estate.exchange(estate.machine, old)).status === 400);
    expect(refusal(await estate.exchange(thief, old))).toEqual(unusable('subject'));
    expect(code(await estate.exchange(estate.machine, old))).toEqual([400, 'invalid_target']);
  });
});

describe('sender-constrained', () => {
  it('tokens are not exchanged, as subject or actor', async () => {
    const [bound, free] = [
      await boundToken(estate, estate.machine, key, resources.jwt),
      await estate.tokenFor(estate.machine, { resource: resources.jwt }),
    ];
    const asSubject = await estate.exchange(estate.machine, bound);
    expect(refusal(asSubject)).toEqual([400, 'invalid_request', expect.stringContaining('subject token is bound')]);
    const asActor = await estate.exchange(estate.machine, free, {
      actor_token: bound,
      actor_token_type: accessTokenType,
    });
    expect(refusal(asActor)).toEqual([400, 'invalid_request', expect.stringContaining('actor token is bound')]);
    // Who may not know of a token is not told that either.
    const stranger = await estate.makeMachine({ organizationSid: organization('stranger') });
    expect(refusal(await estate.exchange(stranger, bound))).toEqual(unusable('subject'));
  });

  it('tokens are not made: a proof is refused, and a client that takes nothing else', async () => {
    const token = await estate.tokenFor(estate.machine, { resource: resources.own });
    const fields = { grant_type: tokenExchange, subject_token: token, subject_token_type: accessTokenType };
    const url = `${estate.house.issuer}/oauth/token`;
    const headers = { ...asClient(estate.machine).headers, dpop: await prove(key, { url }) };
    const withProof = await askWithForm(`${estate.house.address}/oauth/token`, fields, headers);
    expect(refusal(withProof)).toEqual([400, 'invalid_request', expect.stringContaining('DPoP')]);
    const bound = await estate.makeMachine({ requireDpop: true });
    const answer = await estate.exchange(bound, token);
    expect(refusal(answer)).toEqual([400, 'unauthorized_client', expect.stringContaining('DPoP')]);
  });
});

describe('actors', () => {
  it('are not taken from whom they were not issued to, nor from what is no live token', async () => {
    const other = await estate.makeMachine();
    const token = await estate.tokenFor(estate.machine, { resource: resources.own });
    const spent = await estate.tokenFor(estate.machine, { resource: resources.own });
    await revoke(estate.house.address, spent, asClient(estate.machine));
    const delegated = tokenOf(
      await estate.exchange(estate.machine, await estate.tokenFor(other, { resource: resources.own })),
    );
    const person = await signIn(estate, app, ada, {
      resource: resources.jwt,
      scope: 'read',
      organization: organization('own'),
    });
    const actors = [
      await estate.tokenFor(other, { resource: resources.own }),
      person.accessToken,
      person.refreshToken,
      spent,
      delegated,
      'garbage',
      estate.tree.own.apiKey,
    ];
    for (const actor of actors) {
      const answer = await estate.exchange(estate.machine, token, {
        actor_token: actor,
        actor_token_type: accessTokenType,
      });
      expect(refusal(answer)).toEqual(unusable('actor'));
    }
  });

  it('are not named by a request or a client, only by tokens', async () => {
    const token = await estate.tokenFor(estate.machine, { resource: resources.own });
    const more = { act: '{"sub":"x"}', may_act: '{"sub":"x"}', sub: 'x', actor: 'x', fam: 'x', client_name: 'x' };
    const claims = decodeJwt(tokenOf(await estate.exchange(estate.machine, token, more)));
    expect(claims.sub).toBe(estate.machine.clientId);
    for (const name of ['act', 'may_act', 'fam', 'fam_client_id']) expect(claims).not.toHaveProperty(name);
  });

  it('are five at most, one behind the other', async () => {
    let token = await estate.tokenFor(estate.machine, { resource: resources.own });
    for (let depth = 1; depth <= 5; depth += 1) {
      token = tokenOf(await estate.exchange(await estate.makeMachine(), token));
    }
    const depthOf = (act: unknown): number => (act === undefined ? 0 : 1 + depthOf((act as { act?: unknown }).act));
    expect(depthOf(decodeJwt(token)['act'])).toBe(5);
    const answer = await estate.exchange(await estate.makeMachine(), token);
    expect(refusal(answer)).toEqual([400, 'invalid_request', expect.stringContaining('No more than 5 actors')]);
  });
});
