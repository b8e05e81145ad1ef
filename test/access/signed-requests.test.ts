import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { countersign } from '../../src/sdk/index.ts';
import { ValidationToken } from '../../src/sdk/jwt/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { sendRaw } from '../support/raw-request.ts';
import { type Admin, dataOf, makeTenant, type Tenant } from '../support/tenancy.ts';
import { type Answer, basic } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { bearerOf, makeSigner, newPair, requirementOf, type Sent, type Signer, sendAs, tokenFor } from './signer.ts';

let house: House;
let acme: Tenant;
let owner: Admin;
/** Whose account requires signed calls. */
let signer: Signer;
/** Whose does not. */
let free: Signer;
let issuer: string;
beforeAll(async () => {
  house = await openHouse();
  issuer = house.issuer;
  acme = await makeTenant(house, 'Acme');
  owner = acme.people.owner;
  [signer, free] = [await makeSigner(owner), await makeSigner(owner)];
  dataOf(await requirementOf(owner, signer, true));
  await within(5_000, async () => (await sendAs(signer, house.address, list)).status === 401);
});
afterAll(() => house.close());

const list: Sent = { method: 'GET', path: '/accounts?page[size]=5&page[number]=1' };
const make: Sent = { method: 'POST', path: '/v2/accounts', body: '{"name":"Zweigstelle Köln"}' };
const challengeOf = ({ headers }: Answer) => headers.get('www-authenticate') ?? '';
/** Signs one request and sends it, or another one. */
const signedAs = (sent: Sent, changed: Sent = sent, by: Signer = signer) =>
  sendAs(by, house.address, changed, tokenFor(by, issuer, sent));

describe('the real twilio client that signs its requests', () => {
  const clientOf = ({ accountSid, credentialSid, signingKey, secret, privateKey }: Signer, algorithm: string) => {
    const validationClient = { accountSid, credentialSid, signingKey, privateKey, algorithm };
    const httpClient = new twilio.RequestClient({ validationClient });
    return twilio(signingKey, secret, { accountSid, httpClient });
  };

  it.each(['RS256', 'PS256'])('is served with %s: what it asks in a query and what it sends as JSON', async (alg) => {
    const client = clientOf(signer, alg);
    // No `=` and no `%`, at which that client cuts a value off or fails.
    const name = `Zwei & eins * ~ + Köln, ${alg}`;
    const params = { 'page[size]': '1', 'filter[name]': name };
    const headers = { 'Content-Type': 'application/json' };
    const made = await client.request({ method: 'post', uri: `${issuer}/accounts`, headers, data: { name } });
    expect(made).toMatchObject({ statusCode: 201, body: { data: { name } } });
    const found = await client.request({ method: 'get', uri: `${issuer}/v2/accounts`, params });
    expect(found).toMatchObject({ statusCode: 200, body: { data: [{ name }], meta: { total_results: 1 } } });
    const uri = `${issuer}/accounts/${made?.body.data.sid}`;
    expect(await client.request({ method: 'put', uri, headers, data: { name: 'Ümlaut' } })).toMatchObject({
      statusCode: 200,
    });
    expect(await client.request({ method: 'delete', uri })).toMatchObject({ statusCode: 204 });
  });

  it('is refused when it does not sign, or with another key than it says', async () => {
    const { signingKey, secret, accountSid } = signer;
    const unsigned = twilio(signingKey, secret, { accountSid });
    expect(await unsigned.request({ method: 'get', uri: `${issuer}/accounts` })).toMatchObject({ statusCode: 401 });
    const pretender = clientOf({ ...signer, privateKey: newPair().privateKey }, 'RS256');
    expect(await pretender.request({ method: 'get', uri: `${issuer}/accounts` })).toMatchObject({ statusCode: 401 });
  });
});

describe('our own client', () => {
  it('is served when it signs, and told why when it does not', async () => {
    const apiKey = `${signer.signingKey}.${signer.secret}`;
    const client = countersign({ baseUrl: `${issuer}/v2`, apiKey, validation: new ValidationToken(signer) });
    const { sid } = await client.accounts.create({ name: 'Köln = 50 % & mehr' });
    const found = await client.accounts.list({ filter: { name: 'Köln = 50 % & mehr' } }).page();
    expect(found.data).toMatchObject([{ sid, require_validation: false }]);
    const unsigned = countersign({ baseUrl: issuer, apiKey });
    await expect(unsigned.accounts.retrieve(sid)).rejects.toThrow('wants its calls signed');
  });
});

describe('a call with an API key whose account requires validation', () => {
  it('counts when it is signed, by Basic and Bearer, with and without a body', async () => {
    expect([(await signedAs(list)).status, (await signedAs(make)).status]).toEqual([200, 201]);
    const byBasic = { ...list, headers: basic(signer.signingKey, signer.secret) };
    expect((await signedAs(byBasic)).status).toBe(200);
    expect((await signedAs(list, { ...list, path: '/accounts?page[number]=1&page%5Bsize%5D=5' })).status).toBe(200);
  });

  it('is refused without a token, with a challenge that says so, and its body is not waited for', async () => {
    const answer = await sendAs(signer, house.address, list);
    expect([answer.status, answer.body]).toMatchObject([401, { errors: [{ code: 'invalid_token' }] }]);
    expect(answer.text).toContain('wants its calls signed');
    expect(challengeOf(answer)).toMatch(
      /^Bearer realm="Countersign", error="invalid_token", error_description="The acc/,
    );
    for (const authorization of ['Bearer none.none', bearerOf({ ...signer, secret: 'wrong' }), bearerOf(signer)]) {
      const head = `POST /accounts HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
      const { status } = await sendRaw(house.address, `${head}Content-Length: 900\r\nConnection: close\r\n\r\n{`);
      expect(status).toBe(401);
    }
  });

  const named = (name: string) => ({ ...list, path: `${list.path}&filter[name]=${name}` });
  const [path, body] = ['/v2/accounts', '{"name":"Zweigstelle Koln"}'];
  it.each<[string, Sent, Sent]>([
    ['another method', { method: 'PUT', path, body }, make],
    ['another path', make, { ...make, path: '/v2/api_keys' }],
    ['the same path without its prefix', make, { ...make, path: '/accounts' }],
    ['another value in the query', list, { ...list, path: '/accounts?page[size]=6&page[number]=1' }],
    ['a parameter more in the query', list, { ...list, path: `${list.path}&filter[name]=x` }],
    ['a parameter less in the query', list, { ...list, path: '/accounts?page[size]=5' }],
    ['a value in the query encoded once more', named('A'), named('%2541')],
    ['one byte of the body changed', make, { ...make, body }],
    ['a space more in the body', make, { ...make, body: `${make.body} ` }],
    ['no body', make, { method: 'POST', path }],
    ['a body where there was none', { method: 'POST', path }, make],
  ])('is refused with %s', async (_what, sent, changed) => {
    const answer = await signedAs(sent, changed);
    const sentence = /not the one that was signed \(rqh\)\. This server is http|must not be encoded twice/;
    expect([answer.status, answer.text]).toEqual([401, expect.stringMatching(sentence)]);
    expect(challengeOf(answer)).toMatch(sentence);
  });

  it('is refused with the Authorization header written another way than it was signed', async () => {
    const sent = { ...list, headers: { authorization: bearerOf(signer).replace(' ', '  ') } };
    expect([(await signedAs(sent)).status, (await signedAs(list, sent)).status]).toEqual([200, 401]);
  });

  it('is refused when it was signed for another host, whatever the Host header says', async () => {
    const evil = 'http://evil.example';
    const answer = await sendAs(signer, house.address, list, tokenFor(signer, evil, list));
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('(rqh)')]);
    const head = (host: string, at: string) =>
      `GET ${list.path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${bearerOf(signer)}\r\nConnection: close\r\n` +
      `Twilio-Client-Validation: ${tokenFor(signer, at, list)}\r\n\r\n`;
    expect((await sendRaw(house.address, head('evil.example', evil))).status).toBe(401);
    expect((await sendRaw(house.address, head('evil.example', issuer))).status).toBe(200);
  });

  it('is refused with another API key of the account than the one that signed', async () => {
    const wish = { name: 'Second', account_sid: signer.accountSid, scopes: ['admin'] };
    const second = dataOf(await owner.post('/api_keys', wish));
    const sent = { ...list, headers: { authorization: `Bearer ${second['key']}` } };
    const stolen = await sendAs(signer, house.address, sent, tokenFor(signer, issuer, list));
    expect([stolen.status, stolen.text]).toEqual([401, expect.stringContaining('not of this signingKey')]);
    expect((await signedAs(sent, sent, { ...signer, signingKey: String(second['sid']) })).status).toBe(200);
  });

  it('is refused when another account signed it, or with the key of another account', async () => {
    const stranger = await makeSigner(owner);
    const { credentialSid, privateKey } = stranger;
    for (const by of [
      { ...signer, credentialSid, privateKey },
      { ...signer, credentialSid },
    ]) {
      const answer = await signedAs(list, list, by);
      expect([answer.status, answer.text]).toEqual([
        401,
        expect.stringContaining('names no public key of the account'),
      ]);
    }
    const { accountSid } = stranger;
    const account = await sendAs(signer, house.address, list, tokenFor({ ...signer, accountSid }, issuer, list));
    expect([account.status, account.text]).toEqual([401, expect.stringContaining('not of this accountSid')]);
  });

  it('is refused where a URL would be written another way, though that one was signed', async () => {
    const raw = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearerOf(signer)}\r\nConnection: close\r\n` +
      `Twilio-Client-Validation: ${tokenFor(signer, issuer, { method: 'GET', path })}\r\n\r\n`;
    expect((await sendRaw(house.address, raw('/accounts'))).status).toBe(200);
    for (const path of ['/accounts/%2e', '/accounts/%2E%2e', '/accounts/.', '/accounts/..', '/v2/accounts/%2e']) {
      const answer = await sendRaw(house.address, raw(path));
      expect([path, answer.status, answer.body]).toEqual([path, 401, expect.stringContaining('as a URL writes it')]);
    }
  });

  it('with a body that is too large or encoded is refused as such, once it says that it is signed', async () => {
    const token = tokenFor(signer, issuer, make);
    const large = await sendAs(signer, house.address, { ...make, body: `{"name":"${'x'.repeat(200_000)}"}` }, token);
    expect(large.status).toBe(413);
    const headers = { 'content-encoding': 'gzip' };
    expect((await sendAs(signer, house.address, { ...make, headers }, token)).status).toBe(415);
  });
});

describe('an account that requires nothing', () => {
  it('has its signed calls checked all the same, and its unsigned ones answered', async () => {
    expect((await sendAs(free, house.address, list)).status).toBe(200);
    expect((await signedAs(list, list, free)).status).toBe(200);
    expect((await signedAs(list, { ...list, path: '/accounts' }, free)).status).toBe(401);
    expect((await sendAs(acmeKey(), house.address, list, tokenFor(free, issuer, list))).status).toBe(401);
  });

  /** An API key of an account without public keys. */
  const acmeKey = (): Signer => {
    const [signingKey = '', secret = ''] = acme.people.owner.key.split('.');
    return { ...free, signingKey, secret };
  };
});
