import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiResponseError, countersign, type Records } from '../../../src/sdk/index.ts';
import { type Endpoint, hasty, json, openEndpoint, type Reply } from '../endpoint.ts';

/** Pages of two out of `total` records. @param meta what the server says of each page on top of the truth. */
function listOf(total: number, meta: Readonly<Record<string, unknown>> = {}): Reply {
  return (seen, res) => {
    const query = new URL(seen.path, 'http://x').searchParams;
    const number = Number(query.get('page[number]'));
    const data = Array.from({ length: total }, (_, index) => ({ id: `r${index + 1}` })).slice(
      number * 2 - 2,
      number * 2,
    );
    const truth = { page_number: number, page_size: 2, total_pages: Math.ceil(total / 2), total_results: total };
    return json(200, { data, meta: { ...truth, ...meta } })(seen, res);
  };
}

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(listOf(5));
});
afterEach(() => endpoint.close());

interface Item {
  readonly id: string;
}

const clients = () =>
  countersign({ ...hasty, baseUrl: endpoint.url, apiKey: 'key' }).organizations as unknown as Records<Item>;
const numbersAsked = () => endpoint.seen.map(({ path }) => new URL(path, 'http://x').searchParams.get('page[number]'));
const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);

describe('a list', () => {
  it('is read through all its pages, each asked for once', async () => {
    const ids: unknown[] = [];
    for await (const { id } of clients().list()) ids.push(id);
    expect(ids).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
    expect(numbersAsked()).toEqual(['1', '2', '3']);
  });

  it('asks for nothing before it is read, and for no page that is not wanted', async () => {
    const list = clients().list();
    expect(endpoint.seen).toHaveLength(0);
    for await (const { id } of list) if (id === 'r2') break;
    expect(numbersAsked()).toEqual(['1']);
    expect(idsOf(await list.all(3))).toEqual(['r1', 'r2', 'r3']);
  });

  it('may begin in the middle, and keeps the other conditions on every page', async () => {
    const list = clients().list({ page: { number: 2, size: 2 }, filter: { name: { contains: 'ä&b' } } });
    expect(idsOf(await list.all())).toEqual(['r3', 'r4', 'r5']);
    expect(endpoint.seen.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/organizations?page[number]=2&page[size]=2&filter[name][contains]=ä&b',
      '/organizations?page[number]=3&page[size]=2&filter[name][contains]=ä&b',
    ]);
  });

  it('takes the names of the wire as well', async () => {
    expect(idsOf(await clients().list({ 'page[number]': 3, 'page[size]': 2 }).all())).toEqual(['r5']);
    expect(decodeURIComponent(endpoint.seen[0]?.path ?? '')).toBe('/organizations?page[size]=2&page[number]=3');
  });

  it('gives one page with what the server says of it', async () => {
    const { data, meta } = await clients().list().page();
    expect([idsOf(data), meta]).toEqual([
      ['r1', 'r2'],
      { page_number: 1, page_size: 2, total_pages: 3, total_results: 5 },
    ]);
  });

  it('of nothing is empty', async () => {
    endpoint.reply(listOf(0));
    expect(await clients().list().all()).toEqual([]);
    expect(endpoint.seen).toHaveLength(1);
  });

  it.each([
    ['that does not say how many pages there are', { total_pages: undefined }],
    ['that always says that this is the first', { page_number: 1 }],
    ['that does not count its pages', { page_number: undefined, total_pages: undefined }],
  ])('%s comes to its end', async (_name, meta) => {
    endpoint.reply(listOf(5, meta));
    expect(idsOf(await clients().list().all())).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('that is none is said to be none', async () => {
    endpoint.reply(json(200, { data: {} }));
    await expect(clients().list().all()).rejects.toBeInstanceOf(ApiResponseError);
  });

  it('that fails half way says so', async () => {
    const good = listOf(5);
    endpoint.reply((seen, res) => (endpoint.seen.length < 2 ? good : json(403, { error: 'forbidden' }))(seen, res));
    await expect(clients().list().all()).rejects.toMatchObject({ status: 403 });
  });
});
