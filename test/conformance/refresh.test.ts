import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { type Answer, makeKey, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { asClient, isActive } from '../tokens/questions.ts';
import { prove } from './proofs.ts';
import { callback, openScene, type Scene } from './scene.ts';
import { formTo, openVisitor } from './visitor.ts';

const idle = 600;
const longest = 3600;

let scene: Scene;
let desk: Desk;
beforeAll(async () => {
  scene = await openScene({ REFRESH_TOKEN_IDLE_TTL: String(idle), REFRESH_TOKEN_TTL: String(longest) });
  desk = await openDesk(scene.house.database, scene.house.issuer, scene.house.dataDir);
});
afterAll(async () => {
  await desk.close();
  await scene.close();
});

const outcome = ({ status, body }: Answer) => [status, body['error']];
const refused = [400, 'invalid_grant'];
const refreshTokenOf = ({ body }: Answer) => String(body['refresh_token']);

/** Seconds that a refresh token has left. */
async function secondsLeft(token: string): Promise<number> {
  const [row] = await scene.house.database.sql`
    select extract(epoch from expires_at - now())::float8 as left from refresh_tokens where id_hash = ${hashSecret(token)}`;
  return row?.['left'];
}

describe('refresh tokens', () => {
  it('39: of a public client are rotated, and with DPoP bound to its key', async () => {
    const { clientId } = await scene.registry.makeClient({
      clientType: 'public',
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      allowedScopes: ['clients:read'],
      redirectUris: [callback],
    });
    const me = { client_id: clientId };
    const first = refreshTokenOf(await scene.redeem(await scene.code(me), me));
    const second = refreshTokenOf(await scene.refresh(first, me));
    expect(second).toMatch(/^[\w-]{43}$/);
    expect(second).not.toBe(first);
    expect((await scene.refresh(second, me)).status).toBe(200);
    expect(outcome(await scene.refresh(first, me))).toEqual(refused);

    const [own, foreign] = [await makeKey('ES256'), await makeKey('ES256')];
    const dpop = (key: typeof own) => prove(key, { url: `${scene.house.issuer}/oauth/token` });
    const bound = refreshTokenOf(await scene.redeem(await scene.code(me), me, { dpop: await dpop(own) }));
    expect(outcome(await scene.refresh(bound, me))).toEqual(refused);
    expect(outcome(await scene.refresh(bound, me, { dpop: await dpop(foreign) }))).toEqual(refused);
    expect((await scene.refresh(bound, me, { dpop: await dpop(own) })).status).toBe(200);
  });

  it('44: end when nobody uses them, and with their authorization however often they are used', async () => {
    const { app } = scene;
    const first = refreshTokenOf(await scene.redeem(await scene.code()));
    expect(await secondsLeft(first)).toBeLessThanOrEqual(idle);
    expect(await secondsLeft(first)).toBeGreaterThan(idle - 30);

    const now = Math.floor(Date.now() / 1000);
    const user = await desk.makeUser();
    const grantId = await desk.makeGrant(app.clientId, user, 'clients:read');
    const client = await desk.provider.Client.find(app.clientId);
    const make = (iiat: number, exp: number) => {
      const details = { accountId: user, client, grantId, scope: 'clients:read', resource: scene.house.issuer };
      const more = { gty: 'authorization_code', iiat, exp, rotations: 0 };
      return new desk.provider.RefreshToken({ ...details, ...more } as never).save();
    };
    const old = await scene.refresh(await make(now - longest + 100, now + idle));
    tokenOf(old);
    expect(await secondsLeft(refreshTokenOf(old))).toBeLessThanOrEqual(100);
    expect(outcome(await scene.refresh(await make(now, now - 1)))).toEqual(refused);
  });

  it('45: end with the sign-out in their browser, but for offline access, and so do access tokens', async () => {
    const { house, request, redeem, refresh, app } = scene;
    const person = openVisitor(house);
    const allow = async (scope: string, prompt = '') => {
      const { told } = await person.authorize(request({ scope, prompt }));
      return redeem(String(told['code']));
    };
    const [online, offline] = [await allow('clients:read'), await allow('openid offline_access', 'consent')];
    const active = (answer: Answer) => isActive(house.address, tokenOf(answer), asClient(app));
    expect([await active(online), await active(offline)]).toEqual([true, true]);
    await person.send(formTo(await person.get('/oauth/logout'), '/confirm'), { logout: 'yes' });
    await within(1000, async () => !(await active(online)));
    expect(outcome(await refresh(refreshTokenOf(online)))).toEqual(refused);
    expect((await refresh(refreshTokenOf(offline))).status).toBe(200);
    expect((await person.authorize(request({ prompt: 'none' }))).told['error']).toBe('login_required');
  });
});
