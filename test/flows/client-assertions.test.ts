import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askWithForm, byAssertion, goodClaims, makeKey, signAssertion, tokenPaths } from '../support/tokens.ts';
import { type AssertionDesk, openAssertionDesk } from './assertion-desk.ts';

let desk: AssertionDesk;
beforeAll(async () => {
  desk = await openAssertionDesk();
});
afterAll(() => desk.close());

const seconds = () => Math.floor(Date.now() / 1000);

describe.each(tokenPaths)('a client assertion sent to %s', (path) => {
  const outcome = (assertion: string, extra?: Readonly<Record<string, string>>) => desk.outcome(path, assertion, extra);
  const withClaims = async (changed: object) =>
    outcome(await desk.signed({ ...goodClaims(desk.id, desk.house.issuer), ...changed }));
  const without = async (name: string) => {
    const { [name]: _left, ...claims } = goodClaims(desk.id, desk.house.issuer);
    return outcome(await desk.signed(claims));
  };

  it('proves the client by either of its keys, with or without client_id beside it', async () => {
    expect(await outcome(await desk.signed())).toBe('token');
    expect(await outcome(await desk.signed(undefined, desk.rsa))).toBe('token');
    expect(await outcome(await desk.signed(), { client_id: desk.id })).toBe('token');
  });

  it('needs no kid and no iat', async () => {
    const { iat: _left, ...claims } = goodClaims(desk.id, desk.house.issuer);
    expect(await outcome(await desk.signed(claims, desk.ec, { kid: undefined }))).toBe('token');
  });

  it.each(['exp', 'jti', 'iss', 'sub', 'aud'])('is refused without %s', async (name) => {
    expect(await without(name)).toBe('401 invalid_client');
  });

  it('must be meant for the issuer alone', async () => {
    const { issuer } = desk.house;
    for (const aud of [
      [issuer],
      [issuer, 'https://other.example'],
      [],
      `${issuer}/`,
      `${issuer}/oauth/token`,
      `${issuer}/v2/oauth/token`,
      'https://other.example',
      issuer.toUpperCase(),
      '',
      0,
      { toString: issuer },
    ]) {
      expect([aud, await withClaims({ aud })]).toEqual([aud, '401 invalid_client']);
    }
  });

  it('may end in at most five minutes, and must not have ended', async () => {
    expect(await withClaims({ exp: seconds() + 298 })).toBe('token');
    for (const exp of [seconds() + 310, seconds() + 3600, seconds() - 10, 0, -1, 1e15, '9999999999', null, [1]]) {
      expect([exp, await withClaims({ exp })]).toEqual([exp, '401 invalid_client']);
    }
  });

  it('is refused before its nbf', async () => {
    expect(await withClaims({ nbf: seconds() + 30 })).toBe('401 invalid_client');
  });

  it('is refused when sub, iss or jti are not what they should be', async () => {
    for (const odd of [7, true, {}, [], [desk.id], { length: 1 }, null, '', 'x'.repeat(2000)]) {
      for (const name of ['sub', 'iss', 'jti']) {
        expect([name, odd, await withClaims({ [name]: odd })]).toEqual([name, odd, '401 invalid_client']);
      }
    }
  });

  it('is refused when it names a client that no database could hold', async () => {
    for (const sub of ['\0', `${desk.id}\0`, '\ud800', '\u202e', "' or 1=1 --", '%', '__proto__']) {
      expect([sub, await withClaims({ sub, iss: sub })]).toEqual([sub, '401 invalid_client']);
    }
  });

  it('is spent by its first use', async () => {
    const assertion = await desk.signed();
    expect(await outcome(assertion)).toBe('token');
    expect(await outcome(assertion)).toBe('401 invalid_client');
    const otherPath = path === tokenPaths[0] ? tokenPaths[1] : tokenPaths[0];
    expect((await askWithForm(desk.house.issuer + otherPath, byAssertion(assertion))).status).toBe(401);
  });

  it('has a jti that is spent with it, for another assertion too', async () => {
    const jti = `once-${path}`;
    expect(await withClaims({ jti })).toBe('token');
    expect(await withClaims({ jti, exp: seconds() + 90 })).toBe('401 invalid_client');
  });

  it('presented twenty times at once gives exactly one token', async () => {
    const assertion = await desk.signed();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(assertion)));
    expect(outcomes.filter((each) => each === 'token')).toHaveLength(1);
    expect(outcomes.filter((each) => each === '401 invalid_client')).toHaveLength(19);
  });

  it('may share its jti with that of another client', async () => {
    const other = await makeKey('ES256');
    const otherId = await desk.makeClient(other);
    const jti = `shared-${path}`;
    expect(await withClaims({ jti })).toBe('token');
    expect(await outcome(await desk.signed({ ...goodClaims(otherId, desk.house.issuer), jti }, other))).toBe('token');
  });

  it('proves nothing for a client that is registered with a secret', async () => {
    const { clientId } = await desk.registry.makeClient();
    expect(await outcome(await desk.signed(goodClaims(clientId, desk.house.issuer)))).toBe('401 invalid_client');
  });

  it('needs its client_assertion_type', async () => {
    const assertion = await desk.signed();
    expect(await outcome(assertion, { client_assertion_type: '' })).toBe('400 invalid_request');
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    expect(await outcome(assertion, { client_assertion_type: saml })).toBe('400 invalid_request');
  });
});

describe('a client with keys', () => {
  it('cannot come with a secret instead', async () => {
    for (const client_secret of ['', 'x', 'kept as a hash']) {
      const fields = { grant_type: 'client_credentials', client_id: desk.id, client_secret };
      expect((await askWithForm(`${desk.house.issuer}/oauth/token`, fields)).status).toBe(401);
    }
  });

  it('cannot be registered with a private key', async () => {
    const jwks = { keys: [{ ...desk.ec.publicJwk, d: 'AAAA' }] };
    await expect(desk.registry.makeClient({ authMethod: 'private_key_jwt', jwks })).rejects.toThrow(/private/);
  });

  it('leaves no jti behind in clear', async () => {
    const claims = { ...goodClaims(desk.id, desk.house.issuer), jti: 'a-jti-to-look-for' };
    expect(
      (await askWithForm(`${desk.house.issuer}/oauth/token`, byAssertion(await signAssertion(desk.ec, claims)))).status,
    ).toBe(200);
    const found = await desk.house.database.sql`select from replays r where r::text like '%a-jti-to-look-for%'`;
    expect(found.count).toBe(0);
  });
});
