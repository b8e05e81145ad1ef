import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LiveBearer } from '../../src/access/index.ts';
import { newSecret, newSid } from '../../src/base/index.ts';
import { basic } from '../support/tokens.ts';
import { type Office, openOffice } from './office.ts';

let office: Office;
let organization: string;
let ada: string;
beforeAll(async () => {
  office = await openOffice();
  organization = await office.cast.makeOrganization('North');
  ada = await office.cast.makeUser('ada@example.com', organization);
});
afterAll(() => office.close());

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
const userToken = (wish: object = {}, claims: object = {}) => {
  const token = newSecret();
  office.accessTokens.set(token, {
    kind: 'access_token',
    clientId: newSid('client'),
    organizationSid: organization,
    audience: office.issuer,
    claims: { sub: ada, scope: 'admin', ...claims },
    ...wish,
  });
  return token;
};

/** What somebody is answered who looks at signing keys, and who rotates them. */
async function answersTo(headers: Readonly<Record<string, string>>): Promise<readonly number[]> {
  const [seen, rotated] = [
    await office.ask('GET', '/signing_keys', headers),
    await office.ask('POST', '/signing_keys', headers),
  ];
  return [seen.status, rotated.status];
}

describe('an API key', () => {
  it('is taken as a Bearer and by HTTP Basic, and under /v2', async () => {
    const key = await office.cast.makeKey(ada, organization, ['admin']);
    const [sid = '', secret = ''] = key.split('.');
    for (const headers of [bearer(key), basic(sid, secret), { authorization: `bearer  ${key}` }]) {
      const answer = await office.ask('GET', '/v2/signing_keys', headers);
      expect([answer.status, answer.body]).toEqual([200, { data: { kind: 'api_key', id: sid, role: 'owner' } }]);
    }
  });

  it('is refused with a challenge when it is wrong, by every scheme', async () => {
    const key = await office.cast.makeKey(ada, organization, ['admin']);
    const [sid = ''] = key.split('.');
    const wrong = ['x', `${sid}.`, sid, `${key}x`, `${newSid('apiKey')}.${newSecret()}`];
    const all = [...wrong.map(bearer), basic(sid, 'wrong'), basic('', ''), basic(sid, '')];
    for (const headers of all) {
      const answer = await office.ask('GET', '/signing_keys', headers);
      expect([answer.status, answer.body]).toMatchObject([
        401,
        { error: 'invalid_token', errors: [{ code: 'invalid_token' }] },
      ]);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="Countersign", error="invalid_token", resource_metadata=/,
      );
    }
  });

  it('is no token: by DPoP it is refused', async () => {
    const key = await office.cast.makeKey(ada, organization, ['admin']);
    const answer = await office.ask('GET', '/signing_keys', { authorization: `DPoP ${key}` });
    expect(answer.status).toBe(401);
  });

  it('is asked for where nothing readable is sent, with both challenges', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Basic !!',
      `Basic ${Buffer.from('nocolon').toString('base64')}`,
      'Digest x',
    ]) {
      const { status, headers } = await office.ask(
        'GET',
        '/signing_keys',
        authorization === '' ? {} : { authorization },
      );
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="Countersign", resource_metadata="${office.issuer}/.well-known/oauth-protected-resource", DPoP algs="ES256 ES384 RS256 PS256 EdDSA"`,
      );
    }
  });
});

describe('an access token', () => {
  it('speaks for its user, or for its client where there is none', async () => {
    const byUser = await office.ask('GET', '/signing_keys', bearer(userToken()));
    expect(byUser.body).toEqual({ data: { kind: 'user', id: ada, role: 'owner' } });
    const clientId = newSid('client');
    const machine = userToken({ clientId }, { sub: clientId, scope: 'keys:read' });
    const byClient = await office.ask('GET', '/signing_keys', bearer(machine));
    expect(byClient.body).toEqual({ data: { kind: 'client', id: clientId, role: null } });
    expect(await answersTo(bearer(machine))).toEqual([200, 403]);
  });

  it('is not taken by HTTP Basic, cut in two', async () => {
    const token = `${newSecret()}.${newSecret()}`;
    office.accessTokens.set(token, office.accessTokens.get(userToken()) as LiveBearer);
    const [left = '', right = ''] = token.split('.');
    expect(await answersTo(bearer(token))).toEqual([200, 201]);
    expect(await answersTo(basic(left, right))).toEqual([401, 401]);
  });

  it.each([
    ['a refresh token', { kind: 'refresh_token' }, {}],
    ['for another audience', { audience: 'https://api.example/' }, {}],
    ['of no organization', { organizationSid: undefined }, {}],
    ['without a subject', {}, { sub: undefined }],
  ])('is refused when it is %s', async (_what, wish, claims) => {
    expect(await answersTo(bearer(userToken(wish, claims)))).toEqual([401, 401]);
  });
});

describe('a role', () => {
  it.each([
    ['owner', [200, 201]],
    ['admin', [200, 201]],
    ['developer', [200, 403]],
    ['viewer', [200, 403]],
  ])('%s decides what an admin credential of its user may do with signing keys', async (role, expected) => {
    const user = await office.cast.makeUser(`${role}@example.com`, organization);
    await office.setRole(user, organization, role);
    const key = await office.cast.makeKey(user, organization, ['admin']);
    expect(await answersTo(bearer(key))).toEqual(expected);
    expect(await answersTo(bearer(userToken({}, { sub: user })))).toEqual(expected);
  });

  it('counts at once when it changes, and is gone with the membership', async () => {
    const user = await office.cast.makeUser('bea@example.com', organization);
    const token = userToken({}, { sub: user });
    expect(await answersTo(bearer(token))).toEqual([200, 201]);
    await office.setRole(user, organization, 'viewer');
    expect(await answersTo(bearer(token))).toEqual([200, 403]);
    await office.cast.leave(user, organization);
    expect(await answersTo(bearer(token))).toEqual([403, 403]);
  });

  it('gives nothing that the credential has not', async () => {
    const key = await office.cast.makeKey(ada, organization, ['clients:read']);
    const answer = await office.ask('GET', '/signing_keys', bearer(key));
    expect([answer.status, answer.body]).toMatchObject([403, { error: 'insufficient_scope' }]);
  });
});
