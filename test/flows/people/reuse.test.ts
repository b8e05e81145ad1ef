import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { hashSecret } from '../../../src/base/index.ts';
import { expectEnded, live, refreshes, standingOf } from './life.ts';
import { type App, obtain, openTown, prepare, refreshTokenOf, resource, type Tokens, type Town } from './town.ts';

let town: Town;
let app: App;
let other: App;
beforeAll(async () => {
  town = await openTown({ REFRESH_TOKEN_TTL: '600', REFRESH_TOKEN_IDLE_TTL: '300' });
  app = await town.makeApp();
  other = await town.makeApp();
});
afterAll(() => town.close());

const sql = () => town.house.database.sql;

describe('what is used twice', () => {
  const events = (tokens: Tokens) => sql()<
    Array<{ detail: object; actor: string; organization: string; address: string; request: string }>
  >`
    select detail, actor_id as actor, organization_sid as organization, address,
      request_id as request
    from audit_events
    where action = 'token.reuse_detected' and target_id = ${String(decodeJwt(tokens.access_token)['fam'])}`;

  it('as a code ends its family, which is recorded once', async () => {
    const resident = await town.residents.makeUser();
    const person = town.browserOf(resident);
    const { parameters, checks } = await prepare(app, { scope: 'read', resource });
    const url = await person.authorize(parameters);
    const redeem = () => openid.authorizationCodeGrant(app.config, url, checks);
    const tokens = await redeem();
    const later = await obtain(app, person, { scope: 'read', resource });
    for (let again = 0; again < 3; again += 1) await expect(redeem()).rejects.toMatchObject({ error: 'invalid_grant' });
    await expectEnded(app, tokens);
    expect(await events(tokens)).toEqual([
      {
        detail: { what: 'authorization_code', user: resident.sid },
        actor: app.clientId,
        organization: town.house.demo.organization_sid,
        address: '127.0.0.1',
        request: expect.stringMatching(/./),
      },
    ]);
    // Another authorization of the same client and user is another family.
    expect(await standingOf(app, later)).toBe('lives');
    expect(await events(later)).toEqual([]);
  });

  it('as a refresh token past the window ends its family, which is recorded once', async () => {
    const { mine } = await live(town, app, other);
    const next = await openid.refreshTokenGrant(app.config, refreshTokenOf(mine));
    await sql()`
      update refresh_tokens set spent_at = spent_at - interval '11 seconds'
      where id_hash = ${hashSecret(refreshTokenOf(mine))}`;
    for (let again = 0; again < 2; again += 1) expect(await refreshes(app, mine)).toBe('invalid_grant');
    await expectEnded(app, next);
    expect(await events(mine)).toMatchObject([
      { detail: { what: 'refresh_token' }, actor: app.clientId, address: '127.0.0.1', request: expect.any(String) },
    ]);
  });

  it('within the window is not recorded, nor is a client that signs out or revokes', async () => {
    const { person, mine, others } = await live(town, app, other);
    await openid.refreshTokenGrant(app.config, refreshTokenOf(mine));
    expect(await refreshes(app, mine)).toBe(true);
    await openid.tokenRevocation(other.config, refreshTokenOf(others));
    const online = await obtain(app, person, { scope: 'read', resource });
    await person.signOut();
    await expectEnded(app, online);
    expect([...(await events(mine)), ...(await events(others)), ...(await events(online))]).toEqual([]);
  });
});

describe('a refresh token', () => {
  const { now } = Date;
  afterEach(() => {
    Date.now = now;
  });
  const travel = (seconds: number) => {
    const before = Date.now;
    Date.now = () => before() + seconds * 1000;
  };

  it('ends when nobody uses it', async () => {
    const { mine } = await live(town, app, other);
    travel(290);
    const next = await openid.refreshTokenGrant(app.config, refreshTokenOf(mine));
    travel(301);
    expect(await refreshes(app, next)).toBe('invalid_grant');
  });

  it('ends with its authorization, however often it is used', async () => {
    let { mine: tokens } = await live(town, app, other);
    for (let used = 0; used < 3; used += 1) {
      travel(190);
      tokens = await openid.refreshTokenGrant(app.config, refreshTokenOf(tokens));
    }
    travel(40);
    expect(await refreshes(app, tokens)).toBe('invalid_grant');
  });
});
