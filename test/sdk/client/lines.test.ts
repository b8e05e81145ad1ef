import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiResponseError,
  type ClientOptions,
  ConnectionError,
  countersign,
  TimeoutError,
} from '../../../src/sdk/index.ts';
import { type Endpoint, hasty, inTurn, json, openEndpoint, type Reply } from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(json(500, {}));
});
afterEach(() => endpoint.close());

const type = { 'content-type': 'application/x-ndjson; charset=utf-8' };

/** Sends these parts one by one. @param end how the answer ends then, if it does. */
const parts =
  (texts: ReadonlyArray<string | Buffer>, end: (res: ServerResponse) => void = (res) => void res.end()): Reply =>
  async (_seen, res) => {
    res.writeHead(200, type);
    for (const text of texts) await new Promise<void>((resolve) => res.write(text, () => setImmediate(resolve)));
    end(res);
  };
const broken = (res: ServerResponse) => void res.destroy();
const silent = () => undefined;

const events = (options: Partial<ClientOptions> = {}, signal?: AbortSignal) =>
  countersign({ ...hasty, baseUrl: endpoint.url, apiKey: 'key', ...options }).auditEvents.export({}, { signal });

/** The ids that came, and what came after them. */
async function read(from = events()) {
  const ids: string[] = [];
  try {
    for await (const { id } of from) ids.push(id);
  } catch (error) {
    return { ids, error };
  }
  return { ids, error: undefined };
}

describe('JSON lines', () => {
  it('are records wherever the parts of the answer are cut', async () => {
    const bytes = Buffer.from('{"id":"ä"}\n{"id":"2"}\n\n{"id":"3"}');
    endpoint.reply(parts([...bytes].map((byte) => Buffer.from([byte]))));
    expect(await read()).toEqual({ ids: ['ä', '2', '3'], error: undefined });
    expect(endpoint.seen[0]?.headers.accept).toBe('application/x-ndjson');
  });

  it('are asked for again while nothing of them has come', async () => {
    endpoint.reply(inTurn(json(503, {}), json(429, {}), parts(['{"id":"1"}\n'])));
    expect(await read()).toEqual({ ids: ['1'], error: undefined });
    expect(endpoint.seen).toHaveLength(3);
  });

  it('that break off are given as far as they came, and asked for no more', async () => {
    endpoint.reply(parts(['{"id":"1"}\n{"id"'], broken));
    const { ids, error } = await read();
    expect(ids).toEqual(['1']);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(endpoint.seen).toHaveLength(1);
  });

  it('that do not go on end with a TimeoutError', async () => {
    endpoint.reply(parts(['{"id":"1"}\n'], silent));
    const { ids, error } = await read(events({ timeout: 1500 }));
    expect(ids).toEqual(['1']);
    expect(error).toBeInstanceOf(TimeoutError);
  });

  it('are ended by a signal, with its reason', async () => {
    endpoint.reply(parts(['{"id":"1"}\n'], silent));
    const stop = new AbortController();
    const reason = new Error('enough');
    const ids: string[] = [];
    const reading = async () => {
      for await (const { id } of events({}, stop.signal)) {
        ids.push(id);
        stop.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(ids).toEqual(['1']);
  });

  it('that nobody reads on are no longer sent', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    endpoint.reply(
      parts(['{"id":"1"}\n'], (res) => {
        closed = once(res, 'close');
      }),
    );
    for await (const { id } of events()) if (id === '1') break;
    await closed;
  });

  it.each([
    ['a line that is no JSON', parts(['{"id":"1"}\n<html>\n']), ['1']],
    ['a line without an end', parts(['{"id":"1"}\n', 'x'.repeat(1_100_000)]), ['1']],
    ['a page of something else', json(200, { data: [] }), []],
    ['nothing at all', (_seen: unknown, res: ServerResponse) => void res.writeHead(204, type).end(), []],
  ])('of which there is %s are no answer of the API', async (_name, reply, came) => {
    endpoint.reply(reply);
    const { ids, error } = await read();
    expect(ids).toEqual(came);
    expect(error).toBeInstanceOf(ApiResponseError);
  });

  it('are asked for only when they are read', async () => {
    events();
    expect(endpoint.seen).toHaveLength(0);
  });
});
