import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { prove } from '../../conformance/proofs.ts';
import { type Answer, askWithJson, basic, makeKey, send } from '../../support/tokens.ts';
import { expectMalformed, expectRefusal } from './refusal.ts';
import { accountSid, keySid, opaqueResource, openScene, type Scene, verifier } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

type Text = Readonly<Record<string, string>>;

const paths = ['/v1/token', '/v2/token'] as const;
const success: Readonly<Record<string, number>> = { '/v1/token': 201, '/v2/token': 200, '/oauth/token': 200 };

/** The same parameters in another spelling. */
const respelled = (fields: Text, spell: (name: string) => string): Text =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [spell(name), value]));
const camel = (name: string) => name.replaceAll(/_(.)/g, (_whole, letter: string) => letter.toUpperCase());
const pascal = (name: string) => camel(`_${name}`);

describe('/v1/token', () => {
  it.each([
    ['grant_type', (name: string) => name],
    ['grantType', camel],
    ['GrantType', pascal],
  ])('takes parameters spelled as %s, in a form and in JSON, with 201', async (_name, spell) => {
    const fields = respelled({ ...scene.machine, scope: 'clients:read', audience: scene.house.issuer }, spell);
    const answers = [
      await scene.ask('/v1/token', fields),
      await askWithJson(`${scene.house.address}/v1/token`, fields),
    ];
    for (const { status, body } of answers) {
      expect([status, body['scope'], body['expires_in']]).toEqual([201, 'clients:read', 3600]);
      expect(decodeJwt(String(body['access_token'])).exp).toEqual(expect.any(Number));
    }
  });

  it('takes one parameter in one spelling and another in another, but no parameter in two', async () => {
    const { grant_type: grantType = '', ...rest } = scene.machine;
    expect((await scene.ask('/v1/token', { GrantType: grantType, ...rest })).status).toBe(201);
    const same = { ...scene.machine, GrantType: grantType };
    expectMalformed(await scene.ask('/v1/token', same), /grant_type and GrantType, which are one parameter/);
    const two = { GrantType: grantType, ClientId: 'x', ...scene.credentials };
    expectMalformed(await scene.ask('/v1/token', two), /ClientId and client_id/);
  });
});

describe('the spelling of another address', () => {
  it.each(['GrantType', 'grantType'])('is told at /v2/token: %s', async (spelling) => {
    const fields = { [spelling]: 'client_credentials', ...scene.credentials };
    expectMalformed(await scene.ask('/v2/token', fields), new RegExp(`Spell the parameter ${spelling} as grant_type`));
  });

  it('is not passed over at /v2/token, where a scope would be left out', async () => {
    expectMalformed(await scene.ask('/v2/token', { ...scene.machine, Scope: 'clients:read' }), /Scope as scope/);
  });

  it('means nothing at /oauth/token', async () => {
    const answer = await scene.ask('/oauth/token', respelled(scene.machine, pascal));
    expect([answer.status, answer.body['error'], answer.body['code']]).toEqual([401, 'invalid_client', undefined]);
  });
});

describe.each(paths)('%s', (path) => {
  const ask = (fields: Text, headers: Text = {}, query = '') => scene.ask(path + query, fields, headers);
  const good = success[path];

  it('ignores an empty Authorization header, and that of an account beside a secret in the body', async () => {
    const headers = [
      { authorization: '' },
      basic(accountSid, 'auth-token'),
      basic(keySid, 'a:b'),
      basic(accountSid, ''),
    ];
    for (const header of headers) expect((await ask(scene.machine, header)).status).toBe(good);
    const stray = { authorization: `Bearer ${scene.house.demo['api_key']}` };
    expect((await ask(scene.machine, stray)).status).toBe(good);
  });

  it('takes the request of the Python client: account credentials, and account_sid in the URL', async () => {
    const account = scene.house.demo['account_sid'] ?? '';
    const answer = await ask(scene.machine, basic(account, 'auth-token'), `?account_sid=${account}&x=1`);
    expect({ status: answer.status, text: answer.status === good ? '' : answer.text }).toEqual({
      status: good,
      text: '',
    });
    const { status } = await ask(scene.machine, {}, `?AccountSid=${account}`);
    expect([path, status]).toEqual([path, path === '/v1/token' ? 201 : 400]);
  });

  it('does not take the credentials of an account for those of a client', async () => {
    for (const user of [accountSid, keySid]) {
      for (const more of [{}, { client_id: scene.house.demo.client_id }, { client_secret: '' }]) {
        const answer = await ask({ grant_type: 'client_credentials', ...more }, basic(user, 'x'));
        expectRefusal(answer, 401, 'invalid_client', 20003, /not a client/);
      }
    }
  });

  it('refuses two ways of saying which client asks', async () => {
    const { client_id: id, client_secret: secret } = scene.house.demo;
    const encoded = `%41${accountSid.slice(1)}`;
    const users = [id, `OQ${'0'.repeat(32)}`, `ac${accountSid.slice(2)}`, `${accountSid}0`, 'AC1', encoded, ''];
    for (const user of users) {
      const answer = await ask(scene.machine, basic(user, secret));
      expect([user, answer.status, answer.body['error']]).toEqual([user, 400, 'invalid_request']);
      expect(typeof answer.body['code']).toBe('number');
    }
  });

  it('takes the client by HTTP Basic, as anywhere', async () => {
    const { client_id: id, client_secret: secret } = scene.house.demo;
    expect((await ask({ grant_type: 'client_credentials' }, basic(id, secret))).status).toBe(good);
    expectRefusal(
      await ask({ grant_type: 'client_credentials' }, basic(id, 'x')),
      401,
      'invalid_client',
      20003,
      /failed/,
    );
    expectRefusal(await ask({ grant_type: 'x' }), 401, 'invalid_client', 20003, /Authenticate the client/);
  });

  it('takes account_sid from the URL once, and nothing else', async () => {
    const one = `?account_sid=${accountSid}`;
    expectMalformed(await ask({ ...scene.machine, account_sid: accountSid }, {}, one), /in the URL and in the body/);
    expectMalformed(await ask(scene.machine, {}, `${one}&account_sid=${accountSid}`), /once/);
    for (const name of ['scope', 'grant_type', 'client_secret', 'org_id', 'audience', 'subject_token']) {
      expectMalformed(await ask(scene.machine, {}, `?${name}=x`), /not in the URL/);
      expectMalformed(await ask(scene.machine, {}, `${one}&${name}=x`), /not in the URL/);
    }
    expectMalformed(await ask(scene.machine, {}, '?account_sid=a%00b'), /control character/);
    expect((await ask(scene.machine, {}, '?trace=1')).status).toBe(good);
  });

  it('refuses what stands in a request twice', async () => {
    const body = `${new URLSearchParams(scene.machine)}&scope=a&scope=a`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expectMalformed(await send(scene.house.address + path, { method: 'POST', headers, body }), /"scope".*twice/);
  });

  it('takes audience for the resource, one of them or both alike', async () => {
    const { issuer } = scene.house;
    for (const more of [{ audience: issuer }, { resource: issuer }, { audience: issuer, resource: issuer }]) {
      const { body } = await ask({ ...scene.machine, ...more });
      expect(decodeJwt(String(body['access_token'])).aud).toBe(issuer);
    }
    const both = { ...scene.machine, audience: issuer, resource: opaqueResource };
    expectMalformed(await ask(both), /audience and resource name different things/);
  });

  it('tells what the kernel refuses in the same dialect', async () => {
    const url = scene.house.address + path;
    expectRefusal(await send(url), 405, 'invalid_request', 20004, /POST/);
    expectRefusal(await send(url, { method: 'POST', body: 'x' }), 415, 'invalid_request', 20415, /form/);
    expectMalformed(await askWithJson(url, '{'), /JSON/);
    const large = { ...scene.machine, x: 'x'.repeat(100_000) };
    expectRefusal(await ask(large), 413, 'invalid_request', 20413, /bytes/);
  });

  it('answers pages of other origins beforehand, as /oauth/token does', async () => {
    const { status, headers } = await send(scene.house.address + path, { method: 'OPTIONS' });
    expect([status, headers.get('access-control-allow-methods')]).toEqual([204, 'POST']);
  });

  describe('issues no token that a client cannot read, and spends nothing on it:', () => {
    const expectOpaque = (answer: Answer) =>
      expectRefusal(answer, 400, 'invalid_target', 29005, /opaque.*\/oauth\/token/);

    it('for a machine', async () => {
      const { clientId, clientSecret } = await scene.registry.makeClient();
      const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
      expectOpaque(await ask({ ...fields, audience: opaqueResource }));
      expect((await scene.ask('/oauth/token', { ...fields, resource: opaqueResource })).status).toBe(200);
    });

    it.each([
      ['a resource', { scope: 'read', resource: opaqueResource }],
      ['the claims of the user', { scope: 'openid email' }],
    ])('for a code and a refresh token for %s', async (_name, wish) => {
      const { clientId, redirectUri } = scene.app;
      const code = await scene.code(wish);
      const redemption = {
        ...{ grant_type: 'authorization_code', client_id: clientId, code },
        ...{ redirect_uri: redirectUri, code_verifier: verifier },
      };
      expectOpaque(await ask(redemption));
      const redeemed = await scene.ask('/oauth/token', redemption);
      expect(redeemed.status).toBe(200);
      const token = redeemed.body['refresh_token'];
      if (typeof token !== 'string') return;
      const refresh = { grant_type: 'refresh_token', client_id: clientId, refresh_token: token };
      expectOpaque(await ask(refresh));
      const refreshed = await scene.ask('/oauth/token', refresh);
      expect([refreshed.status, refreshed.body['refresh_token'] === token]).toEqual([200, false]);
    });
  });

  it('takes a proof of possession for its own address, and for no other', async () => {
    const key = await makeKey('ES256');
    const { issuer } = scene.house;
    const bound = await ask(scene.machine, { dpop: await prove(key, { url: issuer + path }) });
    expect([bound.status, bound.body['token_type']]).toEqual([good, 'DPoP']);
    expect(decodeJwt(String(bound.body['access_token']))).toHaveProperty('cnf.jkt');
    const other = await ask(scene.machine, { dpop: await prove(key, { url: `${issuer}/oauth/token` }) });
    expectRefusal(other, 400, 'invalid_dpop_proof', 29007, /htu/);
  });
});
