import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { newSecret } from '../../src/base/index.ts';
import {
  askWithForm,
  byAssertion,
  type ClientKey,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
} from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { authorize, isActive, isDeadEverywhere, redeem, refresh, tokensOf } from './app.ts';
import { browserAt, requestOf } from './browsing.ts';
import { type App, type Cluster, openCluster } from './cluster.ts';
import { keepFigures } from './figures.ts';
import { parallel, patience, rounds } from './scale.ts';
import { redirected, tally, volley } from './volley.ts';

const figures = keepFigures();
const losers = parallel - 1;

/** A proof of possession for the token endpoint (RFC 9449 section 4.2). */
async function prove(key: ClientKey, issuer: string): Promise<string> {
  const { kty, crv, x, y } = key.publicJwk;
  return new SignJWT({ jti: newSecret(), htm: 'POST', htu: `${issuer}/oauth/token` })
    .setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk: { kty, crv, x, y } as never })
    .setIssuedAt()
    .sign(key.privateKey);
}

describe('of many requests at once on two server processes one succeeds', () => {
  let cluster: Cluster;
  let app: App;
  beforeAll(async () => {
    cluster = await openCluster();
    app = await cluster.makeApp();
  });
  afterAll(async () => {
    figures.print('Spending once, two server processes');
    await cluster.close();
  });

  /** Runs a race as often as asked, and writes down its answers. */
  async function race(name: string, round: () => Promise<Readonly<Record<string, number>>>): Promise<void> {
    figures.start(name);
    for (let index = 0; index < rounds; index += 1) figures.round(name, await round());
  }

  it(
    'with a code, and the family of a code used twice ends',
    () =>
      race('authorization code', async () => {
        const authorization = await authorize(cluster, app);
        const answers = await volley(cluster.addresses, (address) => redeem(address, app, authorization));
        const counts = tally(answers);
        expect(counts).toEqual({ '200': 1, '400 invalid_grant': losers });
        const winner = answers.find(({ status }) => status === 200);
        const tokens = tokensOf(winner as NonNullable<typeof winner>);
        await within(2000, () => isDeadEverywhere(cluster, app, tokens.access));
        expect(await isDeadEverywhere(cluster, app, tokens.refresh)).toBe(true);
        const answer = await refresh(cluster.addresses[1], app, tokens.refresh);
        expect(tally([answer])).toEqual({ '400 invalid_grant': 1 });
        return counts;
      }),
    patience,
  );

  it(
    'with the jti of a client assertion',
    async () => {
      const key = await makeKey('ES256');
      const { clientId } = await cluster.registry.makeClient({ jwks: { keys: [key.publicJwk] } });
      await race('client assertion jti', async () => {
        const assertion = await signAssertion(key, goodClaims(clientId, cluster.issuer));
        const answers = await volley(cluster.addresses, (address) =>
          askWithForm(`${address}/oauth/token`, byAssertion(assertion)),
        );
        expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': losers });
        return tally(answers);
      });
    },
    patience,
  );

  it(
    'with the jti of a DPoP proof, and the token is bound to its key',
    async () => {
      const { clientId, clientSecret } = await cluster.registry.makeClient({ authMethod: 'client_secret_post' });
      const key = await makeKey('ES256');
      const fields = { ...grant, client_id: clientId, client_secret: clientSecret };
      await race('DPoP proof jti', async () => {
        const dpop = await prove(key, cluster.issuer);
        const answers = await volley(cluster.addresses, (address) =>
          askWithForm(`${address}/oauth/token`, fields, { dpop }),
        );
        expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': losers });
        const refusal = answers.find(({ status }) => status === 400);
        expect(refusal?.text).not.toContain(dpop);
        return tally(answers);
      });
      const bound = await askWithForm(`${cluster.issuer}/oauth/token`, fields, {
        dpop: await prove(key, cluster.issuer),
      });
      expect(bound.body['token_type']).toBe('DPoP');
      const introspected = await askWithForm(`${cluster.issuer}/oauth/introspect`, {
        ...fields,
        token: String(bound.body['access_token']),
      });
      expect(introspected.body['cnf']).toEqual({ jkt: await calculateJwkThumbprint(key.publicJwk) });
    },
    patience,
  );

  it(
    'with a pushed authorization request, and one code is made',
    async () => {
      const { clientId, clientSecret } = app;
      const codes = async () =>
        (await cluster.database.sql`select from artifacts where kind = 'AuthorizationCode' and client_id = ${clientId}`)
          .count;
      await race('pushed authorization request', async () => {
        const person = browserAt(cluster, cluster.addresses[0]);
        await person.authorize(requestOf(app).parameters);
        const cookie = person.cookies.header('/oauth/authorize');
        const pushed = await askWithForm(`${cluster.issuer}/oauth/par`, {
          ...requestOf(app).parameters,
          client_secret: clientSecret,
        });
        expect(pushed.status).toBe(201);
        const before = await codes();
        const query = new URLSearchParams({ client_id: clientId, request_uri: String(pushed.body['request_uri']) });
        const answers = await volley(cluster.addresses, (address) =>
          send(`${address}/oauth/authorize?${query}`, { headers: { cookie } }),
        );
        // A late one finds the request spent before it knows where to redirect to, so it is told on a page.
        const told = tally(answers);
        const refused = (told['303 invalid_request_uri'] ?? 0) + (told['400 invalid_request_uri'] ?? 0);
        expect([told['303 code'], refused]).toEqual([1, losers]);
        expect(await codes()).toBe(before + 1);
        expect(answers.flatMap((answer) => redirected(answer)?.getAll('code') ?? [])).toHaveLength(1);
        return tally(answers);
      });
    },
    patience,
  );

  it('while a code that is used once keeps its family', async () => {
    const tokens = tokensOf(await redeem(cluster.addresses[0], app, await authorize(cluster, app)));
    for (const address of cluster.addresses) expect(await isActive(address, app, tokens.access)).toBe(true);
    expect((await refresh(cluster.addresses[1], app, tokens.refresh)).status).toBe(200);
  });
});
