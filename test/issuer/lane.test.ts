import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dataOf } from '../support/tenancy.ts';
import { basic, send } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { type IssuerScene, type MadeKey, openIssuerScene } from './scene.ts';

const path = '/v1/access_tokens';

let scene: IssuerScene;
let narrow: MadeKey;
beforeAll(async () => {
  scene = await openIssuerScene({ RATE_LIMIT_EXEMPT: '', RATE_LIMIT_MANAGEMENT_REQUESTS: '300' });
  narrow = await scene.makeKey({ token_policy: { grants: ['video'] } });
});
afterAll(() => scene.close());
afterEach(async () => {
  await scene.house.database.sql`delete from limits`;
});

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { 'content-type': 'application/json' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** What two answers must have in common: all but moments, names and counts. */
async function ask(address: string, { method = 'POST', headers = {}, body }: Ask) {
  const answer = await send(scene.house.address + address, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const { date: _date, 'x-request-id': id, ratelimit, ...kept } = Object.fromEntries(answer.headers);
  const { token, expires_at: end, ...rest } = answer.body;
  return {
    told: {
      status: answer.status,
      headers: kept,
      counted: ratelimit?.replace(/r=\d+;t=\d+/, ''),
      named: id !== undefined,
      body: token === undefined ? answer.text : rest,
      parts: token === undefined ? [] : String(token).split('.').slice(0, 1),
      ends: typeof end,
    },
    ratelimit,
  };
}

describe('the express lane and koa', () => {
  /** With a query string it is no address of the lane, and koa does not look at it here. */
  const koa = `${path}?way=koa`;
  const alice = JSON.stringify({ identity: 'alice' });
  const rows: ReadonlyArray<readonly [string, () => Ask]> = [
    ['a Bearer', () => ({ headers: { ...json, ...bearer(scene.minter.key) }, body: alice })],
    ['HTTP Basic', () => ({ headers: { ...json, ...basic(scene.minter.sid, scene.minter.secret) }, body: alice })],
    [
      'everything that can be asked for',
      () => ({
        headers: { ...json, ...bearer(scene.minter.key) },
        body: JSON.stringify({
          identity: 'é 👋',
          ttl: 1,
          nbf: 0,
          region: 'au1',
          algorithm: 'HS512',
          grants: { chat: {}, mine: { a: [1] } },
          api_key_sid: scene.minter.sid,
        }),
      }),
    ],
    [
      'an Idempotency-Key',
      () => ({ headers: { ...json, ...bearer(scene.minter.key), 'idempotency-key': 'x' }, body: alice }),
    ],
    [
      'an Idempotency-Key that is none',
      () => ({ headers: { ...json, ...bearer(scene.minter.key), 'idempotency-key': 'x y' }, body: alice }),
    ],
    [
      'an Origin',
      () => ({ headers: { ...json, ...bearer(scene.minter.key), origin: 'https://a.example' }, body: alice }),
    ],
    ['a wrong member', () => ({ headers: { ...json, ...bearer(scene.minter.key) }, body: '{"identity":5,"ttl":"x"}' })],
    [
      'more than its policy',
      () => ({ headers: { ...json, ...bearer(narrow.key) }, body: '{"identity":"i","grants":{"chat":{}}}' }),
    ],
    [
      'another key',
      () => ({
        headers: { ...json, ...bearer(narrow.key) },
        body: `{"identity":"i","api_key_sid":"${scene.minter.sid}"}`,
      }),
    ],
    ['no JSON', () => ({ headers: { ...json, ...bearer(scene.minter.key) }, body: '{"identity"' })],
    [
      'a member twice',
      () => ({ headers: { ...json, ...bearer(scene.minter.key) }, body: '{"identity":"a","identity":"b"}' }),
    ],
    ['no body', () => ({ headers: bearer(scene.minter.key) })],
    [
      'a form',
      () => ({
        headers: { ...bearer(scene.minter.key), 'content-type': 'application/x-www-form-urlencoded' },
        body: 'identity=a',
      }),
    ],
    [
      'too much',
      () => ({
        headers: { ...json, ...bearer(scene.minter.key) },
        body: JSON.stringify({ identity: 'x'.repeat(70_000) }),
      }),
    ],
    ['no credential', () => ({ headers: json, body: alice })],
    ['no credential and no JSON', () => ({ headers: json, body: '{' })],
    ['a wrong secret', () => ({ headers: { ...json, ...bearer(`${scene.minter.sid}.wrong`) }, body: alice })],
    ['a key without the scope', () => ({ headers: { ...json, ...bearer(scene.acme.people.viewer.key) }, body: alice })],
    ['an admin', () => ({ headers: { ...json, ...bearer(scene.acme.people.admin.key) }, body: alice })],
    ['another scheme', () => ({ headers: { ...json, authorization: `DPoP ${scene.minter.key}` }, body: alice })],
    ['another method', () => ({ method: 'PUT', headers: { ...json, ...bearer(scene.minter.key) }, body: alice })],
  ];
  it.each(rows)('answer alike: %s', async (_name, request) => {
    const [lane, slow] = [await ask(path, request()), await ask(koa, request())];
    expect(lane.told).toEqual(slow.told);
    expect((await ask(`/v2${path}`, request())).told).toEqual(lane.told);
  });

  it('differ in that the lane asks the database nothing: with the members gone it goes on, and koa cannot', async () => {
    const { sql } = scene.house.database;
    const request = { headers: { ...json, ...bearer(scene.minter.key) }, body: alice };
    await ask(path, request);
    await sql`alter table memberships rename to members_elsewhere`;
    try {
      expect([(await ask(path, request)).told.status, (await ask(koa, request)).told.status]).toEqual([201, 500]);
    } finally {
      await sql`alter table members_elsewhere rename to memberships`;
    }
  });

  it('count together: what is left goes down whichever way was taken', async () => {
    const key = await scene.makeKey();
    const request = { headers: { ...json, ...bearer(key.key) }, body: alice };
    const left = (text = '') => Number(/r=(\d+)/.exec(text)?.[1]);
    const first = left((await ask(path, request)).ratelimit);
    expect(first).toBeGreaterThan(290);
    const counted = async () =>
      (await scene.house.database.sql`select points from limits where key like ${`%${key.sid}`}`)[0]?.['points'];
    for (let times = 0; times < 5; times += 1) await ask(path, request);
    await within(5_000, async () => Number(await counted()) === 6);
    expect(left((await ask(koa, request)).ratelimit)).toBe(300 - 7);
  });

  it('leave an account that wants its calls signed to koa, which knows about that', async () => {
    const { owner } = scene.acme.people;
    const account = String(dataOf(await owner.post('/accounts', { name: 'Signed' }))['sid']);
    const key = await scene.makeKey({ account_sid: account });
    const request = { headers: { ...json, ...bearer(key.key) }, body: alice };
    expect((await ask(path, request)).told.status).toBe(201);
    await scene.house.database.sql`update accounts set require_validation = true where sid = ${account}`;
    await within(5_000, async () => {
      const [lane, slow] = [await ask(path, request), await ask(koa, request)];
      return JSON.stringify(lane.told) === JSON.stringify(slow.told);
    });
  });

  it('refuse a revoked key, and one whose user has lost the role, within the bound', async () => {
    const { owner, developer } = scene.acme.people;
    const key = await scene.makeKey();
    const status = async (bearerKey: string) =>
      (await ask(path, { headers: { ...json, ...bearer(bearerKey) }, body: alice })).told.status;
    const ofDeveloper = await scene.makeKey({ user_sid: developer.user });
    expect([await status(key.key), await status(ofDeveloper.key)]).toEqual([201, 201]);
    await owner.delete(`/api_keys/${key.sid}`);
    await within(1_000, async () => (await status(key.key)) === 401);
    await owner.put(`/organizations/${scene.acme.organization}/memberships/${developer.user}`, { role: 'viewer' });
    await within(1_000, async () => (await status(ofDeveloper.key)) === 403);
  });

  it('refuse a key that asks too often, and say so alike', async () => {
    const key = await scene.makeKey();
    const request = { headers: { ...json, ...bearer(key.key) }, body: alice };
    const answers = await Promise.all(Array.from({ length: 310 }, () => ask(path, request)));
    const statuses = answers.map(({ told }) => told.status);
    expect([201, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([300, 10]);
    const [lane, slow] = [await ask(path, request), await ask(koa, request)];
    expect(lane.told).toEqual(slow.told);
    expect([lane.told.status, lane.told.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  });
});
