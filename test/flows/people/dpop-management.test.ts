import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { type App, openTown, prepare, type Town } from './town.ts';

describe.each([
  ['without nonces', {}],
  ['with nonces of the server', { DPOP_NONCES: 'true' }],
])("DPoP at this server's own API, %s", (_what, variables) => {
  let town: Town;
  let app: App;
  let keys: Awaited<ReturnType<typeof openid.randomDPoPKeyPair>>;
  beforeAll(async () => {
    town = await openTown(variables);
    app = await town.makeApp();
    keys = await openid.randomDPoPKeyPair('ES256');
  });
  afterAll(() => town.close());

  /** The credential is good, but not for what is asked: whoever gets this far has been recognized. */
  const recognized = 'insufficient_scope';

  async function tokenOf(DPoP: openid.DPoPHandle): Promise<string> {
    const { parameters, checks } = await prepare(app, { scope: 'clients:read', resource: town.house.issuer });
    const url = await town.browserOf().authorize(parameters);
    return (await openid.authorizationCodeGrant(app.config, url, checks, {}, { DPoP })).access_token;
  }

  it('is what a client of ours makes, with one store of nonces for all endpoints', async () => {
    const DPoP = openid.getDPoPHandle(app.config, keys);
    const statuses: number[] = [];
    app.config[openid.customFetch] = async (url, options) => {
      const answer = await fetch(url, options as RequestInit);
      statuses.push(answer.status);
      return answer;
    };
    const token = await tokenOf(DPoP);
    const { issuer } = town.house;
    for (const path of ['/oauth/consent/x', '/v2/oauth/consent/x', '/oauth/consent/x?y=1']) {
      const asked = openid.fetchProtectedResource(app.config, token, new URL(issuer + path), 'GET', null, undefined, {
        DPoP,
      });
      await expect(asked).rejects.toMatchObject({ status: 403, cause: [{ parameters: { error: recognized } }] });
    }
    expect(await tokenOf(DPoP)).toMatch(/\./);
    // A nonce is asked for once. What the token endpoint gives is good here, and the reverse.
    expect(statuses.filter((status) => status === 400 || status === 401)).toHaveLength(
      'DPOP_NONCES' in variables ? 1 : 0,
    );
  });

  it('is demanded: the token is no Bearer', async () => {
    const token = await tokenOf(openid.getDPoPHandle(app.config, keys));
    const answer = await fetch(`${town.house.issuer}/oauth/consent/x`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_token"/);
  });
});
