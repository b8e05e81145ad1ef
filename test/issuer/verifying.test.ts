import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { mintTheirs } from '../sdk/jwt/cases.ts';
import { adminOf, dataOf } from '../support/tenancy.ts';
import { within } from '../support/within.ts';
import { makeToken, reasons } from './reasons.ts';
import {
  codeOf,
  encoded,
  forge,
  goodClaims,
  goodHeader,
  type IssuerScene,
  mintedIn,
  openIssuerScene,
  secondsNow,
  verdictOn,
} from './scene.ts';

let scene: IssuerScene;
beforeAll(async () => {
  scene = await openIssuerScene({ CLOCK_TOLERANCE: '5' });
});
afterAll(() => scene.close());

const path = '/v1/access_tokens';
const sid = (prefix: string) => prefix + 'a'.repeat(32);
const make = (claims?: object) => makeToken(scene, claims);
const code = (token: string) => codeOf(scene.minter, token);

describe('an AccessToken that counts', () => {
  const kinds = ['video', 'chat', 'conversations', 'sync', 'voice', 'taskRouter', 'playback'] as const;
  const algorithms = ['HS256', 'HS384', 'HS512'] as const;

  it('may have been made by the real Node SDK, with every grant, algorithm and option', async () => {
    const key = { accountSid: scene.acme.account, keySid: scene.minter.sid, secret: scene.minter.secret };
    for (const algorithm of algorithms) {
      const options = { identity: 444, algorithm, ttl: 86_400, nbf: secondsNow(), region: 'au1' };
      const tokens = [
        ...kinds.map((kind) => mintTheirs({ identity: 'alice', algorithm, grants: [{ kind }] }, key)),
        mintTheirs({ ...options, grants: kinds.map((kind) => ({ kind })) }, key),
      ];
      for (const token of tokens) expect(await code(token)).toBe('valid');
    }
  });

  it('may have the shape that the Python SDK gives it', async () => {
    const now = secondsNow();
    const header = { alg: 'HS256', cty: 'twilio-fpa;v=1', twr: 'ie1', typ: 'JWT' };
    const [iss, sub] = [scene.minter.sid, scene.acme.account];
    const shapes = [
      { grants: { player: null, video: { room: 'r' }, identity: 444 }, nbf: now },
      { grants: {}, nbf: now },
      { grants: { chat: {} } },
    ].map(({ grants, ...more }) => ({ jti: `${iss}-${now}`, grants, iss, exp: now + 3600, ...more, sub }));
    for (const claims of shapes) {
      const verdict = await verdictOn(scene.minter, forge(header, claims, scene.minter.secret));
      expect([verdict.reason, verdict['header'], verdict['payload']]).toEqual([null, header, claims]);
    }
    const first = await verdictOn(scene.minter, forge(header, shapes[0] ?? {}, scene.minter.secret));
    expect(first).toMatchObject({ identity: '444', issued_at: null, not_before: expect.any(String) });
  });

  it('is told with all that is in it', async () => {
    const asked = { identity: 'alice', ttl: 60, grants: { video: { room: 'r' } } };
    const token = mintedIn(await scene.minter.post(path, asked));
    const verdict = await verdictOn(scene.minter, token);
    const iat = (verdict['payload'] as { iat: number }).iat;
    const at = (seconds: number) => new Date(seconds * 1000).toISOString();
    expect(verdict).toEqual({
      valid: true,
      reason: null,
      kind: 'access_token',
      header: goodHeader,
      payload: {
        jti: `${scene.minter.sid}-${iat}`,
        grants: { identity: 'alice', video: { room: 'r' } },
        iat,
        exp: iat + 60,
        iss: scene.minter.sid,
        sub: scene.acme.account,
      },
      api_key_sid: scene.minter.sid,
      account_sid: scene.acme.account,
      identity: 'alice',
      issued_at: at(iat),
      not_before: null,
      expires_at: at(iat + 60),
    });
    expect((await verdictOn(scene.minter, token)).valid).toBe(true);
  });

  it('is verified for whoever may introspect too, and for an organization above', async () => {
    const { makeKey, house } = scene;
    const reader = await makeKey({ scopes: ['tokens:introspect'] });
    const nobody = await makeKey({ scopes: ['accounts:read'] });
    const operator = adminOf(house.address, String(house.demo['api_key']));
    expect([await codeOf(reader, make()), await codeOf(operator, make())]).toEqual(['valid', 'valid']);
    expect((await nobody.post(`${path}/verify`, { token: make() })).status).toBe(403);
  });
});

describe('a token that does not count is told with the one reason:', () => {
  it.each(reasons)('%s', async (_name, make, expected, words) => {
    const verdict = await verdictOn(scene.minter, make(scene));
    expect([verdict.valid, verdict.reason?.code]).toEqual([false, expected]);
    expect(verdict.reason?.message).toMatch(words);
  });

  it('its clock may differ by so many seconds, and no more', async () => {
    const at = (more: object) => code(make({ iat: undefined, ...more }));
    const [gone, here] = [secondsNow() - 3, secondsNow() + 3];
    expect(await Promise.all([at({ exp: gone }), at({ nbf: here }), at({ exp: gone - 10 })])).toEqual([
      'valid',
      'valid',
      'expired',
    ]);
  });

  it('another secret has signed it, be it another key’s, a hash of the secret or none', async () => {
    const { minter, acme } = scene;
    const other = await scene.makeKey();
    const claims = goodClaims(minter, acme.account);
    for (const secret of [other.secret, minter.key, minter.sid, '', scene.authToken]) {
      expect(await code(forge(goodHeader, claims, secret))).toBe('wrong_signature');
    }
  });

  it('its key was revoked, or its user, account or organization suspended', async () => {
    const { makeKey, acme, house } = scene;
    const { owner, developer } = acme.people;
    const operator = adminOf(house.address, String(house.demo['api_key']));
    const account = dataOf(await owner.post('/accounts', { name: 'Short-lived' }))['sid'] ?? '';
    const key = await makeKey({ account_sid: account });
    const ofDeveloper = await makeKey({ user_sid: developer.user });
    const revoked = await makeKey();
    const tokenOf = (made: typeof key, sub: string) => forge(goodHeader, goodClaims(made, sub), made.secret);
    const told = async (made: typeof key, sub = acme.account) => codeOf(operator, tokenOf(made, sub));
    expect([await told(key, account), await told(ofDeveloper), await told(revoked)]).toEqual([
      'valid',
      'valid',
      'valid',
    ]);
    await owner.delete(`/api_keys/${revoked.sid}`);
    await within(5_000, async () => (await told(revoked)) === 'revoked_key');
    await owner.post(`/accounts/${account}/suspend`);
    await within(5_000, async () => (await told(key, account)) === 'account_suspended');
    await owner.post(`/accounts/${account}/resume`);
    await within(5_000, async () => (await told(key, account)) === 'valid');
    await owner.post(`/users/${developer.user}/suspend`);
    await within(5_000, async () => (await told(ofDeveloper)) !== 'valid');
    expect(['user_suspended', 'revoked_key']).toContain(await told(ofDeveloper));
    await operator.post(`/organizations/${acme.organization}/suspend`);
    await within(5_000, async () => (await told(key, account)) === 'organization_suspended');
    await operator.post(`/organizations/${acme.organization}/resume`);
    await within(5_000, async () => (await told(key, account)) === 'valid');
  });

  it('its key is somebody else’s, which is told as one that does not exist', async () => {
    const { rival } = scene;
    const [keySid = '', secret = ''] = rival.people.owner.key.split('.');
    const good = forge(goodHeader, goodClaims({ sid: keySid }, rival.account), secret);
    expect(await codeOf(rival.people.owner, good)).toBe('valid');
    const nobodys = forge(goodHeader, goodClaims({ sid: sid('SK') }, rival.account), secret);
    const verdicts = await Promise.all([good, nobodys].map((token) => verdictOn(scene.minter, token)));
    expect(verdicts.map(({ valid, reason }) => ({ valid, reason }))).toEqual([
      { valid: false, reason: { code: 'unknown_key', message: expect.any(String) } },
      { valid: false, reason: verdicts[0]?.reason },
    ]);
    const revoked = dataOf(
      await rival.people.owner.post('/api_keys', { name: 'x', account_sid: rival.account, scopes: [] }),
    );
    await rival.people.owner.delete(`/api_keys/${revoked['sid']}`);
    const old = forge(
      goodHeader,
      goodClaims({ sid: String(revoked['sid']) }, rival.account),
      String(revoked['secret']),
    );
    expect((await verdictOn(scene.minter, old)).reason).toEqual(verdicts[0]?.reason);
  });
});

describe('whatever is sent to be verified', () => {
  it('has its parts told as far as they can be read, and never makes a failure of ours', async () => {
    const half = await verdictOn(scene.minter, `${encoded({ alg: 'x' })}.$.y`);
    expect([half.reason?.code, half['header'], half['payload']]).toEqual(['malformed', { alg: 'x' }, null]);
    const deep = `${'['.repeat(1500)}${']'.repeat(1500)}`;
    const odd = [
      `${encoded(`{"a":${deep}}`)}.${encoded(`{"iss":${deep}}`)}.x`,
      forge(goodHeader, { exp: 8.7e15, nbf: -1, iat: 5e-324, iss: 'SK', sub: 'AC'.repeat(2000), grants: {} }, 'x'),
      forge(goodHeader, '{"iss":"\\ud800","__proto__":{"valid":true},"exp":1}', 'x'),
      '\u0000',
      '💥.💥.💥',
      '.',
      '..',
      'a'.repeat(16_384),
    ];
    for (const token of odd) expect((await verdictOn(scene.minter, token)).valid).toBe(false);
  });

  it.each([
    [{}, 'is required'],
    [{ token: 5 }, 'must be a string'],
    [{ token: '' }, 'must not be empty'],
    [{ token: 'a'.repeat(16_385) }, 'must have at most 16384 characters'],
    [{ token: 'a', secret: 'b' }, 'is not known here'],
  ])('is a token, and nothing else %#', async (body, rule) => {
    const answer = await scene.minter.post(`${path}/verify`, body);
    expect([answer.status, (answer.body['errors'] as Array<{ detail: string }>)[0]?.detail]).toEqual([422, rule]);
  });

  it('that is a capability token is told to be one', async () => {
    const capability = new twilio.jwt.ClientCapability({ accountSid: scene.acme.account, authToken: scene.authToken });
    expect(await verdictOn(scene.minter, capability.toJwt())).toMatchObject({
      kind: null,
      reason: { code: 'wrong_type', message: expect.stringContaining('not an AccessToken') },
    });
  });
});
