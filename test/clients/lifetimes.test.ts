import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { obtain, opaqueResource, openTown, refreshTokenOf, resource, type Town } from '../flows/people/town.ts';
import { type Desk, openDesk } from '../support/management.ts';
import { askWithForm, basic, grant } from '../support/tokens.ts';
import { within } from '../support/within.ts';

let town: Town;
let desk: Desk;
beforeAll(async () => {
  town = await openTown();
  desk = openDesk(town.house, town.house.demo['api_key']);
  await town.registry.makeResource({ identifier: 'https://short.example/', accessTokenTtl: 100 });
});
afterAll(() => town.close());

type Client = { readonly clientId: string; readonly clientSecret: string };

/** What a request for a machine's token is answered with. @param headers any beyond the usual leave it to the library. */
const lifeOf = async (
  { clientId, clientSecret }: Client,
  asked: string,
  headers: Readonly<Record<string, string>> = {},
) => {
  const url = `${town.house.issuer}/oauth/token`;
  const own = { ...basic(clientId, clientSecret), ...headers };
  return (await askWithForm(url, { ...grant, resource: asked }, own)).body['expires_in'];
};

const viaLibrary = { origin: 'https://app.example' };

describe('the lifetime of a machine’s access tokens', () => {
  it('is the server’s, the client’s in its place, or a shorter one of the resource', async () => {
    const client = await town.registry.makeClient({ webOrigins: ['https://app.example'] });
    const lives = async () => {
      const resources = [resource, opaqueResource, 'https://short.example/'];
      const ways = [{}, viaLibrary].flatMap((headers) => resources.map((asked) => lifeOf(client, asked, headers)));
      return (await Promise.all(ways)).join(' ');
    };
    expect(await lives()).toBe('3600 3600 100 3600 3600 100');
    for (const [access_token_ttl, expected] of [
      [90, '90 90 90 90 90 90'],
      [86_400, '86400 86400 100 86400 86400 100'],
      [null, '3600 3600 100 3600 3600 100'],
    ] as const) {
      const path = `/oauth_clients/${client.clientId}`;
      expect((await desk.put(path, { access_token_ttl })).status).toBe(200);
      await within(10_000, async () => (await lives()) === expected);
    }
  });

  it('is what the token itself says, and introspection', async () => {
    const { clientId, clientSecret } = await town.registry.makeClient({ accessTokenTtl: 70 });
    for (const asked of [resource, opaqueResource]) {
      const url = `${town.house.issuer}/oauth/token`;
      const { body } = await askWithForm(url, { ...grant, resource: asked }, basic(clientId, clientSecret));
      const token = String(body['access_token']);
      const found = await askWithForm(
        `${town.house.issuer}/oauth/introspect`,
        { token },
        basic(clientId, clientSecret),
      );
      expect([found.body['active'], Number(found.body['exp']) - Number(found.body['iat'])]).toEqual([true, 70]);
    }
  });
});

describe('the lifetime of a user’s tokens', () => {
  /** Seconds that the newest refresh token of a client lives, and its family. */
  const kept = async (clientId: string) => {
    const [row] = await town.house.database.sql<Array<{ token: number; family: number }>>`
      select extract(epoch from t.expires_at - t.created_at)::int as token,
        extract(epoch from f.expires_at - f.created_at)::int as family
      from refresh_tokens t join families f on f.id_hash = t.family_hash
      where t.client_id = ${clientId} order by t.created_at desc limit 1`;
    return row ?? { token: 0, family: 0 };
  };
  const day = 86_400;

  it.each([
    ['without OpenID Connect', 'read'],
    ['with OpenID Connect', 'openid offline_access read'],
  ])('is the client’s at the code and at each refresh, %s', async (_how, scope) => {
    const app = await town.makeApp({ accessTokenTtl: 80, refreshTokenTtl: 600 });
    const prompt = scope === 'read' ? {} : { prompt: 'consent' };
    const tokens = await obtain(app, town.browserOf(), { scope, resource, ...prompt });
    expect(tokens.expires_in).toBe(80);
    expect((await kept(app.clientId)).token).toBeGreaterThan(590);
    expect((await kept(app.clientId)).token).toBeLessThanOrEqual(600);
    const refreshed = await openid.refreshTokenGrant(app.config, refreshTokenOf(tokens));
    expect(refreshed.expires_in).toBe(80);
    expect((await kept(app.clientId)).token).toBeGreaterThan(500);
    expect((await kept(app.clientId)).token).toBeLessThanOrEqual(600);
  });

  it('may be longer than the server’s own, and then the authorization lasts as long', async () => {
    const app = await town.makeApp({ refreshTokenTtl: 180 * day });
    await obtain(app, town.browserOf(), { scope: 'read', resource });
    const { family } = await kept(app.clientId);
    expect(family).toBeGreaterThan(180 * day - 60);
  });

  it('of a token for the userinfo endpoint alone is the client’s too', async () => {
    const app = await town.makeApp({ accessTokenTtl: 75 });
    expect((await obtain(app, town.browserOf(), { scope: 'openid' })).expires_in).toBe(75);
  });
});
