import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { within } from '../support/within.ts';
import { isActive, isDeadEverywhere, refresh, startFamily, tokensOf } from './app.ts';
import { type App, addressOf, type Cluster, openCluster } from './cluster.ts';
import { keepFigures } from './figures.ts';
import { parallel, patience, rounds } from './scale.ts';
import { tally, volley } from './volley.ts';

const figures = keepFigures();
const refusedGrant = { '400 invalid_grant': 1 };

let cluster: Cluster;
let app: App;
beforeAll(async () => {
  cluster = await openCluster();
  app = await cluster.makeApp();
});
afterAll(async () => {
  figures.print('Refreshing, two server processes');
  await cluster.close();
});

/** The chain of a refresh token, as it lies in the database: how many there are, are spent, and follow a spent one. */
async function chainOf(token: string) {
  const [row] = await cluster.database.sql`
    select count(*)::int as tokens, count(t.spent_at)::int as spent, count(successor.id_hash)::int as successors
    from refresh_tokens t left join refresh_tokens successor on successor.id_hash = t.successor_hash
    where t.family_hash = (select family_hash from refresh_tokens where id_hash = ${hashSecret(token)})`;
  return row;
}

/** Moves the spending of a token into the past. */
const age = (token: string, seconds: number) => cluster.database.sql`
  update refresh_tokens set spent_at = spent_at - make_interval(secs => ${seconds}) where id_hash = ${hashSecret(token)}`;

describe('many refreshes with one token at once on two server processes', () => {
  it(
    'spend it once, and all get the one successor, each with an access token of its own',
    async () => {
      figures.start('refresh token');
      for (let round = 0; round < rounds; round += 1) {
        const old = (await startFamily(cluster, app)).refresh;
        const answers = await volley(cluster.addresses, (address) => refresh(address, app, old));
        expect(tally(answers)).toEqual({ '200': parallel });
        figures.round('refresh token', tally(answers));
        const tokens = answers.map(tokensOf);
        const successors = new Set(tokens.map((each) => each.refresh));
        expect(successors.size).toBe(1);
        expect(successors).not.toContain(old);
        expect(new Set(tokens.map((each) => each.access)).size).toBe(parallel);
        expect(await chainOf(old)).toEqual({ tokens: 2, spent: 1, successors: 1 });
        const [successor = ''] = successors;
        expect((await refresh(cluster.addresses[1], app, successor)).status).toBe(200);
        figures.note('refresh token', 'successor', successors.size);
      }
    },
    patience,
  );

  it(
    'go on spending each token once along a chain',
    async () => {
      const first = (await startFamily(cluster, app)).refresh;
      let token = first;
      figures.start('refresh token, along a chain');
      for (let round = 0; round < rounds; round += 1) {
        const current = token;
        const answers = await volley(cluster.addresses, (address) => refresh(address, app, current), 6);
        figures.round('refresh token, along a chain', tally(answers));
        const successors = new Set(answers.map((answer) => tokensOf(answer).refresh));
        expect(successors.size).toBe(1);
        [token = ''] = successors;
      }
      expect(await chainOf(first)).toEqual({ tokens: rounds + 1, spent: rounds, successors: rounds });
    },
    patience,
  );
});

describe('a refresh token that was used before', () => {
  it('gets the same successor again within the window, at either node', async () => {
    const old = (await startFamily(cluster, app)).refresh;
    const first = tokensOf(await refresh(cluster.addresses[0], app, old));
    const again = tokensOf(await refresh(cluster.addresses[1], app, old));
    expect(again.refresh).toBe(first.refresh);
    expect(again.access).not.toBe(first.access);
    for (const { access } of [first, again]) expect(await isActive(cluster.addresses[0], app, access)).toBe(true);
  });

  it('is refused once its successor was used too, and the chain goes on', async () => {
    const old = (await startFamily(cluster, app)).refresh;
    const second = tokensOf(await refresh(cluster.addresses[0], app, old));
    const third = tokensOf(await refresh(cluster.addresses[1], app, second.refresh));
    expect(tally([await refresh(cluster.addresses[0], app, old)])).toEqual(refusedGrant);
    expect(await isActive(cluster.addresses[1], app, third.access)).toBe(true);
    expect((await refresh(cluster.addresses[0], app, third.refresh)).status).toBe(200);
  });

  it('ends its family when the window has passed, with every token in it', async () => {
    const started = await startFamily(cluster, app);
    const second = tokensOf(await refresh(cluster.addresses[0], app, started.refresh));
    await age(started.refresh, 11);
    const answers = await volley(cluster.addresses, (address) => refresh(address, app, started.refresh), 6);
    expect(tally(answers)).toEqual({ '400 invalid_grant': 6 });
    await within(2000, () => isDeadEverywhere(cluster, app, second.access));
    for (const token of [started.access, second.refresh]) {
      expect(await isDeadEverywhere(cluster, app, token)).toBe(true);
    }
    for (const address of cluster.addresses) {
      expect(tally([await refresh(address, app, second.refresh)])).toEqual(refusedGrant);
    }
  });

  it('changes nothing in the hands of another client, whether spent or not', async () => {
    const other = await cluster.makeApp();
    const old = (await startFamily(cluster, app)).refresh;
    expect(tally([await refresh(cluster.addresses[0], other, old)])).toEqual(refusedGrant);
    expect(await chainOf(old)).toEqual({ tokens: 1, spent: 0, successors: 0 });
    const second = tokensOf(await refresh(cluster.addresses[0], app, old));
    expect(tally([await refresh(cluster.addresses[1], other, old)])).toEqual(refusedGrant);
    await age(old, 11);
    expect(tally([await refresh(cluster.addresses[0], other, old)])).toEqual(refusedGrant);
    expect(await isActive(cluster.addresses[1], app, second.access)).toBe(true);
    expect((await refresh(cluster.addresses[0], app, second.refresh)).status).toBe(200);
  });
});

describe('without a window', () => {
  let strict: readonly string[];
  beforeAll(async () => {
    const nodes = [await cluster.join({ REFRESH_WINDOW: '0' }), await cluster.join({ REFRESH_WINDOW: '0' })];
    strict = nodes.map(addressOf);
  });

  it('a second refresh with the same token is refused and ends the family', async () => {
    const [address = ''] = strict;
    const old = (await startFamily(cluster, app)).refresh;
    const second = tokensOf(await refresh(address, app, old));
    expect(tally([await refresh(address, app, old)])).toEqual(refusedGrant);
    await within(2000, () => isDeadEverywhere(cluster, app, second.access));
    expect(tally([await refresh(address, app, second.refresh)])).toEqual(refusedGrant);
  });

  it(
    'one of many at once succeeds, and the others end the family',
    async () => {
      figures.start('refresh token, REFRESH_WINDOW=0');
      for (let round = 0; round < rounds; round += 1) {
        const old = (await startFamily(cluster, app)).refresh;
        const answers = await volley(strict, (address) => refresh(address, app, old));
        expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': parallel - 1 });
        figures.round('refresh token, REFRESH_WINDOW=0', tally(answers));
        const [winner] = answers.filter(({ status }) => status === 200).map(tokensOf);
        await within(2000, () => isDeadEverywhere(cluster, app, winner?.access ?? ''));
      }
    },
    patience,
  );

  it('two at once end the family too, when neither finds the token spent beforehand', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const old = (await startFamily(cluster, app)).refresh;
      const answers = await volley(strict, (address) => refresh(address, app, old), 2);
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 1 });
      const [winner] = answers.filter(({ status }) => status === 200).map(tokensOf);
      await within(2000, () => isDeadEverywhere(cluster, app, winner?.access ?? ''));
    }
  });
});
