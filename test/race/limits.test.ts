import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { sweepOnce } from '../../src/store/sweep.ts';
import { within } from '../support/within.ts';
import { authorize, redeem, refresh, startFamily, tokensOf } from './app.ts';
import { type App, type Cluster, openCluster, redirectUri, scopes } from './cluster.ts';
import { tally } from './volley.ts';

const [narrow, other] = scopes;
const elsewhere = 'https://voice.example/';

let cluster: Cluster;
let app: App;
let address: string;
beforeAll(async () => {
  cluster = await openCluster();
  app = await cluster.makeApp({ allowedScopes: [...scopes, 'read'] });
  [address] = cluster.addresses;
  await cluster.registry.makeResource({ identifier: elsewhere });
});
afterAll(() => cluster.close());

async function isSpent(token: string): Promise<boolean> {
  const [row] = await cluster.database.sql`
    select spent_at is not null as spent from refresh_tokens where id_hash = ${hashSecret(token)}`;
  return row?.['spent'] === true;
}

/** What an access token says; the server's own tests verify its signature. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

const scopesOf = (token: string) => String(claimsOf(token)['scope']).split(' ').sort();

describe('a refresh', () => {
  it('narrows the access token to the scopes that it names, and the next one has them all again', async () => {
    const { refresh: token } = await startFamily(cluster, app);
    const narrowed = tokensOf(await refresh(address, app, token, { scope: narrow }));
    expect(scopesOf(narrowed.access)).toEqual([narrow]);
    const whole = tokensOf(await refresh(address, app, narrowed.refresh));
    expect(scopesOf(whole.access)).toEqual([...scopes]);
  });

  it('never widens: the client may have a scope that the user has not granted', async () => {
    const { desk, user } = cluster;
    const grantId = await desk.makeGrant(app.clientId, user, scopes.join(' '));
    const code = await desk.makeCode({ clientId: app.clientId, user, grantId, scope: narrow, redirectUri });
    const { refresh: token } = tokensOf(await redeem(address, app, { grantId, ...code }));
    expect(tally([await refresh(address, app, token, { scope: scopes.join(' ') })])).toEqual({
      '400 invalid_scope': 1,
    });
    expect(await isSpent(token)).toBe(false);
    const next = tokensOf(await refresh(address, app, token));
    expect(scopesOf(next.access)).toEqual([narrow]);
  });

  it('for another resource than the authorization is refused, and spends nothing', async () => {
    const { refresh: token } = await startFamily(cluster, app);
    const answer = await refresh(address, app, token, { resource: elsewhere });
    expect(tally([answer])).toEqual({ '400 invalid_target': 1 });
    expect(await isSpent(token)).toBe(false);
    const next = tokensOf(await refresh(address, app, token, { resource: cluster.issuer }));
    expect(claimsOf(next.access)['aud']).toBe(cluster.issuer);
  });

  it('with a scope that the client has lost meanwhile is refused, and spends nothing', async () => {
    const losing = await cluster.makeApp();
    const [probe, { refresh: token }] = [await startFamily(cluster, losing), await startFamily(cluster, losing)];
    const ask = (presented: string) => refresh(address, losing, presented, { scope: other });
    await cluster.database.sql`
      update oauth_clients set allowed_scopes = ${[narrow]} where client_id = ${losing.clientId}`;
    await within(2000, async () => (await ask(probe.refresh)).status === 400);
    expect(tally([await ask(token)])).toEqual({ '400 invalid_scope': 1 });
    expect(await isSpent(token)).toBe(false);
    expect(scopesOf(tokensOf(await refresh(address, losing, token)).access)).toEqual([narrow]);
  });
});

describe('what has expired', () => {
  const past = () => Math.floor(Date.now() / 1000) - 1;

  it('is refused as a code while its row is still there', async () => {
    const { desk, user } = cluster;
    const grantId = await desk.makeGrant(app.clientId, user, narrow);
    const wish = { clientId: app.clientId, user, grantId, scope: narrow, redirectUri, expiresAt: past() };
    const made = await desk.makeCode(wish);
    const answer = await redeem(address, app, { grantId, ...made });
    expect(tally([answer])).toEqual({ '400 invalid_grant': 1 });
    const rows = await cluster.database.sql`
      select from artifacts where id_hash = ${hashSecret(made.code)} and consumed_at is null`;
    expect(rows.count).toBe(1);
  });

  it('is refused as a refresh token while its row is still there', async () => {
    const { desk, user } = cluster;
    const grantId = await desk.makeGrant(app.clientId, user, narrow);
    const wish = { clientId: app.clientId, user, grantId, scope: narrow };
    const expired = await desk.makeRefreshToken({ ...wish, expiresAt: past() });
    const live = await desk.makeRefreshToken(wish);
    expect(tally([await refresh(address, app, expired)])).toEqual({ '400 invalid_grant': 1 });
    expect(await isSpent(expired)).toBe(false);
    expect((await refresh(address, app, live)).status).toBe(200);
  });

  it('stays findable for an hour, and then goes', async () => {
    const { sql } = cluster.database;
    const { code } = await authorize(cluster, app);
    const { refresh: token } = await startFamily(cluster, app);
    const expire = async (minutes: number) => {
      const then = sql`now() - make_interval(mins => ${minutes})`;
      await sql`update artifacts set expires_at = ${then} where id_hash = ${hashSecret(code)}`;
      await sql`update refresh_tokens set expires_at = ${then} where id_hash = ${hashSecret(token)}`;
      await sweepOnce(sql);
      const rows = await sql`
        select id_hash from artifacts where id_hash = ${hashSecret(code)}
        union all select id_hash from refresh_tokens where id_hash = ${hashSecret(token)}`;
      return rows.count;
    };
    expect(await expire(59)).toBe(2);
    expect(await expire(61)).toBe(0);
  });
});
