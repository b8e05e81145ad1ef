import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Answer, askWithForm, basic, grant, send } from '../support/tokens.ts';

const draft = (name: string) => ({
  name,
  client_type: 'confidential',
  allowed_grant_types: ['client_credentials'],
  allowed_scopes: ['clients:read'],
});

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

function create(body: unknown, key: string, bearer: string = house.demo['api_key'] ?? ''): Promise<Answer> {
  return send(`${house.address}/oauth_clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const dataOf = ({ body }: Answer) => body['data'] as Record<string, string>;

async function count(name: string): Promise<number> {
  const rows = await house.database.sql`select from oauth_clients where name = ${name}`;
  return rows.count;
}

describe('a POST with an Idempotency-Key', () => {
  it('that comes again gets the first answer, secret and all, and makes nothing', async () => {
    const first = await create(draft('Twice'), 'key-twice');
    const again = await create(draft('Twice'), 'key-twice');
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await count('Twice')).toBe(1);
    const { client_id: id = '', client_secret: secret = '' } = dataOf(again);
    expect((await askWithForm(`${house.address}/oauth/token`, grant, basic(id, secret))).status).toBe(200);
  });

  it('that comes many times at once is carried out once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(draft('At once'), 'key-at-once')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(await count('At once')).toBe(1);
  });

  it('is refused when the key was sent with another request before', async () => {
    await create(draft('One'), 'key-one');
    const other = await create(draft('Another'), 'key-one');
    expect(other).toMatchObject({ status: 422, body: { errors: [{ code: 'idempotency_key_reused' }] } });
    expect(await count('Another')).toBe(0);
  });

  it('can be mended after a refusal, under the same key', async () => {
    const refused = await create({ ...draft('Mended'), client_type: 'secret' }, 'key-mended');
    expect(refused.status).toBe(422);
    expect((await create(draft('Mended'), 'key-mended')).status).toBe(201);
  });

  it('shares its key with no other caller', async () => {
    const made = await send(`${house.address}/api_keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.demo['api_key']}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Second', account_sid: house.demo['account_sid'], scopes: ['admin'] }),
    });
    const first = await create(draft('Shared'), 'key-shared');
    const second = await create(draft('Shared'), 'key-shared', dataOf(made)['key']);
    expect(second.status).toBe(201);
    expect(dataOf(second)['client_id']).not.toBe(dataOf(first)['client_id']);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'ü'])('is refused with 400 when the key is %j', async (key) => {
    if (key === '') return expect((await create(draft('Empty'), key)).status).toBe(201);
    const answer = await create(draft('Bad key'), Buffer.from(key).toString('latin1'));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'malformed_request' }] } });
    expect(await count('Bad key')).toBe(0);
  });

  it('is forgotten after a day', async () => {
    const first = await create(draft('Yesterday'), 'key-yesterday');
    await house.database.sql`update idempotent_answers set expires_at = now() - interval '1 second'`;
    const second = await create(draft('Yesterday'), 'key-yesterday');
    expect(dataOf(second)['client_id']).not.toBe(dataOf(first)['client_id']);
  });

  it('leaves no secret in the database', async () => {
    const { client_secret: secret = '' } = dataOf(await create(draft('Sealed'), 'key-sealed'));
    const rows = await house.database.sql<Array<{ sealed: Buffer }>>`
      select answer_sealed as sealed from idempotent_answers`;
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ sealed }) => sealed.includes(secret))).toBe(false);
  });
});
