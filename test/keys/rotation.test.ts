import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { type Manage, makeTenant, managerOf, recordOf, recordsOf } from '../support/tenants.ts';
import { askWithForm, basic, grant, send, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';

/** A change must be in force on every node within this many milliseconds, on a slow machine too. */
const soon = 10_000;

let house: House;
let other: House;
let registry: Registry;
let residents: Residents;
let manage: Manage;
beforeAll(async () => {
  house = await openHouse({ JWKS_MAX_AGE: '45' });
  other = await openHouse({ JWKS_MAX_AGE: '45' }, house);
  registry = await openRegistry(house);
  residents = await openResidents(house);
  manage = managerOf(house.issuer, house.demo['api_key'] ?? '');
});
afterAll(async () => {
  await residents.close();
  await registry.close();
  await other.close();
  await house.close();
});

const nodes = () => [house, other] as const;

/** A token of a machine, signed with ES256. */
async function tokenFrom(node: House): Promise<string> {
  const { client_id: id, client_secret: secret } = house.demo;
  return tokenOf(await askWithForm(`${node.address}/oauth/token`, grant, basic(id, secret)));
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? '';
const signerOf = async (node: House) => kidOf(await tokenFrom(node));
const jwksOf = async (node: House) => (await send(`${node.address}/oauth/jwks`)).body as unknown as JSONWebKeySet;
const publishedAt = async (node: House) => (await jwksOf(node)).keys.map(({ kid }) => kid);

async function isActiveAt(node: House, token: string): Promise<boolean> {
  const { client_id: id, client_secret: secret } = house.demo;
  const answer = await askWithForm(`${node.address}/oauth/introspect`, { token }, basic(id, secret));
  return answer.body['active'] === true;
}

async function everywhere(holds: (node: House) => Promise<boolean>): Promise<void> {
  await within(soon, async () => (await Promise.all(nodes().map(holds))).every(Boolean));
}

const rotate = async (body: object) => recordsOf(await manage('POST', '/signing_keys/rotate', { body }));
const rotateOne = async (signsIn: number) => (await rotate({ alg: 'ES256', signs_in: signsIn }))[0] ?? {};
const keyRecord = async (kid: unknown) => recordOf(await manage('GET', `/signing_keys/${kid}`));
const retire = (kid: unknown) => manage('DELETE', `/signing_keys/${kid}`);

describe('a rotation', () => {
  it('announces the key, lets it sign when its time comes, and no token ever fails to verify, at either node', async () => {
    const before = await tokenFrom(house);
    const old = kidOf(before);
    const next = await rotateOne(6);
    expect(next).toMatchObject({ record_type: 'signing_key', alg: 'ES256', state: 'announced', signs_until: null });
    await everywhere(async (node) => (await publishedAt(node)).includes(String(next['kid'])));
    expect(await Promise.all(nodes().map(signerOf))).toEqual([old, old]);
    expect(await keyRecord(old)).toMatchObject({ state: 'signing', signs_until: next['signs_from'] });

    // Each token is verified and introspected at the node that did not make it, all the while.
    const signers = new Set<string>();
    await within(20_000, async () => {
      for (const [maker, judge] of [nodes(), nodes().toReversed()] as Array<[House, House]>) {
        const token = await tokenFrom(maker);
        await jwtVerify(token, createLocalJWKSet(await jwksOf(judge)), { issuer: house.issuer });
        expect(await isActiveAt(judge, token)).toBe(true);
        signers.add(kidOf(token));
      }
      return (await Promise.all(nodes().map(signerOf))).every((kid) => kid === next['kid']);
    });
    expect([...signers][0]).toBe(old);

    const ended = await keyRecord(old);
    expect(ended['state']).toBe('retiring');
    const kept = Date.parse(String(ended['retires_at'])) - Date.parse(String(ended['signs_until']));
    expect(kept).toBe(25 * 3_600_000);
    for (const node of nodes()) {
      expect(await publishedAt(node)).toContain(old);
      expect(await isActiveAt(node, before)).toBe(true);
    }
  });

  it('gives twice the age that the JWKS may have as notice, to every algorithm, where nothing else is said', async () => {
    const answer = await manage('POST', '/signing_keys/rotate');
    expect(answer.status).toBe(201);
    const made = recordsOf(answer);
    expect(made.map(({ alg }) => alg)).toEqual(['ES256', 'RS256', 'EdDSA']);
    for (const key of made) {
      expect(Date.parse(String(key['signs_from'])) - Date.parse(String(key['created_at']))).toBe(90_000);
    }
  });

  it('takes the place of one that was announced, and the signer signs until the later one does', async () => {
    const [first, second] = [await rotateOne(100), await rotateOne(200)];
    expect(await keyRecord(first['kid'])).toMatchObject({ state: 'retired', signs_until: first['signs_from'] });
    expect(await keyRecord(await signerOf(house))).toMatchObject({ signs_until: second['signs_from'] });
    await everywhere(async (node) => !(await publishedAt(node)).includes(String(first['kid'])));
  });

  it('with no notice signs at once', async () => {
    const old = await signerOf(house);
    const next = await rotateOne(0);
    await everywhere(async (node) => (await signerOf(node)) === next['kid']);
    expect(await keyRecord(old)).toMatchObject({ state: 'retiring' });
  });

  it('of many at once leaves one signer, and one that is announced', async () => {
    await Promise.all(Array.from({ length: 4 }, () => rotateOne(500)));
    const keys = recordsOf(await manage('GET', '/signing_keys?filter[alg]=ES256&page[size]=100'));
    expect(keys.filter(({ state }) => state === 'signing')).toHaveLength(1);
    expect(keys.filter(({ state }) => state === 'announced')).toHaveLength(1);
    expect(keys.filter((key) => key['signs_until'] === null)).toHaveLength(1);
  });

  it('that is repeated with its Idempotency-Key makes no second key', async () => {
    const call = { body: { alg: 'EdDSA', signs_in: 400 }, headers: { 'idempotency-key': 'rotation-1' } };
    const [first, again] = [
      await manage('POST', '/signing_keys/rotate', call),
      await manage('POST', '/signing_keys/rotate', call),
    ];
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is refused where so many keys are published that the JWKS grows without end', async () => {
    let answer = await manage('POST', '/signing_keys/rotate', { body: { alg: 'RS256', signs_in: 0 } });
    for (let tries = 0; tries < 10 && answer.status === 201; tries += 1) {
      answer = await manage('POST', '/signing_keys/rotate', { body: { alg: 'RS256', signs_in: 0 } });
    }
    expect(answer.status).toBe(422);
    expect((await publishedAt(house)).length).toBeLessThan(30);
  });

  it('names every fault of its body', async () => {
    const body = { alg: 'HS256', signs_in: -1, more: true };
    const answer = await manage('POST', '/signing_keys/rotate', { body });
    expect(answer.status).toBe(422);
    const errors = answer.body['errors'] as ReadonlyArray<{ readonly source: { readonly pointer: string } }>;
    expect(errors.map(({ source }) => source.pointer).toSorted()).toEqual(['/alg', '/more', '/signs_in']);
  });
});

describe('retiring a key', () => {
  it('that signs no more makes its tokens inactive and takes it out of the JWKS, at every node', async () => {
    const token = await tokenFrom(house);
    const next = await rotateOne(0);
    await everywhere(async (node) => (await signerOf(node)) === next['kid']);
    await everywhere((node) => isActiveAt(node, token));
    expect((await retire(kidOf(token))).status).toBe(204);
    await everywhere(async (node) => !(await isActiveAt(node, token)));
    await everywhere(async (node) => !(await publishedAt(node)).includes(kidOf(token)));
    expect(await keyRecord(kidOf(token))).toMatchObject({ state: 'retired' });
    expect((await retire(kidOf(token))).status).toBe(404);
  });

  it('that alone can sign is refused, and nothing changes', async () => {
    const signer = await signerOf(house);
    const before = await keyRecord(signer);
    const refused = await retire(signer);
    expect([refused.status, refused.body['error_description']]).toEqual([422, expect.stringContaining('signs_in 0')]);
    expect(await keyRecord(signer)).toEqual(before);
  });

  it('that is announced lets the signer go on', async () => {
    const [signer, next] = [await signerOf(house), await rotateOne(300)];
    expect((await retire(next['kid'])).status).toBe(204);
    expect(await keyRecord(signer)).toMatchObject({ state: 'signing', signs_until: null, retires_at: null });
  });

  it('that signs lets the announced one sign at once', async () => {
    const [signer, next] = [await signerOf(house), await rotateOne(300)];
    expect((await retire(signer)).status).toBe(204);
    await everywhere(async (node) => (await signerOf(node)) === next['kid']);
  });

  it('that changed meanwhile is refused to whoever says so with If-Match', async () => {
    const { kid } = await rotateOne(300);
    const seen = await manage('GET', `/signing_keys/${kid}`);
    const etag = seen.headers.get('etag') ?? '';
    const headers = { 'if-match': '"another"' };
    expect((await manage('DELETE', `/signing_keys/${kid}`, { headers })).status).toBe(412);
    expect((await manage('DELETE', `/signing_keys/${kid}`, { headers: { 'if-match': etag } })).status).toBe(204);
  });
});

describe('signing keys', () => {
  it('are listed in the order in which they were made, without a private half', async () => {
    const answer = await manage('GET', '/v2/signing_keys?page[size]=100');
    const keys = recordsOf(answer);
    const times = keys.map((key) => String(key['created_at']));
    expect(times).toEqual(times.toSorted());
    expect(answer.body['meta']).toMatchObject({ page_number: 1, total_pages: 1, total_results: keys.length });
    for (const key of keys) expect(Object.keys(key['public_jwk'] as object)).not.toEqual(expect.arrayContaining(['d']));
  });

  it('are seen and changed by operators only', async () => {
    const { key } = await makeTenant({ house, registry, residents });
    const theirs = managerOf(house.issuer, key);
    const kid = await signerOf(house);
    const attempts: ReadonlyArray<readonly [string, string]> = [
      ['GET', '/signing_keys'],
      ['GET', `/signing_keys/${kid}`],
      ['POST', '/signing_keys/rotate'],
      ['DELETE', `/signing_keys/${kid}`],
    ];
    for (const [method, path] of attempts) expect((await theirs(method, path)).status).toBe(403);
  });

  it('that do not exist are not found, however they are written', async () => {
    for (const kid of ['no-such-key', 'a%20b', 'x'.repeat(65)]) {
      expect([(await manage('GET', `/signing_keys/${kid}`)).status, (await retire(kid)).status]).toEqual([404, 404]);
    }
  });

  it('leave an event of who exchanged them, and from where', async () => {
    const { kid } = await rotateOne(250);
    await retire(kid);
    const events = recordsOf(await manage('GET', `/audit_events?filter[target_id]=${kid}`));
    expect(events.map(({ action }) => action)).toEqual(['signing_key.created', 'signing_key.retired']);
    const actor = { type: 'api_key', id: house.demo['api_key_sid'] };
    for (const event of events) {
      expect(event).toMatchObject({ actor, address: expect.any(String), request_id: expect.any(String) });
    }
  });
});
