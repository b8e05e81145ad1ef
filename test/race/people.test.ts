import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, askWithJson, send } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { isDeadEverywhere, redeem, refresh, tokensOf } from './app.ts';
import { browserAt, codeOf, requestOf } from './browsing.ts';
import { type App, type Cluster, openCluster } from './cluster.ts';
import { keepFigures } from './figures.ts';
import { parallel, patience, rounds } from './scale.ts';
import { tally, volley } from './volley.ts';

const figures = keepFigures();
let cluster: Cluster;
let app: App;
let key: string;
beforeAll(async () => {
  cluster = await openCluster();
  app = await cluster.makeApp();
  key = cluster.demo['api_key'] ?? '';
});
afterAll(async () => {
  figures.print('People, two server processes');
  await cluster.close();
});

const sql = () => cluster.database.sql;

async function countRows() {
  const [row] = await sql()`
    select (select count(*)::int from artifacts where kind = 'AuthorizationCode') as codes,
      (select count(*)::int from families) as families`;
  return row as { readonly codes: number; readonly families: number };
}

/** A question that waits for its answer, in a browser at the first node. */
async function ask(more: Readonly<Record<string, string>> = {}) {
  const { parameters, verifier } = requestOf(app, more);
  const person = browserAt(cluster, cluster.addresses[0]);
  const page = await person.begin(parameters);
  return { person, page, verifier, token: page.url.searchParams.get('consent_token') ?? '' };
}

const answer = (address: string, token: string, allowed = true): Promise<Answer> =>
  askWithJson(`${address}/oauth/grants`, { allowed, consent_token: token }, { authorization: `Bearer ${key}` });

/** A signed-in browser whose owner has allowed the app everything. */
async function signIn() {
  const person = browserAt(cluster, cluster.addresses[0]);
  const { parameters, verifier } = requestOf(app);
  const url = await person.authorize(parameters);
  return { person, authorization: codeOf(url, verifier) };
}

describe('a consent token that 50 answer at once on two server processes', () => {
  it(
    'is spent once, and one code is made',
    async () => {
      figures.start('consent token');
      for (let round = 0; round < rounds; round += 1) {
        const { token, verifier } = await ask();
        const before = await countRows();
        const answers = await volley(cluster.addresses, (address) => answer(address, token), 50);
        const counts = tally(answers);
        figures.round('consent token', counts);
        expect(counts).toEqual({ '200': 1, '422 invalid_request': 49 });
        expect(await countRows()).toEqual({ codes: before.codes + 1, families: before.families + 1 });
        const winner = answers.find(({ status }) => status === 200);
        const code = codeOf(new URL(String(winner?.body['redirect_uri'])), verifier);
        expect((await redeem(cluster.addresses[1], app, code as NonNullable<typeof code>)).status).toBe(200);
      }
    },
    patience,
  );

  it('gets one answer, yes or no, where both come together', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { token } = await ask();
      const before = await countRows();
      let nth = 0;
      const answers = await volley(cluster.addresses, (address) => {
        nth += 1;
        return answer(address, token, nth % 3 === 0);
      });
      const [winner, ...more] = answers.filter(({ status }) => status === 200);
      expect(more).toEqual([]);
      const made = String(winner?.body['redirect_uri']).includes('code=') ? 1 : 0;
      expect(await countRows()).toEqual({ codes: before.codes + made, families: before.families + made });
    }
  });

  it('gives one code where the browser and the frontend answer together', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const fresh = await cluster.makeApp();
      const { person } = await signIn();
      const { parameters } = requestOf(fresh);
      const page = await person.begin(parameters);
      expect(page.page).toBe('consent');
      const token = page.url.searchParams.get('consent_token') ?? '';
      const before = await countRows();
      await Promise.all([
        answer(cluster.addresses[1], token),
        person.answer(page),
        answer(cluster.addresses[0], token),
      ]);
      expect((await countRows()).codes - before.codes).toBeLessThanOrEqual(1);
    }
  });
});

describe('a request that is answered', () => {
  it('goes on once, however often the browser comes back with it at the same moment', async () => {
    figures.start('request that goes on');
    for (let round = 0; round < rounds; round += 1) {
      const { person, page } = await ask();
      const login = page.forms.find(({ action }) => action.endsWith('/login'));
      // The form by hand: its redirect is not followed yet.
      const sent = await fetch(`${cluster.addresses[0]}${login?.action}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: person.cookies.header('/oauth/interaction/login'), 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams([
          ...(login?.fields ?? []).map(([name, value]): [string, string] => [name, value]),
          ['email', cluster.demo['user_email'] ?? ''],
          ['password', cluster.demo['user_password'] ?? ''],
        ]),
      });
      const { pathname } = new URL(sent.headers.get('location') ?? '');
      const cookie = person.cookies.header(pathname);
      const before = await countRows();
      const answers = await volley(cluster.addresses, (address) =>
        send(`${address}${pathname}`, { headers: { cookie, accept: 'text/html' } }),
      );
      const went = answers.filter(({ status }) => status === 303);
      figures.round('request that goes on', { gone: went.length, refused: answers.length - went.length });
      expect([went.length, answers.filter(({ status }) => status === 400).length]).toEqual([1, parallel - 1]);
      expect((await countRows()).codes - before.codes).toBeLessThanOrEqual(1);
    }
  });
});

describe('a consent record that is withdrawn among refreshes', () => {
  it(
    'leaves no token of its families alive',
    async () => {
      figures.start('withdrawal among refreshes');
      for (let round = 0; round < rounds; round += 1) {
        const own = await cluster.makeApp();
        const person = browserAt(cluster, cluster.addresses[0]);
        const { parameters, verifier } = requestOf(own);
        const code = codeOf(await person.authorize(parameters), verifier);
        const first = tokensOf(await redeem(cluster.addresses[0], own, code as NonNullable<typeof code>));
        const [answers] = await Promise.all([
          volley(cluster.addresses, (address) => refresh(address, own, first.refresh)),
          sql()`delete from grants where client_id = ${own.clientId}`,
        ]);
        figures.round('withdrawal among refreshes', tally(answers));
        expect(answers.filter(({ status }) => status !== 200 && status !== 400)).toEqual([]);
        const given = answers.filter(({ status }) => status === 200).map(tokensOf);
        for (const { access, refresh: token } of [first, ...given]) {
          await within(2000, () => isDeadEverywhere(cluster, own, access));
          expect(tally([await refresh(cluster.addresses[1], own, token)])).toEqual({ '400 invalid_grant': 1 });
        }
      }
    },
    patience,
  );
});
