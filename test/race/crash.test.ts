import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import type { ServerProcess } from '../support/process.ts';
import type { Answer } from '../support/tokens.ts';
import { authorize, redeem, refresh, startFamily, tokensOf } from './app.ts';
import { type App, addressOf, type Cluster, openCluster } from './cluster.ts';
import { keepFigures } from './figures.ts';
import { type HoldingProxy, openHoldingProxy, saidTrue, wroteOne } from './holding-proxy.ts';
import { isLongForm, parallel, rounds } from './scale.ts';
import { tally } from './volley.ts';

const figures = keepFigures();
/** Each costs a start of the server, and kills it with several requests in flight: fewer do. */
const kills = isLongForm ? Math.ceil(rounds / 4) : 2;
const patience = 30_000 + kills * 10_000;
/** Requests in flight at a kill: fewer than the connections of a node, since each holds one. */
const inFlight = Math.min(8, parallel);

describe('a process killed between spending and answering', () => {
  let cluster: Cluster;
  let app: App;
  let proxy: HoldingProxy;
  beforeAll(async () => {
    cluster = await openCluster();
    app = await cluster.makeApp();
    proxy = await openHoldingProxy(cluster.database);
  });
  afterAll(async () => {
    figures.print('kill -9 of one of two processes');
    await cluster.close();
    await proxy.close();
  });

  /** An answer, or nothing from a process that died. */
  const orNothing = (answer: Promise<Answer>): Promise<Answer | undefined> => answer.catch(() => undefined);

  const settled = <Value>(answers: ReadonlyArray<Value | undefined>) =>
    answers.filter((answer) => answer !== undefined);

  async function kill(node: ServerProcess): Promise<void> {
    node.signal('SIGKILL');
    await node.exited;
  }

  const many = <Value>(make: () => Promise<Value>) => Promise.all(Array.from({ length: inFlight }, make));

  /** Sends requests to a node whose database answers are held back, and kills it when each has spent what it asked for. */
  async function killWhenSpent(answer: readonly Buffer[], send: (address: string) => Array<Promise<Answer>>) {
    const node = await cluster.join({ DATABASE_URL: proxy.url });
    let spent = 0;
    const allSpent = new Promise<void>((resolve) => {
      proxy.hold(answer, () => {
        spent += 1;
        if (spent === inFlight) resolve();
      });
    });
    const sent = send(addressOf(node)).map(orNothing);
    await Promise.race([allSpent, wait(8000, undefined, { ref: false })]);
    await kill(node);
    proxy.release();
    return { spent, answers: settled(await Promise.all(sent)) };
  }

  /**
   * A node's first requests open its connections and fill its caches; after that they take as long as they do.
   * @returns milliseconds for as many refreshes as are in flight at a kill.
   */
  async function warmUp(node: ServerProcess): Promise<number> {
    let took = 0;
    for (let turn = 0; turn < 2; turn += 1) {
      const olds = await startFamilies();
      const started = performance.now();
      await Promise.all(olds.map((token) => refresh(addressOf(node), app, token)));
      took = performance.now() - started;
    }
    return took;
  }

  /** Begins families. @returns the refresh token of each. */
  const startFamilies = async () => (await many(() => startFamily(cluster, app))).map((tokens) => tokens.refresh);

  /** How many of these tokens are spent. */
  async function countSpent(tokens: readonly string[]): Promise<number> {
    const { sql } = cluster.database;
    const hashes = sql(tokens.map(hashSecret));
    return (await sql`select from refresh_tokens where spent_at is not null and id_hash in ${hashes}`).count;
  }

  /** Tokens that are spent without a stored successor, or have one without being spent. */
  async function halfDone(): Promise<number> {
    const result = await cluster.database.sql`
      select from refresh_tokens t left join refresh_tokens s on s.id_hash = t.successor_hash
      where (t.spent_at is not null) <> (s.id_hash is not null) or (t.successor_salt is not null) <> (s.id_hash is not null)`;
    return result.count;
  }

  it(
    'has lost nothing: the other process gives the successor of a refresh token, and the chain lives',
    async () => {
      figures.start('refresh token: the retry');
      for (let round = 0; round < kills; round += 1) {
        const olds = await startFamilies();
        const { spent, answers } = await killWhenSpent(wroteOne, (address) =>
          olds.map((token) => refresh(address, app, token)),
        );
        expect(answers).toEqual([]);
        expect(spent).toBe(inFlight);
        expect(await countSpent(olds)).toBe(inFlight);
        const retried = await Promise.all(olds.map((token) => refresh(cluster.addresses[1], app, token)));
        expect(tally(retried)).toEqual({ '200': inFlight });
        figures.round('refresh token: the retry', tally(retried));
        figures.note('refresh token: the retry', 'killed between spending and answering', spent);
        const successors = retried.map((answer) => tokensOf(answer).refresh);
        const next = await Promise.all(successors.map((token) => refresh(cluster.addresses[0], app, token)));
        expect(tally(next)).toEqual({ '200': inFlight });
        expect(await halfDone()).toBe(0);
      }
    },
    patience,
  );

  it(
    'has burnt a code: the retry is refused, and no code is redeemed twice',
    async () => {
      figures.start('code: the retry');
      for (let round = 0; round < kills; round += 1) {
        const authorizations = await many(() => authorize(cluster, app));
        const { spent, answers } = await killWhenSpent(saidTrue, (address) =>
          authorizations.map((authorization) => redeem(address, app, authorization)),
        );
        expect(answers).toEqual([]);
        expect(spent).toBe(inFlight);
        const retried = await Promise.all(authorizations.map((each) => redeem(cluster.addresses[1], app, each)));
        expect(tally(retried)).toEqual({ '400 invalid_grant': inFlight });
        figures.round('code: the retry', tally(retried));
        figures.note('code: the retry', 'killed between spending and answering', spent);
      }
    },
    patience,
  );

  it(
    'or at any other moment: every retry of a refresh gets the successor, be it the first that does',
    async () => {
      const anyTime = 'refresh token: the retry, any time';
      figures.start(anyTime);
      for (let round = 0; round < kills; round += 1) {
        const node = await cluster.join();
        const usual = await warmUp(node);
        const olds = await startFamilies();
        const sent = olds.map((token) => orNothing(refresh(addressOf(node), app, token)));
        await wait((usual * (1 + (round % 8))) / 8);
        await kill(node);
        const answers = await Promise.all(sent);
        const answered = settled(answers).length;
        const spent = await countSpent(olds);
        const retried = await Promise.all(olds.map((token) => refresh(cluster.addresses[0], app, token)));
        expect(tally(retried)).toEqual({ '200': inFlight });
        figures.round(anyTime, tally(retried));
        figures.note(anyTime, 'killed after the answer', answered);
        figures.note(anyTime, 'killed between spending and answering', spent - answered);
        figures.note(anyTime, 'killed before spending', inFlight - spent);
        answers.forEach((answer, index) => {
          const again = retried[index] as Answer;
          if (answer !== undefined) expect(tokensOf(again).refresh).toBe(tokensOf(answer).refresh);
        });
        expect(await halfDone()).toBe(0);
      }
    },
    patience,
  );
});
