import { createHmac, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { sendRaw } from '../support/raw-request.ts';
import { type Admin, dataOf, makeTenant } from '../support/tenancy.ts';
import { within } from '../support/within.ts';
import { bearerOf, makeSigner, newPair, requirementOf, type Sent, type Signer, sendAs, tokenFor } from './signer.ts';

let house: House;
let other: House;
let owner: Admin;
/** Whose account requires signed calls. */
let signer: Signer;
let issuer: string;
beforeAll(async () => {
  house = await openHouse();
  other = await openHouse({}, house);
  issuer = house.issuer;
  owner = (await makeTenant(house, 'Acme')).people.owner;
  signer = await makeSigner(owner);
  dataOf(await requirementOf(owner, signer, true));
  await within(5_000, async () => (await sendAs(signer, house.address, list)).status === 401);
});
afterAll(async () => {
  await other.close();
  await house.close();
});

const list: Sent = { method: 'GET', path: '/accounts?page[size]=5&page[number]=1' };
const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
type Members = Readonly<Record<string, unknown>>;

/** The parts of a token that would be good, changed, and signed anew. */
function craft(header: Members, payload: Members, by: Signer = signer, signature?: (input: string) => string): string {
  const [head = '', body = ''] = tokenFor(by, issuer, list).split('.');
  const parsed = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Members;
  const input = `${segment({ ...parsed(head), ...header })}.${segment({ ...parsed(body), ...payload })}`;
  const signed = () => sign('sha256', Buffer.from(input), by.privateKey).toString('base64url');
  return `${input}.${signature?.(input) ?? signed()}`;
}
const withToken = (token: string) => sendAs(signer, house.address, list, token);
const now = () => Math.floor(Date.now() / 1000);

describe('a validation token', () => {
  const hmac = (input: string) => createHmac('sha256', signer.publicKey).update(input).digest('base64url');
  it.each<[string, () => string, string]>([
    ['HS256 with the public key as its secret', () => craft({ alg: 'HS256' }, {}, signer, hmac), 'RS256 or PS256'],
    ['RS256 that is an HMAC with the public key', () => craft({}, {}, signer, hmac), 'not signed with the public key'],
    ['no algorithm', () => craft({ alg: 'none' }, {}, signer, () => ''), 'RS256 or PS256'],
    ['RS512', () => craft({ alg: 'RS512' }, {}), 'RS256 or PS256'],
    ['PS256 in name alone', () => craft({ alg: 'PS256' }, {}), 'not signed with the public key'],
    ['no kid', () => craft({ kid: undefined }, {}), 'names no public key'],
    ['a kid of every object', () => craft({ kid: 'constructor' }, {}), 'names no public key'],
    ['a kid of another kind', () => craft({ kid: ['a'] }, {}), ''],
    ['an extension that must be understood', () => craft({ crit: ['x'] }, {}), 'not one JWT'],
    ['another content type', () => craft({ cty: 'JWT' }, {}), 'no validation token'],
    ['a signature of nobody', () => craft({}, {}, signer, () => 'AAAA'), 'not signed with the public key'],
    ['another hash', () => craft({}, { rqh: '0'.repeat(64) }), '(rqh)'],
    ['no hash', () => craft({}, { rqh: undefined }), 'rqh must be a string'],
    ['no host among what is signed', () => craft({}, { hrh: 'authorization' }), 'host must be signed'],
    ['no Authorization among what is signed', () => craft({}, { hrh: 'host' }), 'authorization must be signed'],
    ['no end', () => craft({}, { exp: undefined }), 'exp is required'],
    ['an end that is past', () => craft({}, { iat: now() - 310, exp: now() - 10 }), 'has expired'],
    ['a life of an hour', () => craft({}, { exp: now() + 3_600 }), 'more than 300 seconds'],
    ['a life of an hour that is nearly over', () => craft({}, { iat: now() - 3_400, exp: now() + 200 }), '300 seconds'],
    ['a beginning that is to come', () => craft({}, { nbf: now() + 60 }), 'not valid yet'],
    ['nonsense', () => 'nonsense', 'not one JWT'],
    ['nothing', () => '', 'not one JWT'],
    ['more than any token has', () => craft({}, { pad: 'x'.repeat(8_192) }), 'not one JWT'],
  ])('is refused with %s', async (_what, token, sentence) => {
    const answer = await withToken(token());
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining(sentence)]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error_description="[^"]+"/);
  });

  it('counts from a client whose clock differs a little', async () => {
    for (const skew of [-3, 3]) {
      const token = craft({}, { iat: now() + skew, nbf: now() + skew, exp: now() + skew + 300 });
      expect((await withToken(token)).status).toBe(200);
    }
  });

  it('is refused beside another, though both are good', async () => {
    const line = `Twilio-Client-Validation: ${tokenFor(signer, issuer, list)}\r\n`;
    const head = `GET ${list.path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearerOf(signer)}\r\nConnection: close\r\n`;
    const once = await sendRaw(house.address, `${head}${line}\r\n`);
    const twice = await sendRaw(house.address, `${head}${line}${line}\r\n`);
    expect([once.status, twice.status, twice.text.includes('not one JWT')]).toEqual([200, 401, true]);
  });
});

describe('an account', () => {
  it('is not left without a key by somebody who deletes the last one while another requires validation', async () => {
    for (let round = 0; round < 5; round += 1) {
      const mine = await makeSigner(owner);
      const [required, deleted] = await Promise.all([
        requirementOf(owner, mine, true),
        owner.delete(`/public_keys/${mine.credentialSid}`),
      ]);
      expect([
        [200, 422],
        [422, 204],
      ]).toContainEqual([required.status, deleted.status]);
    }
  });
});

describe('every node', () => {
  it('hears within two seconds of a key that is deleted, and of a requirement that is lifted', async () => {
    const mine = await makeSigner(owner);
    const pair = newPair();
    const added = { name: 'Second', account_sid: mine.accountSid, public_key: pair.publicKey };
    const second = { ...mine, ...pair, credentialSid: String(dataOf(await owner.post('/public_keys', added))['sid']) };
    dataOf(await requirementOf(owner, mine, true));
    const statuses = async (by: Signer, signed: boolean) => {
      const ask = async ({ address }: House) =>
        (await sendAs(by, address, list, signed ? tokenFor(by, issuer, list) : undefined)).status;
      return Promise.all([house, other].map(ask));
    };
    const both = (by: Signer, signed: boolean, status: number) => async () =>
      (await statuses(by, signed)).every((told) => told === status);
    await within(2_000, both(mine, false, 401));
    expect(await statuses(mine, true)).toEqual([200, 200]);
    expect(await statuses(second, true)).toEqual([200, 200]);
    expect((await owner.delete(`/public_keys/${mine.credentialSid}`)).status).toBe(204);
    await within(2_000, both(mine, true, 401));
    expect(await statuses(second, true)).toEqual([200, 200]);
    dataOf(await requirementOf(owner, mine, false));
    await within(2_000, both(mine, false, 200));
  });
});
