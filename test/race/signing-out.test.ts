import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret, newSecret, newSid } from '../../src/base/index.ts';
import { endSession } from '../../src/provider/storage/sessions-store.ts';
import { insertAuthorization } from '../../src/provider/storage/store.ts';
import { type Answer, send } from '../support/tokens.ts';
import { redeem } from './app.ts';
import { browserAt, codeOf, requestOf } from './browsing.ts';
import { type App, type Cluster, openCluster, redirectUri } from './cluster.ts';
import { keepFigures } from './figures.ts';
import { parallel, patience, rounds } from './scale.ts';
import { redirected, tally, volley } from './volley.ts';

const figures = keepFigures();
let cluster: Cluster;
let app: App;
beforeAll(async () => {
  cluster = await openCluster();
  app = await cluster.makeApp();
});
afterAll(async () => {
  figures.print('Signing out, two server processes');
  await cluster.close();
});

const sql = () => cluster.database.sql;

/** A signed-in browser whose owner has allowed the app everything. */
async function signIn() {
  const person = browserAt(cluster, cluster.addresses[0]);
  await person.authorize(requestOf(app).parameters);
  return { person };
}

/** Of codes that were made just before the sign-out none gives a token after it. */
async function expectWorthless(answers: readonly Answer[], requests: ReadonlyArray<{ readonly verifier: string }>) {
  for (const [index, { headers }] of answers.entries()) {
    const location = headers.get('location') ?? '';
    const verifier = requests[index]?.verifier ?? '';
    const code = location.startsWith(redirectUri) ? codeOf(new URL(location), verifier) : undefined;
    if (code === undefined) continue;
    expect(tally([await redeem(cluster.addresses[index % 2] ?? '', app, code)])).toEqual({ '400 invalid_grant': 1 });
  }
}

describe('a session that is signed out of', () => {
  it(
    'does not come back by requests that were under way, nor do tokens that hang on it',
    async () => {
      figures.start('sign-out among requests');
      for (let round = 0; round < rounds; round += 1) {
        const { person } = await signIn();
        const cookie = person.cookies.header('/oauth/authorize');
        const session = person.cookies.values('session')[0] ?? '';
        const page = await person.open('/oauth/logout');
        const requests = Array.from({ length: parallel }, () => requestOf(app));
        let nth = -1;
        const [answers, end] = await Promise.all([
          volley(cluster.addresses, (address) => {
            nth += 1;
            const query = new URLSearchParams(requests[nth]?.parameters);
            return send(`${address}/oauth/authorize?${query}`, { headers: { cookie } });
          }),
          person.answer(page),
        ]);
        figures.round('sign-out among requests', tally(answers));
        expect(end.status).toBe(200);
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        // Nobody is signed in by the cookies of before, at either node.
        expect(await sql()`select from sessions where id_hash = ${hashSecret(session)}`).toHaveLength(0);
        for (const address of cluster.addresses) {
          const query = new URLSearchParams(requestOf(app, { prompt: 'none' }).parameters);
          const silent = await send(`${address}/oauth/authorize?${query}`, { headers: { cookie } });
          expect(redirected(silent)?.get('error')).toBe('login_required');
        }
        await expectWorthless(answers, requests);
        const alive = await sql()`
          select from families f where revoked_at is null and session_uid_hash is not null
            and not exists (select from sessions s where s.uid_hash = f.session_uid_hash)`;
        expect(alive).toHaveLength(0);
      }
    },
    patience,
  );

  it('takes along a family that was being stored at that moment', async () => {
    const { user, database } = cluster;
    const [organization] = await database.sql<Array<{ sid: string }>>`select sid from organizations limit 1`;
    const [consent] = await database.sql<Array<{ id: string }>>`
      insert into grants (id, user_sid, client_id, organization_sid, scopes)
      values (gen_random_uuid(), ${user}, ${app.clientId}, ${organization?.sid ?? newSid('organization')}, '{}') returning id`;
    const [id, uid, family, code] = [newSecret(), newSecret(), newSecret(), newSecret()].map(hashSecret) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    await database.sql`
      insert into sessions (id_hash, uid_hash, user_sid, payload_sealed, expires_at)
      values (${id}, ${uid}, ${user}, '\\x00', now() + interval '1 hour')`;
    const empty = Buffer.alloc(1);
    const ending = await database.sql.begin(async (transaction) => {
      const stored = await insertAuthorization(
        transaction as unknown as Parameters<typeof insertAuthorization>[0],
        {
          kind: 'AuthorizationCode',
          idHash: code,
          familyHash: family,
          clientId: app.clientId,
          userCodeHash: null,
          payloadSealed: empty,
          ttl: 60,
        },
        {
          idHash: family,
          payloadSealed: empty,
          ttl: 60,
          consentId: consent?.id ?? null,
          sessionUidHash: uid,
          signedInUidHash: uid,
        },
      );
      expect(stored).toBe(true);
      const signedOut = endSession(database.sql, id, { address: null, requestId: null });
      await new Promise((resolve) => setTimeout(resolve, 200));
      // In an object, or it would be waited for here.
      return { signedOut };
    });
    await ending.signedOut;
    expect(
      await database.sql`select revoked_at is not null as revoked from families where id_hash = ${family}`,
    ).toEqual([{ revoked: true }]);
    await database.sql`delete from grants where id = ${consent?.id ?? ''}`;
  });
});
