import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { askWithForm, basic, grant, send, tokenPaths } from '../support/tokens.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const form = 'application/x-www-form-urlencoded';
const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`p${n}`, 'x']));

describe.each(tokenPaths)('the token endpoint at %s', (path) => {
  const url = () => house.issuer + path;
  const inHeader = () => basic(house.demo.client_id, house.demo.client_secret);
  const post = (body: RequestInit['body'], type: string, extra: Readonly<Record<string, string>> = {}) =>
    send(url(), {
      method: 'POST',
      headers: { ...inHeader(), 'content-type': type, ...extra },
      ...(body === undefined ? {} : { body }),
    });
  const refusal = async (answer: ReturnType<typeof send>) => {
    const { status, body } = await answer;
    return [status, body['error']];
  };

  it.each([
    ['an unfinished object', '{"grant_type":'],
    ['nothing but a brace', '{'],
    ['an array', '["grant_type","client_credentials"]'],
    ['a string', '"client_credentials"'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['a nested object', '{"grant_type":{"$ne":null}}'],
    ['a list of grant types', '{"grant_type":["client_credentials","client_credentials"]}'],
    ['a comment', '{"grant_type":"client_credentials"/* */}'],
    ['a byte order mark in the middle', '{"grant_type":\uFEFF"client_credentials"}'],
    ['10,000 levels of arrays', '['.repeat(10_000)],
    ['10,000 levels of objects', '{"a":'.repeat(10_000)],
    ['half of a surrogate pair', '{"grant_type":"client_credentials","scope":"\\ud800"}'],
    ['a NUL', '{"grant_type":"client_credentials","scope":"a\\u0000b"}'],
    ['a line break in a scope', '{"grant_type":"client_credentials","scope":"a\\nb"}'],
    ['500 parameters', JSON.stringify({ ...grant, ...many })],
  ])('refuses JSON that holds %s', async (_what, body) => {
    expect(await refusal(post(body, 'application/json'))).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['a broken percent escape', 'grant_type=client_credentials&scope=%'],
    ['an unfinished percent escape', 'grant_type=client_credentials&scope=%f'],
    ['percent escapes that are no hexadecimal', 'grant_type=client_credentials&scope=%zz'],
    ['percent escapes that are no UTF-8', 'grant_type=client_credentials&scope=%ff%fe'],
    ['an overlong encoding of a slash', 'grant_type=client_credentials&scope=%c0%af'],
    ['half of a surrogate pair', 'grant_type=client_credentials&scope=%ed%a0%80'],
    ['a NUL', 'grant_type=client_credentials%00'],
    ['a NUL in a name', 'grant_type%00=client_credentials'],
    ['500 parameters', new URLSearchParams({ ...grant, ...many }).toString()],
  ])('refuses a form that holds %s', async (_what, body) => {
    expect(await refusal(post(body, form))).toEqual([400, 'invalid_request']);
  });

  it('refuses bytes that are no UTF-8, in either encoding', async () => {
    const head = 'grant_type=client_credentials&a=';
    expect(await refusal(post(Buffer.from(`${head}\xff`, 'latin1'), form))).toEqual([400, 'invalid_request']);
    const json = '{"grant_type":"client_credentials","a":"\xff"}';
    expect(await refusal(post(Buffer.from(json, 'latin1'), 'application/json'))).toEqual([400, 'invalid_request']);
  });

  it.each([
    'text/plain',
    'multipart/form-data',
    'application/xml',
    'application/x-www-form-urlencodedx',
    'x',
    ';',
    '*/*',
  ])('does not read a body of the type "%s"', async (type) => {
    expect(await refusal(post('grant_type=client_credentials', type))).toEqual([415, 'invalid_request']);
  });

  it('does not guess the type of a body that names none', async () => {
    const body = Buffer.from('grant_type=client_credentials');
    expect(await refusal(send(url(), { method: 'POST', headers: inHeader(), body }))).toEqual([415, 'invalid_request']);
  });

  it.each([`${form}; charset=utf-16`, 'application/json; charset=iso-8859-1'])('reads no "%s"', async (type) => {
    expect(await refusal(post('{}', type))).toEqual([415, 'invalid_request']);
  });

  it.each(['gzip', 'br', 'deflate', 'nonsense'])('unpacks no body compressed with %s', async (encoding) => {
    const answer = post(Buffer.from('anything'), form, { 'content-encoding': encoding });
    expect(await refusal(answer)).toEqual([415, 'invalid_request']);
  });

  it('refuses a body over the limit with 413, in either encoding', async () => {
    const long = 'x'.repeat(57_344);
    expect(await refusal(post(`grant_type=client_credentials&a=${long}`, form))).toEqual([413, 'invalid_request']);
    expect(await refusal(post(`{"a":"${long}"}`, 'application/json'))).toEqual([413, 'invalid_request']);
  });

  it('refuses a body over the limit that announces no length', async () => {
    const stream = ReadableStream.from(Array.from({ length: 10 }, () => Buffer.alloc(16_384, 'a')));
    const answer = send(url(), {
      method: 'POST',
      headers: { ...inHeader(), 'content-type': form },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(await refusal(answer)).toEqual([413, 'invalid_request']);
  });

  it('serves a body that is as long as the limit', async () => {
    const head = 'grant_type=client_credentials&a=';
    expect((await post(head + 'x'.repeat(57_344 - head.length), form)).status).toBe(200);
  });

  it.each(['scope', 'resource', 'client_id', 'client_secret', 'client_assertion'])(
    'refuses a %s of 20,000 characters before it does any work for it',
    async (name) => {
      const answer = await askWithForm(url(), { ...grant, [name]: 'x'.repeat(20_000) }, inHeader());
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
      expect(answer.body['error_description']).toMatch(/longer than/);
    },
  );
});
