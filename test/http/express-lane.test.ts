import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/base/index.ts';
import { createKernel, type FormLane, type QueryLane, readParameters } from '../../src/http/index.ts';
import { createLogger, createMetrics } from '../../src/telemetry/index.ts';
import { within } from '../support/within.ts';

type Line = Readonly<Record<string, unknown>>;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const answer = { headers: ['content-type', 'application/json; charset=utf-8'], body: '{"from":"the lane"}' };

/** A kernel whose one route tells what it got, with or without a lane in front of it. */
async function open(
  lane: FormLane['answer'] | undefined,
  trustProxy: number | readonly string[] = 0,
  more: readonly QueryLane[] = [],
) {
  const destination = new PassThrough();
  const lines: Line[] = [];
  destination.on('data', (chunk) => lines.push(JSON.parse(String(chunk)) as Line));
  const logger = createLogger({ level: 'info', format: 'json' }, destination);
  const metrics = createMetrics();
  const handler = createKernel({
    config: { issuer: 'https://id.example', trustProxy },
    logger,
    metrics,
    lanes: lane === undefined ? more : [{ path: '/oauth/thing', reads: 'parameters', maxBytes: 100, answer: lane }],
    mount(router) {
      router.post('/oauth/thing', async (ctx) => {
        const parameters = ctx.state['parameters'] ?? (await readParameters(ctx.req, 100));
        ctx.body = { from: 'koa', parameters };
      });
    },
  });
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, port, lines, metrics };
}

type Kernel = Awaited<ReturnType<typeof open>>;

async function post(
  { address }: Kernel,
  path = '/oauth/thing',
  body = 'a=1',
  more: Readonly<Record<string, string>> = {},
) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...more };
  const response = await fetch(address + path, { method: 'POST', headers, body });
  const { date: _date, 'x-request-id': _id, ...kept } = Object.fromEntries(response.headers);
  return { status: response.status, headers: kept, text: await response.text(), id: _id };
}

/** The one line that a request leaves, without what differs from one to the next. */
async function lineOf({ lines }: Kernel): Promise<Line> {
  await within(1000, async () => lines.length > 0);
  expect(lines).toHaveLength(1);
  const { time: _time, ms, requestId, ...rest } = lines[0] as Line;
  expect([typeof ms, typeof requestId]).toEqual(['number', 'string']);
  return rest;
}

const counted = async ({ metrics }: Kernel) =>
  (await metrics.render()).body.split('\n').filter((line) => line.includes('http_request_duration_seconds_count'));

describe('an express lane', () => {
  it('answers with the headers, the log line and the measurement that koa would have left', async () => {
    const [lane, koa] = [await open(async () => answer), await open(undefined)];
    const [fast, slow] = [await post(lane), await post(koa)];
    expect([fast.status, fast.text]).toEqual([200, answer.body]);
    expect(JSON.parse(slow.text)).toEqual({ from: 'koa', parameters: [['a', '1']] });
    expect(fast.headers['strict-transport-security']).toMatch(/max-age/);
    expect({ ...fast.headers, 'content-length': 'any' }).toEqual({ ...slow.headers, 'content-length': 'any' });
    expect(fast.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await lineOf(lane)).toEqual(await lineOf(koa));
    expect(await counted(lane)).toEqual(await counted(koa));
    expect(await counted(lane)).toEqual([expect.stringContaining('method="POST",route="/oauth/thing",status="200"')]);
  });

  it('of a browser answers GET with a query, its own headers in place of the usual ones, and nothing else', async () => {
    const lane: QueryLane = {
      path: '/oauth/thing',
      reads: 'query',
      maxBytes: 100,
      always: { 'content-security-policy': "default-src 'self'" },
      answer: async (_req, query) => ({ status: 303, headers: ['location', `/there?${query}`], body: '' }),
    };
    const { address } = await open(undefined, 0, [lane]);
    const get = (path: string, method = 'GET') => fetch(address + path, { method, redirect: 'manual' });
    for (const path of ['/oauth/thing?a=1&b=%20', '/v2/oauth/thing?a=1&b=%20']) {
      const answered = await get(path);
      expect([answered.status, answered.headers.get('location')]).toEqual([303, '/there?a=1&b=%20']);
      expect(answered.headers.get('content-security-policy')).toBe("default-src 'self'");
      expect(answered.headers.get('strict-transport-security')).toMatch(/max-age/);
    }
    for (const [path, method] of [['/oauth/thing'], ['/oauth/thing?a=1', 'POST'], ['/oauth/thing/?a=1']] as const) {
      expect((await get(path, method)).status).not.toBe(303);
    }
  });

  it('answers under /v2 too, and logs the route without it', async () => {
    const lane = await open(async () => answer);
    expect((await post(lane, '/v2/oauth/thing')).text).toBe(answer.body);
    expect(await lineOf(lane)).toMatchObject({ route: '/oauth/thing', status: 200 });
  });

  it('gives a harmless request id back and logs it, and replaces another', async () => {
    const lane = await open(async () => answer);
    expect((await post(lane, undefined, undefined, { 'x-request-id': 'a-1.b_2' })).id).toBe('a-1.b_2');
    expect((await post(lane, undefined, undefined, { 'x-request-id': 'a b' })).id).toMatch(/^[0-9a-f-]{36}$/);
    await within(1000, async () => lane.lines.length === 2);
    expect(lane.lines[0]).toMatchObject({ requestId: 'a-1.b_2' });
  });

  it('logs the address that TRUST_PROXY makes believable, and no other', async () => {
    const from = { 'x-forwarded-for': '203.0.113.7, 192.0.2.1' };
    for (const [trust, client] of [[0, '127.0.0.1'] as const, [1, '192.0.2.1'] as const]) {
      const lane = await open(async () => answer, trust);
      await post(lane, undefined, undefined, from);
      expect(await lineOf(lane)).toMatchObject({ client });
    }
  });

  it('hands over what it does not answer, with the parameters that it has read', async () => {
    const lane = await open(async () => undefined);
    const { status, text } = await post(lane, undefined, 'a=1&b=2');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        from: 'koa',
        parameters: [
          ['a', '1'],
          ['b', '2'],
        ],
      },
    ]);
    expect(await lineOf(lane)).toMatchObject({ route: '/oauth/thing', status: 200 });
  });

  it.each([
    ['GET', '/oauth/thing'],
    ['POST', '/oauth/thing?a=1'],
    ['POST', '/oauth/thing/'],
    ['POST', '/oauth/Thing'],
    ['POST', '/oauth/%74hing'],
    ['POST', '//oauth/thing'],
    ['POST', '/v2/v2/oauth/thing'],
    ['POST', '/v3/oauth/thing'],
  ])('is not taken by %s %s', async (method, path) => {
    const lane = await open(async () => answer);
    const response = await fetch(lane.address + path, { method });
    expect(await response.text()).not.toContain('the lane');
  });

  const refusals: ReadonlyArray<readonly [string, number, string, Readonly<Record<string, string>>]> = [
    ['a body that is too long', 413, `a=${'x'.repeat(200)}`, {}],
    ['a media type that is not known', 415, 'a=1', { 'content-type': 'text/plain' }],
    ['what is not percent-encoded', 400, 'a=%zz', {}],
  ];

  it.each(refusals)('refuses %s as koa does (%i)', async (_name, status, body, headers) => {
    const [lane, koa] = [await open(async () => answer), await open(undefined)];
    const [fast, slow] = [await post(lane, undefined, body, headers), await post(koa, undefined, body, headers)];
    expect(fast.status).toBe(status);
    expect({ ...fast, id: '' }).toEqual({ ...slow, id: '' });
    expect(await lineOf(lane)).toEqual(await lineOf(koa));
    expect(await counted(lane)).toEqual(await counted(koa));
  });

  it('words its own failures as koa does, and logs those that are ours', async () => {
    const refused = await open(async () => {
      throw new Problem('unavailable', 'Come back.');
    });
    const { status, headers, text } = await post(refused);
    expect([status, headers['retry-after'], JSON.parse(text)]).toEqual([
      503,
      '1',
      { error: 'temporarily_unavailable', error_description: 'Come back.' },
    ]);
    const broken = await open(async () => {
      throw new TypeError('a fault of ours');
    });
    const { status: fault, text: words } = await post(broken);
    expect([fault, words.includes('a fault of ours')]).toEqual([500, false]);
    await within(1000, async () => broken.lines.length === 2);
    expect(broken.lines[0]).toMatchObject({ err: { message: 'a fault of ours' } });
  });

  it('leaves one line for a caller who goes away in the middle of the body', async () => {
    const lane = await open(async () => answer);
    const socket = connect(lane.port, '127.0.0.1');
    socket.write(
      'POST /oauth/thing HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\na=',
    );
    await once(socket, 'connect');
    setTimeout(() => socket.destroy(), 50);
    expect(await lineOf(lane)).toMatchObject({ route: '/oauth/thing', aborted: true });
  });
});
