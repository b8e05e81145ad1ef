import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';

import { adminOf } from '../support/tenancy.ts';
import { send } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { asApiKey, asClient, type Credentials, introspect, isActive, revoke } from '../tokens/questions.ts';
import { type IntrospectedScene, openIntrospectedScene, partsOf } from './introspected.ts';
import { forge, goodClaims, goodHeader, mintedIn } from './scene.ts';

let scene: IntrospectedScene;
let house: House;
let reader: Credentials;
let accessToken: string;
let capability: string;
beforeAll(async () => {
  scene = await openIntrospectedScene();
  ({ house, reader, accessToken, capability } = scene);
});
afterAll(() => scene.close());

describe('an introspection of a token of the issuer', () => {
  it('tells what an AccessToken says, and whose it is', async () => {
    const [, claims] = partsOf(accessToken);
    const { iss, sub, exp, iat, jti } = claims;
    expect((await introspect(house.address, accessToken, reader)).body).toEqual({
      active: true,
      token_type: 'AccessToken',
      ...{ iss, sub, exp, iat, jti },
      identity: 'alice',
      grants: claims.grants,
      account_sid: scene.acme.account,
      org_id: scene.acme.organization,
    });
  });

  it('tells what a capability token allows', async () => {
    const { iss, exp, iat } = partsOf(capability)[1];
    expect((await introspect(house.address, capability, reader)).body).toEqual({
      active: true,
      token_type: 'ClientCapability',
      ...{ iss, sub: iss, exp, iat },
      scopes: [],
      account_sid: scene.acme.account,
      org_id: scene.acme.organization,
    });
  });

  it('answers whoever has the scope in the organization or above it, and nobody else', async () => {
    const { acme, rival, makeKey } = scene;
    const operator = asApiKey(String(house.demo['api_key']));
    const stranger = asApiKey(rival.people.owner.key);
    const own = asClient(await scene.clientOf(acme.organization, ['tokens:introspect']));
    const other = asClient(await scene.clientOf(acme.organization, ['clients:read', 'access_tokens:write']));
    const foreign = asClient(await scene.clientOf(rival.organization, ['tokens:introspect']));
    const above = asClient(await scene.clientOf(house.demo.organization_sid, ['tokens:introspect']));
    const unscoped = asApiKey((await makeKey({ scopes: ['accounts:read'] })).key);
    for (const token of [accessToken, capability]) {
      const answers = [reader, own, operator, stranger, other, foreign].map((who) =>
        isActive(house.address, token, who),
      );
      expect(await Promise.all(answers)).toEqual([true, true, false, false, false, false]);
      expect(await isActive(house.address, token, above)).toBe(false);
      expect((await introspect(house.address, token, unscoped)).status).toBe(403);
    }
  });

  it('is told the same of a stranger’s token as of one that is none', async () => {
    const stranger = asApiKey(scene.rival.people.owner.key);
    const forged = forge(goodHeader, goodClaims({ sid: `SK${'0'.repeat(32)}` }, scene.acme.account), 'x');
    const answers = await Promise.all([accessToken, forged].map((token) => introspect(house.address, token, stranger)));
    expect(answers.map(({ text }) => text)).toEqual(['{"active":false}', '{"active":false}']);
  });
});

describe('a token of the issuer', () => {
  it('is no Bearer: not for this API, nor for the claims about a user', async () => {
    const admin = await scene.makeKey({ scopes: ['admin'] });
    const tokens = [accessToken, capability, forge(goodHeader, goodClaims(admin, scene.acme.account), admin.secret)];
    for (const token of tokens) {
      for (const path of ['/accounts', '/oauth/userinfo']) {
        const answer = await send(house.address + path, { headers: { authorization: `Bearer ${token}` } });
        expect([path, answer.status]).toEqual([path, 401]);
      }
      expect((await introspect(house.address, accessToken, asApiKey(token))).status).toBe(401);
    }
  });

  it('is not taken back like one of OAuth', async () => {
    const own = await scene.clientOf(scene.acme.organization, ['tokens:introspect']);
    for (const token of [accessToken, capability]) {
      expect((await revoke(house.address, token, asClient(own))).status).toBe(200);
      expect(await isActive(house.address, token, reader)).toBe(true);
    }
  });

  it('ends with its key, account or organization at every node, within the bound', async () => {
    const { owner } = scene.acme.people;
    const other = await openHouse({}, house);
    try {
      const made = await scene.makeKey();
      const token = mintedIn(await made.post('/v1/access_tokens', { identity: 'i' }));
      const actives = (text: string) => Promise.all([house, other].map((node) => isActive(node.address, text, reader)));
      expect(await actives(token)).toEqual([true, true]);
      await owner.delete(`/api_keys/${made.sid}`);
      await within(1_000, async () => (await actives(token)).every((active) => !active));
      const operator = adminOf(house.address, String(house.demo['api_key']));
      const asked = adminOf(other.address, String(house.demo['api_key']));
      const valid = async () => (await asked.post('/v1/access_tokens/verify', { token: accessToken })).body['valid'];
      expect(await valid()).toBe(true);
      await operator.post(`/organizations/${scene.acme.organization}/suspend`);
      await within(1_000, async () => (await valid()) === false);
      await operator.post(`/organizations/${scene.acme.organization}/resume`);
      await within(1_000, async () => (await actives(accessToken)).every((active) => active));
    } finally {
      await other.close();
    }
  });
});
