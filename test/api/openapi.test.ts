import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { type House, openHouse } from '../support/house.ts';
import { send } from '../support/tokens.ts';
import { type ApiDocument, operationsOf, readDocument } from './document.ts';

let house: House;
let document: ApiDocument;
beforeAll(async () => {
  house = await openHouse();
  document = await readDocument(house.address);
});
afterAll(() => house.close());

/** A test runs on loopback; documents for everybody refuse nobody; the authorization endpoint answers browsers, by 303. */
const notForUs = {
  'no-server-example.com': 'off',
  'operation-4xx-response': 'off',
  'operation-2xx-response': 'off',
} as const;

describe('the OpenAPI document', () => {
  it('is one without an error or a warning', async () => {
    const { text } = await send(`${house.address}/openapi.json`);
    const config = await createConfig({ extends: ['recommended'], rules: notForUs, telemetry: 'off' });
    const problems = await lintFromString({ source: text, absoluteRef: '/openapi.json', config });
    const told = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
    expect(told).toEqual([]);
  });

  it('is the same under /v2, may be cached, and is open to tools on any origin', async () => {
    const [one, other] = [await send(`${house.address}/openapi.json`), await send(`${house.address}/v2/openapi.json`)];
    expect(other.text === one.text).toBe(true);
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-type': 'application/json; charset=utf-8',
    });
    const again = await send(`${house.address}/openapi.json`, {
      headers: { 'if-none-match': one.headers.get('etag') ?? '' },
    });
    expect([again.status, again.text.length]).toEqual([304, 0]);
  });

  it('gives every operation a name of its own, a known tag, credentials and refusals', () => {
    const operations = operationsOf(document);
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { tag, said, refusals } of operations) {
      expect(tags).toContain(tag);
      expect(said.security.length).toBeGreaterThan(0);
      expect(refusals.length).toBeGreaterThan(0);
    }
  });

  it('names both addresses of the server', () => {
    expect(document.servers.map(({ url }) => url)).toEqual([house.issuer, `${house.issuer}/v2`]);
  });
});
