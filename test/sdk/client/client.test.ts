import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiError,
  ApiResponseError,
  ClientCredentialProvider,
  type ClientOptions,
  ConnectionError,
  CountersignError,
  countersign,
  InvalidArgumentError,
  NoAuthCredentialProvider,
  NotFoundError,
  UnprocessableEntityError,
} from '../../../src/sdk/index.ts';
import { freePort } from '../../support/house.ts';
import { within } from '../../support/within.ts';
import { type Endpoint, hang, hasty, inTurn, json, openEndpoint, type Reply, reset } from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(json(200, { data: { id: '1' } }));
});
afterEach(() => endpoint.close());

const api = (options: Partial<ClientOptions> = {}) =>
  countersign({ ...hasty, baseUrl: endpoint.url, apiKey: 'key', ...options });

describe('a request', () => {
  it('carries the credentials, asks for JSON and gives the record', async () => {
    expect(await api().organizations.retrieve('OR1')).toEqual({ id: '1' });
    expect(endpoint.seen[0]).toMatchObject({
      method: 'GET',
      path: '/organizations/OR1',
      headers: { authorization: 'Bearer key', accept: 'application/json' },
    });
    expect(endpoint.seen[0]?.headers['content-type']).toBeUndefined();
  });

  it('makes, changes and removes records by the methods of the API', async () => {
    const { oauthClients } = api();
    const draft = { name: 'a', client_type: 'public', allowed_scopes: ['x'], allowed_grant_types: [] } as const;
    await oauthClients.create(draft);
    await oauthClients.update('OQ1', { name: 'b' });
    endpoint.reply((_seen, res) => void res.writeHead(204).end());
    expect(await oauthClients.delete('OQ1')).toBeUndefined();
    expect(endpoint.seen.map(({ method, path, text }) => [method, path, text && JSON.parse(text)])).toEqual([
      ['POST', '/oauth_clients', draft],
      ['PUT', '/oauth_clients/OQ1', { name: 'b' }],
      ['DELETE', '/oauth_clients/OQ1', ''],
    ]);
  });

  it('may be any other, below the prefix of the server', async () => {
    const client = api({ baseUrl: `${endpoint.url}/v2/`, headers: { 'x-team': 'a' } });
    await client.get('/me', { query: { page: { size: 5 }, flag: true, list: ['a', 'b'], none: undefined } });
    await client.post('/things', { a: 1 }, { headers: { 'x-one': '1' } });
    await client.put('/things/1');
    await client.delete('/things/1');
    expect(endpoint.seen.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)).toEqual([
      'GET /v2/me?page[size]=5&flag=true&list=a,b',
      'POST /v2/things',
      'PUT /v2/things/1',
      'DELETE /v2/things/1',
    ]);
    expect(endpoint.seen[1]?.headers).toMatchObject({
      'x-team': 'a',
      'x-one': '1',
      'content-type': 'application/json',
    });
  });

  it.each([
    'things',
    '//evil.example/x',
    '/\\evil.example',
    'https://evil.example/',
    '/a/../b',
    '/a/%2e%2E/b',
    '/a?b=c',
    '/a#b',
  ])('does not go to %s', async (path) => {
    await expect(api().get(path)).rejects.toMatchObject({ field: 'path' });
    expect(endpoint.seen).toHaveLength(0);
  });

  it('stays within its collection whatever the id is', async () => {
    await api().users.retrieve('../accounts?x=#');
    expect(endpoint.seen[0]?.path).toBe('/users/..%2Faccounts%3Fx%3D%23');
    await expect(api().users.retrieve('..')).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(api().users.retrieve('')).rejects.toMatchObject({ field: 'id' });
  });

  it('without credentials has no header for them', async () => {
    await countersign({ baseUrl: endpoint.url, credentials: new NoAuthCredentialProvider() }).get('/x');
    expect(endpoint.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('with a header that cannot be sent is refused without showing it', async () => {
    const attempt = api({ headers: { 'x-secret': 'never-shown\r\nx-evil: 1' } }).get('/x');
    await expect(attempt).rejects.toMatchObject({ field: 'headers' });
    await expect(attempt).rejects.not.toThrow('never-shown');
  });

  it('with a body that is no JSON is refused before it is sent', async () => {
    await expect(api().post('/x', { size: 5n })).rejects.toMatchObject({ field: 'body' });
    await expect(api().post('/x', () => undefined)).rejects.toMatchObject({ field: 'body' });
  });
});

describe('an error of the API', () => {
  const statuses: ReadonlyArray<[number, string]> = [
    [400, 'BadRequestError'],
    [401, 'AuthenticationError'],
    [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'],
    [409, 'ConflictError'],
    [412, 'PreconditionFailedError'],
    [418, 'ApiError'],
    [422, 'UnprocessableEntityError'],
    [429, 'RateLimitError'],
    [500, 'ServerError'],
    [503, 'ServerError'],
  ];
  it.each(statuses)('%i is a %s', async (status, name) => {
    endpoint.reply(json(status, { error: 'some_error', error_description: 'Because.' }, { 'x-request-id': 'r1' }));
    const attempt = api({ maxRetries: 0 }).get('/x');
    await expect(attempt).rejects.toBeInstanceOf(ApiError);
    await expect(attempt).rejects.toBeInstanceOf(CountersignError);
    await expect(attempt).rejects.toMatchObject({
      name,
      status,
      error: 'some_error',
      requestId: 'r1',
      message: `GET /x: ${status} some_error, Because. [request r1]`,
    });
  });

  it('names the members that are wrong', async () => {
    const errors = [
      { code: '10001', title: 'Invalid', detail: 'must be a URL', source: { pointer: '/redirect_uris/0' } },
    ];
    endpoint.reply(json(422, { error: 'validation_failed', error_description: 'See errors.', errors }));
    const attempt = api().oauthClients.update('OQ1', {});
    await expect(attempt).rejects.toBeInstanceOf(UnprocessableEntityError);
    await expect(attempt).rejects.toMatchObject({
      errors,
      message: expect.stringContaining('/redirect_uris/0: must be a URL'),
    });
  });

  it('that is a page of a proxy keeps its status', async () => {
    endpoint.reply((_seen, res) => void res.writeHead(404).end('<html>'));
    await expect(api().get('/x')).rejects.toBeInstanceOf(NotFoundError);
  });

  it.each<[string, Reply]>([
    ['a page', (_seen, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['half of its JSON', (_seen, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"a":')],
    ['a redirect', (_seen, res) => void res.writeHead(302, { location: 'https://evil.example/' }).end('moved')],
    ['a redirect without a body', (_seen, res) => void res.writeHead(307, { location: 'https://evil.example/' }).end()],
    ['a record without data', json(200, { id: '1' })],
  ])('%s in place of an answer is said to be one', async (_name, reply) => {
    endpoint.reply(reply);
    await expect(api().organizations.retrieve('OR1')).rejects.toBeInstanceOf(ApiResponseError);
  });
});

describe('a request that fails for a moment', () => {
  it.each<[string, Reply]>([
    ['429', json(429, {}, { 'retry-after': '0' })],
    ['503', json(503, {})],
    ['a reset connection', reset],
  ])('after %s is repeated as the same one', async (_name, failure) => {
    endpoint.reply(inTurn(failure, failure, json(201, { data: { id: '1' } })));
    await api().organizations.create({ name: 'a' });
    const keys = endpoint.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has the key of the caller where there is one, and another POST has another', async () => {
    const client = api();
    await client.post('/x', {}, { idempotencyKey: 'mine' });
    await client.post('/x', {});
    await client.post('/x', {});
    const keys = endpoint.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toBe('mine');
    expect(new Set(keys).size).toBe(3);
  });

  it('is given up in the end', async () => {
    endpoint.reply(json(503, { error: 'unavailable' }));
    await expect(api().get('/x')).rejects.toMatchObject({ name: 'ServerError', status: 503 });
    expect(endpoint.seen).toHaveLength(3);
    const nobody = api({ baseUrl: `http://127.0.0.1:${await freePort()}`, maxRetries: 1 });
    await expect(nobody.get('/x')).rejects.toBeInstanceOf(ConnectionError);
  });

  it.each([400, 401, 404, 409, 422])('after %i is not repeated', async (status) => {
    endpoint.reply(json(status, {}));
    await expect(api().get('/x')).rejects.toMatchObject({ status });
    expect(endpoint.seen).toHaveLength(1);
  });

  it('hangs no longer than the time limit', async () => {
    endpoint.reply(hang);
    await expect(api({ timeout: 50, maxRetries: 0 }).get('/x')).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('ends with the signal of the call while its token is awaited', async () => {
    const stop = new AbortController();
    const waiting = new Promise<string>(() => undefined);
    const credentials = new ClientCredentialProvider({ tokenManager: { getToken: () => waiting } });
    const client = countersign({ ...hasty, baseUrl: endpoint.url, credentials });
    const ended = expect(client.get('/x', { signal: stop.signal })).rejects.toThrow('enough');
    stop.abort(new Error('enough'));
    await ended;
  });

  it('ends with the signal of the call, and with that of the client', async () => {
    endpoint.reply(hang);
    const whole = new AbortController();
    const one = new AbortController();
    const client = api({ signal: whole.signal });
    const first = expect(client.get('/x', { signal: one.signal })).rejects.toThrow('one');
    const second = expect(client.get('/x', { signal: new AbortController().signal })).rejects.toThrow('all');
    await within(5000, async () => endpoint.seen.length === 2);
    one.abort(new Error('one'));
    await first;
    whole.abort(new Error('all'));
    await second;
  });
});
