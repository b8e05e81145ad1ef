import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPublicKeys } from '../../../src/accounts/public-keys/store.ts';
import { type House, openHouse } from '../../support/house.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import {
  type Admin,
  adminOf,
  dataOf,
  listOf,
  makeTenant,
  operatorOf,
  pointersOf,
  type Tenant,
} from '../../support/tenancy.ts';
import type { Answer } from '../../support/tokens.ts';
import { machineToken } from '../../tokens/questions.ts';

let house: House;
let registry: Registry;
let acme: Tenant;
let rival: Tenant;
let owner: Admin;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  acme = await makeTenant(house, 'Acme');
  rival = await makeTenant(house, 'Rival');
  owner = acme.people.owner;
});
afterAll(async () => {
  await registry.close();
  await house.close();
});

const spki = { type: 'spki', format: 'pem' } as const;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = pair.publicKey.export(spki).toString();
const jwk = pair.publicKey.export({ format: 'jwk' });

/** The nth neighbour of a key: another modulus, which nobody has the private half of. */
function neighbour(step: number): string {
  const modulus = Buffer.from(String(jwk.n), 'base64url');
  modulus.writeUInt16BE(step, 100);
  return createPublicKey({ key: { ...jwk, n: modulus.toString('base64url') } as JsonWebKey, format: 'jwk' })
    .export(spki)
    .toString();
}

const newAccount = async () => String(dataOf(await owner.post('/accounts', { name: 'Account' }))['sid']);
const add = (account_sid: string, public_key = pem, by = owner): Promise<Answer> =>
  by.post('/public_keys', { name: 'Key', account_sid, public_key });
const refusalOf = (answer: Answer) => [answer.status, pointersOf(answer)];

describe('a public key', () => {
  it('is added, renamed and deleted, each with its audit event', async () => {
    const account = await newAccount();
    const created = await add(account);
    expect(created.status).toBe(201);
    const record = dataOf(created);
    const der = pair.publicKey.export({ type: 'spki', format: 'der' });
    expect(record).toEqual({
      sid: expect.stringMatching(/^CR[0-9a-f]{32}$/),
      record_type: 'public_key',
      name: 'Key',
      organization_sid: acme.organization,
      account_sid: account,
      public_key: pem,
      fingerprint: createHash('sha256').update(der).digest('hex'),
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const path = `/public_keys/${record['sid']}`;
    const read = await owner.get(path);
    expect(dataOf(read)).toEqual(record);
    const renamed = await owner.put(path, { name: 'Signer' }, { 'if-match': read.headers.get('etag') ?? '' });
    expect(dataOf(renamed)).toMatchObject({ name: 'Signer', public_key: pem });
    expect((await owner.put(path, { name: 'Late' }, { 'if-match': read.headers.get('etag') ?? '' })).status).toBe(412);
    expect((await owner.delete(path, { 'if-match': read.headers.get('etag') ?? '' })).status).toBe(412);
    expect((await owner.put(path, { public_key: neighbour(1) })).status).toBe(422);
    expect((await owner.delete(path)).status).toBe(204);
    expect([(await owner.get(path)).status, (await owner.delete(path)).status]).toEqual([404, 404]);
    const events = await house.database.sql`
      select action, organization_sid, detail from audit_events where target_id = ${String(record['sid'])} order by id`;
    const told = { account, fingerprint: record['fingerprint'] };
    expect([...events]).toEqual([
      { action: 'public_key.created', organization_sid: acme.organization, detail: { name: 'Key', ...told } },
      { action: 'public_key.updated', organization_sid: acme.organization, detail: { changed: 'name' } },
      { action: 'public_key.deleted', organization_sid: acme.organization, detail: { name: 'Signer', ...told } },
    ]);
  });

  it('is one key however it is written, and an account has it once', async () => {
    const account = await newAccount();
    const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const first = dataOf(await add(account, `\r\n${pkcs1.replaceAll('\n', '\r\n')}  `));
    expect(first['public_key']).toBe(pem);
    const again = await add(account);
    expect([...refusalOf(again), again.text.includes(String(first['sid']))]).toEqual([422, ['/public_key'], true]);
    expect((await add(await newAccount())).status).toBe(201);
  });

  it('is made once by a request that is repeated with its Idempotency-Key', async () => {
    const body = { name: 'Key', account_sid: await newAccount(), public_key: pem };
    const post = () => owner.post('/public_keys', body, { 'idempotency-key': `public-key-${body.account_sid}` });
    const [first, again] = [await post(), await post()];
    expect([again.status, dataOf(again)]).toEqual([201, dataOf(first)]);
  });

  it('belongs to the account of the calling API key where no other is named; nobody else may leave it out', async () => {
    expect(dataOf(await owner.post('/public_keys', { name: 'Own', public_key: pem }))['account_sid']).toBe(
      acme.account,
    );
    const client = await registry.makeClient({
      organizationSid: acme.organization,
      userSid: acme.people.owner.user,
      allowedScopes: ['public_keys:write'],
    });
    const machine = adminOf(house.address, await machineToken(house.address, client));
    const nobody = await machine.post('/public_keys', { name: 'Whose', public_key: pem });
    expect(refusalOf(nobody)).toEqual([422, ['/account_sid']]);
    expect((await add(await newAccount(), pem, machine)).status).toBe(201);
  });

  it('is added within reach only, and by the scope alone', async () => {
    for (const account of [rival.account, `AC${'0'.repeat(32)}`]) {
      expect(refusalOf(await add(account))).toEqual([422, ['/account_sid']]);
    }
    for (const by of [acme.people.viewer, acme.people.developer]) {
      expect((await add(acme.account, pem, by)).status).toBe(403);
    }
    const { sid } = dataOf(await add(await newAccount()));
    for (const path of [`/public_keys/${sid}`, `/public_keys/CR${'0'.repeat(32)}`, '/public_keys/CRx']) {
      const { owner: stranger } = rival.people;
      const answers = [await stranger.get(path), await stranger.put(path, { name: 'x' }), await stranger.delete(path)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
  });

  it('is the twentieth of its account and no more, also when many come at once', async () => {
    const account = await newAccount();
    const answers = await Promise.all(Array.from({ length: 24 }, (_, step) => add(account, neighbour(step))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(4);
    expect(listOf(await owner.get(`/public_keys?filter[account_sid]=${account}&page[size]=100`))).toHaveLength(20);
  });

  it('is no private key: that is refused with a warning, and nothing of it is kept', async () => {
    const account = await newAccount();
    const kinds = [
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      pair.privateKey.export({ type: 'pkcs1', format: 'pem' }),
      pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ].map(String);
    for (const private_key of [...kinds, `${pem}${kinds[0]}`]) {
      const body = { name: 'Oops', account_sid: account, public_key: private_key };
      const answer = await owner.post('/public_keys', body, { 'idempotency-key': `oops-${private_key.length}` });
      expect(refusalOf(answer)).toEqual([422, ['/public_key']]);
      expect(answer.text).toContain('is a private key, which must never be sent');
      for (const line of private_key.split('\n').filter((part) => part.length > 40)) {
        expect(answer.text).not.toContain(line);
      }
    }
    const [kept] = await house.database.sql<Array<{ keys: number }>>`
      select count(*)::int as keys from public_keys where account_sid = ${account}`;
    expect(kept?.keys).toBe(0);
  });

  it('is no other text or key, which is told with its place', async () => {
    for (const given of ['a key', `${pem}${pem}`, 'x'.repeat(5_000), 7, null]) {
      expect(refusalOf(await add(acme.account, given as string))).toEqual([422, ['/public_key']]);
    }
  });

  it('goes with its account', async () => {
    const { sid, account_sid: account } = dataOf(await add(await newAccount()));
    expect((await owner.delete(`/accounts/${account}`)).status).toBe(204);
    expect((await owner.get(`/public_keys/${sid}`)).status).toBe(404);
  });
});

describe('the list of public keys', () => {
  it('has those within reach, in order, by account and by pages with exact totals', async () => {
    const tenant = await makeTenant(house, 'Lister');
    const by = tenant.people.owner;
    const child = await makeTenant(house, 'Lister child', tenant.organization);
    const made: string[] = [];
    for (const [account, step] of [
      [tenant.account, 1],
      [tenant.account, 2],
      [child.account, 1],
    ] as const) {
      made.push(String(dataOf(await add(account, neighbour(step), by))['sid']));
    }
    const sids = async (query: string, who: Admin = by) =>
      listOf(await who.get(`/public_keys?${query}`)).map(({ sid }) => sid);
    expect(await sids('')).toEqual(made);
    expect(await sids(`filter[account_sid]=${child.account}`)).toEqual(made.slice(2));
    expect(await sids('page[size]=2&page[number]=2')).toEqual(made.slice(2));
    expect(await sids('', child.people.owner)).toEqual(made.slice(2));
    expect(await sids(`filter[account_sid]=${tenant.account}`, child.people.owner)).toEqual([]);
    const { body } = await by.get('/public_keys?page[size]=2&page[number]=9');
    expect(body).toMatchObject({ data: [], meta: { total_pages: 2, total_results: 3 } });
    expect((await sids('page[size]=100', operatorOf(house))).length).toBeGreaterThan(3);
  });

  it('has for a caller of one account the keys of that account alone', async () => {
    const [mine, other] = [await newAccount(), await newAccount()];
    const { sid } = dataOf(await add(mine));
    await add(other);
    const wish = { reach: [], ownAccount: mine, sid: null, accountSid: null };
    const { rows, total } = await readPublicKeys(house.database.sql, wish, { 'page[number]': 1, 'page[size]': 10 });
    expect([rows.map((row) => row.sid), total]).toEqual([[sid], 1]);
  });
});

describe('an account that requires validation', () => {
  it('has a public key: without one it cannot be turned on, and its last one is not deleted', async () => {
    const account = await newAccount();
    const path = `/accounts/${account}`;
    expect(dataOf(await owner.get(path))['require_validation']).toBe(false);
    const early = await owner.put(path, { require_validation: true });
    expect(refusalOf(early)).toEqual([422, ['/require_validation']]);
    const [first, second] = [dataOf(await add(account)), dataOf(await add(account, neighbour(7)))];
    expect(dataOf(await owner.put(path, { require_validation: true }))['require_validation']).toBe(true);
    expect(dataOf(await owner.get(path))['require_validation']).toBe(true);
    const shown = listOf(await owner.get('/accounts?page[size]=100')).find(({ sid }) => sid === account);
    expect(shown?.['require_validation']).toBe(true);
    expect((await owner.delete(`/public_keys/${first['sid']}`)).status).toBe(204);
    const last = await owner.delete(`/public_keys/${second['sid']}`);
    expect([last.status, last.text]).toEqual([422, expect.stringContaining('its last public key')]);
    expect(dataOf(await owner.put(path, { require_validation: false }))['require_validation']).toBe(false);
    expect((await owner.delete(`/public_keys/${second['sid']}`)).status).toBe(204);
    expect(refusalOf(await owner.put(path, { require_validation: 'yes' }))).toEqual([422, ['/require_validation']]);
    const events = await house.database.sql`
      select detail from audit_events where target_id = ${account} and action = 'account.updated' order by id`;
    expect([...events].map(({ detail }) => detail)).toEqual([
      { changed: 'require_validation', require_validation: true },
      { changed: 'require_validation', require_validation: false },
    ]);
  });

  it('keeps one, though all are deleted at once', async () => {
    const account = await newAccount();
    const keys = [dataOf(await add(account)), dataOf(await add(account, neighbour(7)))];
    await owner.put(`/accounts/${account}`, { require_validation: true });
    const answers = await Promise.all(keys.map(({ sid }) => owner.delete(`/public_keys/${sid}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
  });
});
