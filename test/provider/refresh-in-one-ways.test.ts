import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createSealer, hashSecret, newSecret } from '../../src/base/index.ts';
import { refreshTokenRows } from '../../src/provider/storage/refresh-token-row.ts';
import { type App, opaqueResource, resource } from '../flows/people/town.ts';
import { openHouse } from '../support/house.ts';
import { openDesk } from '../support/protocol.ts';
import { within } from '../support/within.ts';
import { claimsOf, openRefreshScene, type RefreshScene, refreshTokenIn, wasInOne } from './refresh-in-one-scene.ts';

const second = 'https://second.example/';

let scene: RefreshScene;
let app: App;
beforeAll(async () => {
  scene = await openRefreshScene({ REFRESH_TOKEN_TTL: '900', REFRESH_TOKEN_IDLE_TTL: '400' });
  await scene.town.registry.makeResource({ identifier: second, scopes: ['read', 'write'] });
  app = await scene.town.makeApp();
});
afterAll(() => scene.close());

const sql = () => scene.town.house.database.sql;
const { now } = Date;
afterEach(() => {
  Date.now = now;
});
const travel = (seconds: number) => {
  const before = Date.now;
  Date.now = () => before() + seconds * 1000;
};
const seconds = () => Math.floor(Date.now() / 1000);

/** Refreshes, and says whether it was done in one statement. */
async function step(token: string, more = {}, client = app) {
  const answer = await scene.refresh(client, token, more);
  const successor = refreshTokenIn(answer);
  return { answer, successor, inOne: wasInOne(await scene.row(token), await scene.row(successor)) };
}

describe('a refresh in one statement', () => {
  it('finds the resource of each token, whichever its client refreshed for before', async () => {
    const chains = [await scene.begin(app), await scene.begin(app, { scope: 'read write', resource: second })];
    for (let turn = 0; turn < 3; turn += 1) {
      for (const [index, identifier] of [resource, second].entries()) {
        const { answer, successor, inOne } = await step(chains[index] ?? '');
        expect([claimsOf(answer).aud, inOne]).toEqual([identifier, true]);
        expect(await scene.countFamily(successor)).toBe(turn + 2);
        chains[index] = successor;
      }
    }
    const [first = '', other = ''] = chains;
    expect((await step(other, { resource: second })).inOne).toBe(true);
    const refused = await scene.refresh(app, first, { resource: second });
    expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_target']);
    expect(await scene.row(first)).toMatchObject({ spent: false });
  });

  it('is not for opaque tokens, which the library goes on issuing', async () => {
    let token = await scene.begin(app, { scope: 'read', resource: opaqueResource });
    for (let turn = 0; turn < 2; turn += 1) {
      const { answer, successor, inOne } = await step(token);
      expect([inOne, String(answer.body['access_token'])]).toEqual([false, expect.stringMatching(/^[\w-]{43}$/)]);
      token = successor;
    }
  });

  it('gives what the family was granted, the client may have and the resource knows, in the order of the grant', async () => {
    const wide = await scene.town.makeApp();
    const token = await scene.begin(wide, { scope: 'read write', resource });
    const { answer, successor } = await step(token, {}, wide);
    expect(claimsOf(answer)['scope']).toBe('read write');
    expect(answer.body['scope']).toBe('read write');
    await sql()`
      update oauth_clients set allowed_scopes = array_remove(allowed_scopes, 'read') where client_id = ${wide.clientId}`;
    let newest = successor;
    await within(10_000, async () => {
      const later = await step(newest, {}, wide);
      newest = later.successor;
      return later.inOne && claimsOf(later.answer)['scope'] === 'write';
    });
  });

  it('takes over the tokens that were stored before there were columns', async () => {
    const { database, issuer, dataDir } = scene.town.house;
    const desk = await openDesk(database, issuer, dataDir);
    const user = await scene.town.residents.makeUser();
    const grantId = await desk.makeGrant(app.clientId, user.sid, 'read', resource);
    const wish = { clientId: app.clientId, user: user.sid, grantId, scope: 'read', resource };
    const older = await desk.makeRefreshToken(wish);
    await desk.close();
    expect(await scene.row(older)).toMatchObject({ resource: null, exp: null });
    const first = await step(older);
    expect(first.inOne).toBe(false);
    expect(await scene.row(first.successor)).toMatchObject({ resource, exp: expect.any(Number) });
    expect((await step(first.successor)).inOne).toBe(true);
  });

  it('lets a token live as long as the library does: while it is used, and no longer than its authorization', async () => {
    let token = await scene.begin(app);
    const began = seconds();
    for (const [later, left] of [
      [350, 400],
      [350, 200],
      [150, 50],
    ] as const) {
      travel(later);
      const { successor, inOne } = await step(token);
      const row = await scene.row(successor);
      expect(inOne).toBe(true);
      expect(Math.abs(Number(row.exp) - seconds() - left)).toBeLessThan(20);
      expect(Math.abs(row.ttl - left)).toBeLessThan(20);
      token = successor;
    }
    travel(60);
    expect(seconds() - began).toBeGreaterThan(900);
    expect((await scene.refresh(app, token)).body['error']).toBe('invalid_grant');
  });

  it('notes the use of the consent once a minute', async () => {
    const consentOf = async (token: string) => {
      const [row] = await sql()<Array<{ id: string; used: string }>>`
        select g.id, g.last_used_at::text as used from grants g
        join families f on f.grant_id = g.id join refresh_tokens t on t.family_hash = f.id_hash
        where t.id_hash = ${hashSecret(token)}`;
      return row ?? { id: '', used: '' };
    };
    const first = await scene.begin(app);
    const before = await consentOf(first);
    const { successor } = await step(first);
    expect(await consentOf(successor)).toEqual(before);
    await sql()`update grants set last_used_at = last_used_at - interval '61 seconds' where id = ${before.id}`;
    const old = await consentOf(successor);
    expect((await step(successor)).inOne).toBe(true);
    expect((await consentOf(successor)).used > old.used).toBe(true);
  });

  it('gives the same successor within the window, in which the library reads what it stored', async () => {
    const token = await scene.begin(app);
    const { successor } = await step(token);
    const again = await scene.refresh(app, token);
    expect(refreshTokenIn(again)).toBe(successor);
    expect(await scene.countFamily(token)).toBe(2);
    const told = await scene.introspect(app, successor);
    expect(told).toMatchObject({ active: true, scope: 'read', exp: (await scene.row(successor)).exp });
    expect((await step(successor)).inOne).toBe(true);
    expect((await scene.refresh(app, token)).body['error']).toBe('invalid_grant');
  });

  it('passes no payload on that is sealed under an earlier master key', async () => {
    const { house } = scene.town;
    const before = (await readFile(join(house.dataDir, 'master.key'), 'utf8')).trim();
    const node = await openHouse({ MASTER_KEY: newSecret(), MASTER_KEYS_PREVIOUS: before }, house);
    try {
      const token = await scene.begin(app);
      const resealed = refreshTokenIn(await scene.refresh(app, token, {}, node.address));
      const after = refreshTokenIn(await scene.refresh(app, resealed, {}, node.address));
      const keyOf = async (one: string) => (await scene.row(one)).sealed.subarray(1, 5).toString('hex');
      expect(await keyOf(resealed)).not.toBe(await keyOf(token));
      expect(wasInOne(await scene.row(resealed), await scene.row(after))).toBe(true);
      expect(decodeJwt(String((await scene.refresh(app, after, {}, node.address)).body['access_token'])).aud).toBe(
        resource,
      );
    } finally {
      await node.close();
    }
  });
});

describe('the payload of a plain refresh token', () => {
  const sealer = createSealer(Buffer.alloc(32, 1));
  const rows = refreshTokenRows(sealer);
  const family = { clientId: 'OQ1', accountId: 'US1', resources: { [resource]: 'read' }, rejected: {} };
  const payload = { iat: 1, exp: 2, iiat: 1, clientId: 'OQ1', accountId: 'US1', resource, scope: 'read', rotations: 0 };

  function stored(grantId: string, more = {}) {
    const token = { ...payload, grantId, gty: 'authorization_code', ...more };
    const { payloadSealed, familyHash, plain, idHash } = rows.draft(newSecret(), token as never, family, 10);
    const { iat = null, exp = null, rotations = null, resource: of = null } = plain ?? {};
    return { token, idHash, row: { payloadSealed, familyHash, iat, exp, rotations, resource: of } };
  }

  it('is opened with what its columns say, for every token of the family', () => {
    const { token, idHash, row } = stored('one');
    expect(rows.open(idHash, row)).toEqual(token);
    const later = { ...row, iat: 5, exp: 9, rotations: 3 };
    expect(rows.open(hashSecret('another'), later)).toEqual({
      ...token,
      iat: 5,
      exp: 9,
      rotations: 3,
      gty: 'authorization_code refresh_token',
    });
  });

  it('does not open for another family, nor as a payload of its own row, nor the reverse', () => {
    const [one, two] = [stored('one'), stored('two')];
    expect(() => rows.open(one.idHash, { ...one.row, familyHash: two.row.familyHash })).toThrow(
      'belongs to another row',
    );
    expect(() => rows.open(one.idHash, { ...one.row, resource: null })).toThrow('belongs to another row');
    const bound = stored('one', { jkt: 'a key' });
    expect(bound.row.resource).toBeNull();
    expect(rows.open(bound.idHash, bound.row)).toEqual(bound.token);
    expect(() => rows.open(one.idHash, bound.row)).toThrow('belongs to another row');
    expect(() => rows.open(bound.idHash, { ...bound.row, resource })).toThrow('belongs to another row');
  });
});
