import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { type Answer, askWithForm, basic, type ClientKey, makeKey, send, tokenOf } from '../support/tokens.ts';
import { openForge } from '../tokens/forge.ts';
import { asClient, introspect, isActive, machineToken } from '../tokens/questions.ts';
import { prove } from './proofs.ts';
import { callback, openScene, type Scene } from './scene.ts';
import { locationOf, openVisitor, toldBy } from './visitor.ts';

const voice = 'https://voice.example';
const video = 'https://video.example';

let scene: Scene;
let second: House;
let key: ClientKey;
beforeAll(async () => {
  scene = await openScene();
  second = await openHouse({}, scene.house);
  key = await makeKey('ES256');
  for (const identifier of [voice, video]) await scene.registry.makeResource({ identifier, scopes: ['read', 'write'] });
});
afterAll(async () => {
  await second.close();
  await scene.close();
});

const outcome = ({ status, body }: Answer) => [status, body['error']];
const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });
const userinfoUrl = () => `${scene.house.issuer}/oauth/userinfo`;
const tokenUrl = () => `${scene.house.issuer}/oauth/token`;

/** A question that waits for a person, asked at the server's own API. */
async function askOwnApi(token: unknown): Promise<Answer> {
  const begun = await openVisitor(scene.house).get(`/oauth/authorize?${new URLSearchParams(scene.request())}`);
  const consentToken = new URL(locationOf(begun) ?? '').searchParams.get('consent_token');
  return send(`${scene.house.issuer}/oauth/consent/${consentToken}`, { headers: bearer(token) });
}

/** Tokens that the person has just allowed the app. */
async function tokensFor(changes: Readonly<Record<string, string>>, headers = {}): Promise<Answer['body']> {
  const answer = await scene.redeem(await scene.code(changes), {}, headers);
  tokenOf(answer);
  return answer.body;
}

describe('a token that is bound to a key', () => {
  it('32: is refused as a plain Bearer at userinfo and at our own API, and introspection names its key', async () => {
    const proof = () => prove(key, { url: tokenUrl() });
    const { access_token: forUserinfo } = await tokensFor({ scope: 'openid' }, { dpop: await proof() });
    expect(outcome(await send(userinfoUrl(), { headers: bearer(forUserinfo) }))).toEqual([401, 'invalid_token']);
    const dpop = await prove(key, { method: 'GET', url: userinfoUrl(), accessToken: String(forUserinfo) });
    const proven = await send(userinfoUrl(), { headers: { authorization: `DPoP ${forUserinfo}`, dpop } });
    expect(proven.status).toBe(200);
    const stranger = await prove(await makeKey('ES256'), {
      method: 'GET',
      url: userinfoUrl(),
      accessToken: String(forUserinfo),
    });
    const stolen = await send(userinfoUrl(), { headers: { authorization: `DPoP ${forUserinfo}`, dpop: stranger } });
    expect(outcome(stolen)).toEqual([401, 'invalid_token']);

    const plain = await tokensFor({ scope: 'grants:read' });
    const bound = await tokensFor({ scope: 'grants:read' }, { dpop: await proof() });
    expect((await askOwnApi(plain['access_token'])).status).toBe(200);
    expect(outcome(await askOwnApi(bound['access_token']))).toEqual([401, 'invalid_token']);
    const { body } = await introspect(scene.house.address, String(bound['access_token']), asClient(scene.app));
    expect(body).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await calculateJwkThumbprint(key.publicJwk) },
    });
  });

  it('33: takes a proof once, at whichever node', async () => {
    const client = await scene.registry.makeClient();
    const dpop = await prove(key, { url: tokenUrl() });
    const nodes = [scene.house, second, scene.house];
    const answers: Answer[] = [];
    for (const { address } of nodes) {
      const headers = { ...basic(client.clientId, client.clientSecret), dpop };
      answers.push(await askWithForm(`${address}/oauth/token`, { grant_type: 'client_credentials' }, headers));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 400]);
  });
});

describe('what an access token is good for', () => {
  it('34: one audience, and nothing at another', async () => {
    const { app, house, registry } = scene;
    const { access_token: token } = await tokensFor({ scope: 'read', resource: voice });
    expect(decodeJwt(String(token))['aud']).toBe(voice);
    expect(outcome(await send(userinfoUrl(), { headers: bearer(token) }))).toEqual([401, 'invalid_token']);
    expect(outcome(await askOwnApi(token))).toEqual([401, 'invalid_token']);
    const { access_token: ofOpenid } = await tokensFor({ scope: 'openid' });
    expect(outcome(await askOwnApi(ofOpenid))).toEqual([401, 'invalid_token']);
    const atVideo = await registry.makeClient();
    await house.database.sql`
      insert into resource_introspectors (resource_id, client_id)
      select id, ${atVideo.clientId} from resources where identifier = ${video}`;
    expect(await isActive(house.address, String(token), asClient(atVideo))).toBe(false);
    expect(await isActive(house.address, String(token), asClient(app))).toBe(true);
  });

  it('35: no more than was allowed: what goes beyond is refused, not cut down or widened in silence', async () => {
    const errorOf = async (changes: Readonly<Record<string, string>>) => {
      const query = new URLSearchParams(scene.request(changes));
      return toldBy(await openVisitor(scene.house).get(`/oauth/authorize?${query}`), callback)['error'];
    };
    expect(await errorOf({ scope: 'clients:read admin' })).toBe('invalid_scope');
    expect(await errorOf({ scope: 'openid org' })).toBe('invalid_scope');
    expect(await errorOf({ scope: 'read', resource: 'https://nobody.example' })).toBe('invalid_target');
    const code = await scene.code({ scope: 'read', resource: voice });
    expect(outcome(await scene.redeem(code, { resource: video }))).toEqual([400, 'invalid_target']);
    const { scope, access_token: token } = await tokensFor({ scope: 'read', resource: voice });
    expect([scope, decodeJwt(String(token))['scope']]).toEqual(['read', 'read']);
    const machine = await scene.registry.makeClient({ allowedScopes: ['read'] });
    const asked = { grant_type: 'client_credentials', resource: voice, scope: 'read write' };
    expect(outcome(await askWithForm(tokenUrl(), asked, asClient(machine).headers))).toEqual([400, 'invalid_scope']);
  });

  it('36: introspection tells nobody who does not authenticate, and strangers that a token is not active', async () => {
    const { house, app, registry } = scene;
    const { access_token: token } = await tokensFor({ scope: 'read', resource: voice });
    const open = await registry.makeClient({
      clientType: 'public',
      allowedGrantTypes: ['authorization_code'],
      redirectUris: [callback],
    });
    const nobody = [
      {},
      { fields: { client_id: app.clientId } },
      { fields: { client_id: open.clientId } },
      { headers: basic(app.clientId, 'x') },
    ];
    for (const who of nobody) {
      expect(outcome(await introspect(house.address, String(token), who))).toEqual([401, 'invalid_client']);
    }
    const stranger = await registry.makeClient();
    expect((await introspect(house.address, String(token), asClient(stranger))).text).toBe('{"active":false}');
    expect(await isActive(house.address, String(token), asClient(app))).toBe(true);
  });
});

describe('tokens that could be taken for others', () => {
  it('37: no client chooses its id, and the token of a machine is not that of a user', async () => {
    const { house, registry } = scene;
    const [user] = await house.database.sql`select sid from users`;
    const chosen = { clientId: user?.['sid'], client_id: user?.['sid'], sub: user?.['sid'] };
    const made = await registry.makeClient(chosen as object);
    expect(made.clientId).toMatch(/^OQ[0-9a-f]{32}$/);
    expect(user?.['sid']).toMatch(/^US[0-9a-f]{32}$/);
    const token = await machineToken(house.address, made, { ...(chosen as object), client_id: made.clientId });
    expect(decodeJwt(token)).toMatchObject({ sub: made.clientId, client_id: made.clientId });
    const forge = await openForge(house);
    const asUser = forge.sign(forge.claims(made.clientId, { org_id: house.demo.organization_sid, scope: 'admin' }));
    expect(outcome(await askOwnApi(asUser))).toEqual([401, 'invalid_token']);
  });

  it('38: an ID token names its client and nonce, and is no access token', async () => {
    const { house, app } = scene;
    const { id_token: token } = await tokensFor({ scope: 'openid', nonce: 'n' });
    expect(decodeJwt(String(token))).toMatchObject({ iss: house.issuer, aud: app.clientId, nonce: 'n' });
    expect(outcome(await send(userinfoUrl(), { headers: bearer(token) }))).toEqual([401, 'invalid_token']);
    expect(outcome(await askOwnApi(token))).toEqual([401, 'invalid_token']);
    expect(await isActive(house.address, String(token), asClient(app))).toBe(false);
    const forge = await openForge(house);
    const claims = forge.claims(app.clientId);
    expect(await isActive(house.address, forge.sign(claims), asClient(app))).toBe(true);
    for (const typ of ['JWT', 'id_token', undefined]) {
      expect(await isActive(house.address, forge.sign(claims, { ...forge.header, typ }), asClient(app))).toBe(false);
    }
  });
});
