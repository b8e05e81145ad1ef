import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret, newSid } from '../../src/base/index.ts';
import type { WantedScopes } from '../../src/provider/index.ts';
import { within } from '../support/within.ts';
import { type Answered, asBearer, type Frontend, openFrontend } from './frontend.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let frontend: Frontend;
let organization: string;
let ada: string;

beforeAll(async () => {
  stage = await openStage();
  frontend = openFrontend(stage);
  organization = await stage.cast.makeOrganization('North');
  ada = await stage.cast.makeUser('ada@example.com', organization);
});
afterAll(() => stage.close());

/** A good access token of the user for this server's API, unless the wish says otherwise. */
function accessToken(
  wish: Readonly<Record<string, unknown>> = {},
  claims: Readonly<Record<string, unknown>> = {},
): string {
  const token = newSecret();
  stage.accessTokens.set(token, {
    kind: 'access_token',
    clientId: newSid('client'),
    organizationSid: organization,
    audience: stage.issuer,
    claims: { sub: ada, scope: 'openid admin', ...claims },
    ...wish,
  });
  return token;
}

const api = (): readonly WantedScopes[] => [
  { resource: undefined, scopes: [] },
  { resource: stage.issuer, scopes: ['clients:read'] },
];

/** What one credential is answered for looking, allowing and refusing. */
async function answersTo(credential: string, wanted = api()): Promise<readonly number[]> {
  const looked = await frontend.look(await stage.put({ wanted }), credential);
  const allowed = await frontend.answer(await stage.put({ wanted }), credential, true);
  const refused = await frontend.answer(await stage.put({ wanted }), credential, false);
  return [looked.status, allowed.status, refused.status];
}

describe('a credential that does not count', () => {
  const metadata = () => `resource_metadata="${stage.issuer}/.well-known/oauth-protected-resource"`;

  const algs = 'algs="ES256 ES384 RS256 PS256 EdDSA"';

  function expectChallenge(answered: Answered, error: string): void {
    expect(answered.status).toBe(401);
    expect(answered.headers.get('cache-control')).toBe('no-store');
    const challenge = `Bearer realm="Countersign"${error}, ${metadata()}, DPoP ${algs}`;
    expect(answered.headers.get('www-authenticate')).toBe(challenge);
    expect(answered.body).toMatchObject({ error: 'invalid_token', errors: [{ code: 'invalid_token' }] });
  }

  it('is one that is missing, or sent by another scheme', async () => {
    const put = await stage.put();
    const key = await stage.cast.makeKey(ada, organization, ['admin']);
    const body = JSON.stringify({ allowed: true, consent_token: put.token });
    expectChallenge(await frontend.look(put), '');
    for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${key}`, 'DPoP', key, `Bearer ${key} ${key}`]) {
      expectChallenge(await frontend.send(body, { authorization }), '');
    }
    expect((await frontend.answer(put, key)).status).toBe(200);
  });

  it('is an API key that is unknown, altered or revoked', async () => {
    const key = await stage.cast.makeKey(ada, organization, ['admin']);
    const put = await stage.put();
    for (const wrong of ['x', `${newSid('apiKey')}.${newSecret()}`, `${key}x`, key.slice(0, -1), key.slice(0, 34)]) {
      expectChallenge(await frontend.look(put, wrong), ', error="invalid_token"');
    }
    await stage.database.sql`update api_keys set revoked_at = now() where sid = ${key.slice(0, 34)}`;
    await within(5_000, async () => (await frontend.look(put, key)).status === 401);
    expectChallenge(await frontend.answer(put, key), ', error="invalid_token"');
  });

  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['a refresh token', { kind: 'refresh_token' }, {}],
    ['for another audience', { audience: 'https://api.example/' }, {}],
    ['for no audience', { audience: undefined }, {}],
    ["a machine's own", {}, { sub: 'OQ0123456789abcdef0123456789abcdef' }],
    ['without a subject', {}, { sub: undefined }],
    ['of no organization', { organizationSid: undefined }, {}],
  ])('is an access token that is %s', async (_what, wish, claims) => {
    const put = await stage.put();
    expectChallenge(await frontend.look(put, accessToken(wish, claims)), ', error="invalid_token"');
    expectChallenge(await frontend.answer(put, accessToken(wish, claims)), ', error="invalid_token"');
    expect((await frontend.look(put, accessToken())).status).toBe(200);
  });

  it('is an access token that is bound to a key, without a proof of it, by either scheme', async () => {
    const put = await stage.put();
    const bound = accessToken({}, { cnf: { jkt: 'thumbprint' } });
    for (const scheme of ['Bearer', 'DPoP']) {
      const answered = await frontend.send('{}', { authorization: `${scheme} ${bound}` });
      expect(answered.status).toBe(401);
      expect(answered.headers.get('www-authenticate')).toMatch(/^DPoP realm="Countersign", error="invalid_/);
    }
    expect((await frontend.look(put, accessToken())).status).toBe(200);
  });

  it('is refused before anything is read of the body', async () => {
    expectChallenge(await frontend.send('not json', asBearer('x')), ', error="invalid_token"');
  });
});

describe('what a credential may do', () => {
  const keyOf = (...scopes: readonly string[]) => stage.cast.makeKey(ada, organization, scopes);

  it('is all of it with the scope admin, by API key and by access token', async () => {
    const wanted = [
      { resource: undefined, scopes: ['openid', 'offline_access'] },
      { resource: 'https://api.example/', scopes: ['read'] },
    ];
    expect(await answersTo(await keyOf('admin'), wanted)).toEqual([200, 200, 200]);
    expect(await answersTo(accessToken(), wanted)).toEqual([200, 200, 200]);
  });

  it('is looking with grants:read, and nothing without', async () => {
    expect(await answersTo(await keyOf('grants:read'))).toEqual([200, 403, 403]);
    expect(await answersTo(await keyOf('clients:read', 'clients:write'))).toEqual([403, 403, 403]);
    expect(await answersTo(accessToken({}, { scope: 'grants:read clients:read' }))).toEqual([200, 403, 403]);
    expect(await answersTo(accessToken({}, { scope: undefined }))).toEqual([403, 403, 403]);
  });

  it('is refusing with grants:write, and allowing no more than it has itself', async () => {
    expect(await answersTo(await keyOf('grants:write'))).toEqual([200, 403, 200]);
    expect(await answersTo(await keyOf('grants:write', 'clients:read'))).toEqual([200, 200, 200]);
    expect(await answersTo(accessToken({}, { scope: 'grants:write clients:read' }))).toEqual([200, 200, 200]);
    for (const wanted of [
      [{ resource: stage.issuer, scopes: ['clients:read', 'clients:write'] }],
      [{ resource: stage.issuer, scopes: ['admin'] }],
      [{ resource: undefined, scopes: ['openid'] }],
      [{ resource: 'https://api.example/', scopes: ['clients:read'] }],
    ]) {
      expect(await answersTo(await keyOf('grants:write', 'clients:read'), wanted)).toEqual([200, 403, 200]);
    }
  });

  it('is said in the challenge, where it does not suffice', async () => {
    const put = await stage.put();
    const answered = await frontend.answer(put, await keyOf('grants:write'));
    expect(answered.headers.get('www-authenticate')).toBe('Bearer realm="Countersign", error="insufficient_scope"');
    expect(answered.body).toMatchObject({ error: 'insufficient_scope', errors: [{ code: 'insufficient_scope' }] });
    expect(stage.people.deeds.some(({ id }) => id === put.request.id)).toBe(false);
  });

  it('is not a client allowing its own request, with a token that it got from the user', async () => {
    const put = await stage.put();
    const own = accessToken({ clientId: stage.clientId });
    expect((await frontend.answer(put, own)).status).toBe(403);
    expect((await frontend.answer(put, accessToken())).status).toBe(200);
  });
});
