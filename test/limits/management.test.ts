import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import { type Office, openOffice } from '../access/office.ts';
import { within } from '../support/within.ts';

const variables = {
  TRUST_PROXY: '1',
  RATE_LIMIT_EXEMPT: '203.0.113.0/24',
  RATE_LIMIT_MANAGEMENT_REQUESTS: '5',
  RATE_LIMIT_MANAGEMENT_FAILURES: '3',
};

let office: Office;
let organization: string;
let ada: string;
beforeAll(async () => {
  office = await openOffice(variables);
  organization = await office.cast.makeOrganization('North');
  ada = await office.cast.makeUser('ada@example.com', organization);
});
afterAll(() => office.close());

const makeKey = () => office.cast.makeKey(ada, organization, ['admin']);
const look = (credential: string | undefined, address: string, path = '/signing_keys') =>
  office.ask('GET', path, {
    'x-forwarded-for': address,
    ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
  });

describe('a caller of the management API', () => {
  it('is told how much is left, and refused when nothing is, wherever the next request comes from', async () => {
    const key = await makeKey();
    const left = [];
    for (let index = 0; index < 5; index += 1) {
      const { status, headers } = await look(key, `192.0.2.${index}`);
      expect([status, headers.get('ratelimit-policy')]).toEqual([200, '"management-requests";q=5;w=60']);
      left.push(headers.get('ratelimit')?.replace(/t=(60|[1-5]?\d)$/, ''));
    }
    expect(left).toEqual([4, 3, 2, 1, 0].map((rest) => `"management-requests";r=${rest};`));
    const { status, headers, body } = await look(key, '192.0.2.9', '/v2/signing_keys');
    expect(status).toBe(429);
    expect(body).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^Too many requests; try again in \d+ seconds\.$/),
      errors: [{ code: 'too_many_requests', title: 'Too many requests', detail: expect.any(String) }],
    });
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect(headers.get('ratelimit')).toMatch(/^"management-requests";r=0;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"management-requests";q=5;w=60');
  });

  it('is nobody else: another key of the same user has its own count', async () => {
    const [one, other] = [await makeKey(), await makeKey()];
    for (let index = 0; index < 6; index += 1) await look(one, '192.0.2.20');
    expect((await look(one, '192.0.2.20')).status).toBe(429);
    expect((await look(other, '192.0.2.20')).status).toBe(200);
  });

  it('is counted for requests that are refused as well', async () => {
    const key = await office.cast.makeKey(ada, organization, ['clients:read']);
    const statuses = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await look(key, '192.0.2.21')).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  it('is not counted at an address that is listed, and is told of no limit there', async () => {
    const key = await makeKey();
    for (let index = 0; index < 8; index += 1) {
      const { status, headers } = await look(key, '203.0.113.7');
      expect([status, headers.has('ratelimit'), headers.has('ratelimit-policy')]).toEqual([200, false, false]);
    }
  });
});

describe('an address that presents credentials that are not valid', () => {
  it('is counted for calls that are signed wrongly, and not for those that lack a signature', async () => {
    const key = await makeKey();
    const { sql } = office.database;
    await sql`
      update accounts set require_validation = true
      where sid = (select account_sid from api_keys where sid = ${key.split('.')[0] ?? ''})`;
    const address = '198.51.100.9';
    const signed = { 'x-forwarded-for': address, authorization: `Bearer ${key}`, 'twilio-client-validation': 'x' };
    await within(5_000, async () => (await look(key, '203.0.113.8')).status === 401);
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await look(key, address)).status);
    for (let index = 0; index < 4; index += 1) {
      statuses.push((await office.ask('GET', '/signing_keys', signed)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401, 401, 429]);
  });

  it('is refused for a while before anything is looked at, and no other address is', async () => {
    const key = await makeKey();
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await look(newSecret(), '198.51.100.1')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await look(key, '198.51.100.1')).status).toBe(429);
    expect((await look(undefined, '198.51.100.1')).status).toBe(429);
    expect((await look(key, '198.51.100.2')).status).toBe(200);
  });

  it('is not counted for asking without any, which is how clients find out where to get one', async () => {
    for (let index = 0; index < 8; index += 1) expect((await look(undefined, '198.51.100.3')).status).toBe(401);
  });

  it('is one for a whole IPv6 network', async () => {
    for (let index = 0; index < 3; index += 1) await look(newSecret(), `2001:db8::${index}`);
    expect((await look(newSecret(), '2001:db8::ffff')).status).toBe(429);
  });
});

describe('the metrics', () => {
  it('count refusals by limit', async () => {
    const { body } = await office.metrics.render();
    expect(body).toMatch(/^countersign_rate_limited_total\{limit="management-requests"\} [1-9]/m);
    expect(body).toMatch(/^countersign_rate_limited_total\{limit="management-failures"\} [1-9]/m);
  });
});
