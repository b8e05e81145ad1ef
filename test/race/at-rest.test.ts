import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { askWithForm, byAssertion, goodClaims, makeKey, signAssertion } from '../support/tokens.ts';
import { type Authorization, authorize, redeem, refresh, startFamily, tokensOf } from './app.ts';
import { type App, type Cluster, openCluster, redirectUri } from './cluster.ts';

const opaque = 'https://opaque.example/';

/** How a value could stand in a row as text: as it is, its bytes in hexadecimal, and what it encodes in hexadecimal. */
function spellings(value: string): string[] {
  const decoded = Buffer.from(value, 'base64url');
  return [value, Buffer.from(value).toString('hex'), ...(decoded.length >= 16 ? [decoded.toString('hex')] : [])];
}

describe('a dump of the database', () => {
  let cluster: Cluster;
  let app: App;
  beforeAll(async () => {
    cluster = await openCluster();
    app = await cluster.makeApp({ allowedScopes: ['accounts:read', 'clients:read', 'read'] });
    await cluster.registry.makeResource({ identifier: opaque, tokenFormat: 'opaque' });
  });
  afterAll(() => cluster.close());

  /** Every row of every table, as PostgreSQL writes it. */
  async function dump(): Promise<string> {
    const { sql } = cluster.database;
    const tables = await sql<Array<{ name: string }>>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    const rows = await Promise.all(
      tables.map(({ name }) => sql<Array<{ line: string }>>`select t::text as line from ${sql(name)} t`),
    );
    return rows.flatMap((table) => table.map(({ line }) => line)).join('\n');
  }

  async function opaqueFamily(): Promise<Authorization> {
    const { desk, user } = cluster;
    const wish = { clientId: app.clientId, user, scope: 'read', resource: opaque };
    const grantId = await desk.makeGrant(app.clientId, user, 'read', opaque);
    return { grantId, ...(await desk.makeCode({ ...wish, grantId, redirectUri })) };
  }

  /** Has one of everything made, and returns the values that a thief of the database would like to have. */
  async function makeEverything(): Promise<Readonly<Record<string, string>>> {
    const [address] = cluster.addresses;
    const unused = await authorize(cluster, app);
    const bound = await opaqueFamily();
    const first = tokensOf(await redeem(address, app, bound));
    const second = tokensOf(await refresh(address, app, first.refresh));
    const ended = await startFamily(cluster, app);
    await askWithForm(`${address}/oauth/revoke`, {
      token: ended.refresh,
      client_id: app.clientId,
      client_secret: app.clientSecret,
    });
    const cookie = await cluster.desk.makeSession(cluster.user, app.clientId, unused.grantId);
    const key = await makeKey('ES256');
    const { clientId } = await cluster.registry.makeClient({ jwks: { keys: [key.publicJwk] } });
    const claims = goodClaims(clientId, cluster.issuer);
    const assertion = await signAssertion(key, claims);
    expect((await askWithForm(`${address}/oauth/token`, byAssertion(assertion))).status).toBe(200);
    const pushed = await askWithForm(`${address}/oauth/par`, {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      response_type: 'code',
      redirect_uri: redirectUri,
      state: 'a-state-that-nobody-else-may-see',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    return {
      'client secret': app.clientSecret,
      'unused code': unused.code,
      'spent code': bound.code,
      'spent refresh token': first.refresh,
      'opaque access token': first.access,
      'successor of a refresh token': second.refresh,
      'opaque access token of a refresh': second.access,
      'revoked refresh token': ended.refresh,
      'JWT access token': ended.access,
      'signature of the JWT': ended.access.split('.')[2] ?? '',
      'id of a family': unused.grantId,
      'session cookie': /^_?\w*session=([^;]+)/.exec(cookie)?.[1] ?? '',
      assertion,
      'jti of the assertion': String(claims.jti),
      'pushed request': String(pushed.body['request_uri']).split(':').pop() ?? '',
      'parameter of the pushed request': 'a-state-that-nobody-else-may-see',
    };
  }

  it('holds no code, token, session, request or identifier in a form that could be presented', async () => {
    const secrets = await makeEverything();
    expect(Object.entries(secrets).filter(([, value]) => value.length < 20)).toEqual([]);
    const text = await dump();
    // The reading finds what is there: the client's own identifier is no secret.
    expect(text).toContain(app.clientId);
    const found = Object.entries(secrets).filter(([, value]) => spellings(value).some((each) => text.includes(each)));
    expect(found).toEqual([]);
  });

  it('holds payloads that differ for equal content, and do not open in another row', async () => {
    const { database, desk, user, addresses } = cluster;
    const { sql } = database;
    const wish = { clientId: app.clientId, user, scope: 'read' };
    const grantId = await desk.makeGrant(app.clientId, user, 'read');
    const [whole, moved] = [
      await desk.makeRefreshToken({ ...wish, grantId }),
      await desk.makeRefreshToken({ ...wish, grantId }),
    ];
    const payloadOf = (token: string) =>
      sql`select payload_sealed from refresh_tokens where id_hash = ${hashSecret(token)}`;
    expect(await payloadOf(moved)).not.toEqual(await payloadOf(whole));
    await sql`
      update refresh_tokens set payload_sealed = (${payloadOf(whole)}) where id_hash = ${hashSecret(moved)}`;
    expect(await payloadOf(moved)).toEqual(await payloadOf(whole));
    const answers = await Promise.all([whole, moved].map((token) => refresh(addresses[0], app, token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 500]);
  });
});
