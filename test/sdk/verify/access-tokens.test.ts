import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import twilio from 'twilio';
import { AccessToken } from '../../../src/sdk/jwt/index.ts';
import { type AccessTokenOptions, InvalidArgumentError, verifyAccessToken } from '../../../src/sdk/verify/index.ts';
import { errorOf, refusalOf } from './refusal.ts';

const accountSid = `AC${'1'.repeat(32)}`;
const keySid = `SK${'1'.repeat(32)}`;
const secret = 'the secret of an API key';
const keys = new Map([
  [keySid, { accountSid, secret }],
  [`SK${'2'.repeat(32)}`, { accountSid, secret: 'another secret', algorithm: 'HS512' as const }],
]);
const options: AccessTokenOptions = { findKey: async (sid) => keys.get(sid) };
const verify = (token: string, changes: Partial<AccessTokenOptions> = {}) =>
  verifyAccessToken(token, { ...options, ...changes });

const seconds = () => Math.floor(Date.now() / 1000);

/** A token with something else in it than the classes allow. */
function forge(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = secret) {
  const iat = seconds();
  const good = {
    jti: `${keySid}-${iat}`,
    iss: keySid,
    sub: accountSid,
    iat,
    exp: iat + 3600,
    grants: { identity: 'alice' },
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1', ...header })
    .sign(new TextEncoder().encode(by));
}

describe('an AccessToken', () => {
  it.each([
    ['of this library', AccessToken],
    ['of the twilio package', twilio.jwt.AccessToken as unknown as typeof AccessToken],
  ])('%s is read', async (_name, Token) => {
    const token = new Token(accountSid, keySid, secret, { identity: 'alice', ttl: 600, region: 'us1' });
    token.addGrant(new Token.VideoGrant({ room: 'stand-up' }));
    expect(await verify(token.toJwt())).toEqual({
      id: expect.stringMatching(`^${keySid}-\\d+$`),
      keySid,
      accountSid,
      identity: 'alice',
      expiresAt: expect.closeTo(seconds() + 600, -1),
      region: 'us1',
      grants: { video: { room: 'stand-up' } },
    });
  });

  it('as the Python package writes it is read', async () => {
    const nbf = seconds();
    const token = await forge({ nbf, grants: { identity: 'bob', voice: { incoming: { allow: true } } } });
    expect(await verify(token)).toMatchObject({ identity: 'bob', grants: { voice: { incoming: { allow: true } } } });
  });

  it('is signed with the algorithm of its key and no other', async () => {
    const token = (sid: string, by: string, algorithm: 'HS256' | 'HS512') =>
      new AccessToken(accountSid, sid, by, { identity: 'alice' }).toJwt(algorithm);
    const second = `SK${'2'.repeat(32)}`;
    await verify(token(second, 'another secret', 'HS512'));
    expect(await refusalOf(verify(token(second, 'another secret', 'HS256')))).toBe('401 invalid_token algorithm');
    expect(await refusalOf(verify(token(keySid, secret, 'HS512')))).toBe('401 invalid_token algorithm');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT","cty":"twilio-fpa;v=1"}').toString('base64url')}`;
    const [, payload] = token(keySid, secret, 'HS256').split('.');
    expect(await refusalOf(verify(`${none}.${payload}.`))).toBe('401 invalid_token algorithm');
  });

  const refusals: ReadonlyArray<readonly [string, () => Promise<string>, string]> = [
    ['of an unknown or revoked key', () => forge({ iss: `SK${'9'.repeat(32)}` }), 'key'],
    ['of a key with a name from elsewhere', () => forge({ iss: 'https://issuer.example' }), 'key'],
    ['of no key', () => forge({ iss: undefined }), 'key'],
    ['signed by somebody else', () => forge({}, {}, 'a guess'), 'signature'],
    ['for an account that is not the key’s', () => forge({ sub: `AC${'2'.repeat(32)}` }), 'account'],
    ['that is another kind of JWT', () => forge({}, { cty: undefined }), 'type'],
    ['that is an access token of OAuth', () => forge({}, { typ: 'at+jwt' }), 'type'],
    ['that never ends', () => forge({ exp: undefined }), 'claim'],
    ['that lives too long', () => forge({ exp: seconds() + 90_000 }), 'claim'],
    ['without grants', () => forge({ grants: undefined }), 'claim'],
    ['whose grants are a list', () => forge({ grants: [] }), 'claim'],
    ['that expired', () => forge({ iat: seconds() - 100, exp: seconds() - 20 }), 'expired'],
    ['that counts later', () => forge({ nbf: seconds() + 100 }), 'not_yet_valid'],
    ['from the future', () => forge({ iat: seconds() + 1000, exp: seconds() + 2000 }), 'not_yet_valid'],
    ['with a nbf that is no number', () => forge({ nbf: 'soon' as never }), 'claim'],
    ['that is nonsense', async () => 'nonsense', 'malformed'],
    ['that is endless', async () => `${'a'.repeat(100_000)}.b.c`, 'malformed'],
  ];
  it.each(refusals)('is refused %s', async (_name, make, reason) => {
    expect(await refusalOf(verify(await make()))).toBe(`401 invalid_token ${reason}`);
  });

  it('is refused in plain words, with a challenge to answer with', async () => {
    const now = Date.now() - (Date.now() % 1000);
    const token = await forge({ iat: now / 1000 - 100, exp: now / 1000 - 12 });
    const error = await errorOf(verify(token, { now: () => now }));
    expect(error?.message).toBe('The token expired 12 s ago.');
    expect(error?.challenge).toBe('Bearer error="invalid_token", error_description="The token expired 12 s ago."');
    expect(await refusalOf(verify(token, { now: () => now, clockTolerance: 15 }))).toBe('passed');
  });

  it('cannot be judged when keys cannot be found: that error is thrown on', async () => {
    const findKey = () => Promise.reject(new Error('no database'));
    await expect(verify(await forge(), { findKey })).rejects.toThrow('no database');
    await expect(verify(await forge(), { findKey: undefined as never })).rejects.toThrow(InvalidArgumentError);
    await expect(verify(await forge(), { findKey: () => ({ accountSid, secret: '' }) })).rejects.toThrow('secret');
    await expect(verify(7 as never)).rejects.toThrow('token must be a string');
  });
});
