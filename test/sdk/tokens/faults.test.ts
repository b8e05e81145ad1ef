import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiTokenManager,
  TokenEndpointUnavailableError,
  type TokenManagerOptions,
  TokenRefusedError,
  TokenResponseError,
} from '../../../src/sdk/index.ts';
import { freePort } from '../../support/house.ts';
import { within } from '../../support/within.ts';
import {
  cutShort,
  type Endpoint,
  hang,
  hasty,
  inTurn,
  json,
  openEndpoint,
  type Reply,
  reset,
  tokens,
} from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(tokens());
});
afterEach(() => endpoint.close());

function manager(options: Partial<TokenManagerOptions> = {}): ApiTokenManager {
  const { tokenUrl } = endpoint;
  return new ApiTokenManager({ ...hasty, tokenUrl, clientId: 'client', clientSecret: 'very-secret', ...options });
}

const text =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply =>
  (_seen, res) => {
    res.writeHead(status, headers).end(body);
  };

describe('a token endpoint that fails for a moment', () => {
  const moments: ReadonlyArray<[string, Reply]> = [
    ['resets the connection', reset],
    ['breaks off its answer', cutShort],
    ['answers 500', json(500, { error: 'server_error' })],
    ['answers 503 with a page', text(503, '<html>maintenance</html>')],
    ['answers 429', json(429, { error: 'too_many_requests' })],
    ['answers 429 and asks to wait no time', json(429, {}, { 'retry-after': '0' })],
  ];
  it.each(moments)('%s: the caller gets a token all the same', async (_name, failure) => {
    endpoint.reply(inTurn(failure, failure, tokens()));
    expect(await manager().getToken()).toBe('t1');
    expect(endpoint.seen).toHaveLength(3);
  });

  it('hangs: the caller gets a token all the same', async () => {
    endpoint.reply(inTurn(hang, tokens()));
    expect(await manager({ timeout: 100 }).getToken()).toBe('t1');
  });
});

describe('a token endpoint that fails for good', () => {
  it.each<[string, Reply, string, number | undefined]>([
    ['resets every connection', reset, 'No answer from', undefined],
    ['answers 503', json(503, {}, { 'retry-after': '0' }), 'HTTP 503', 503],
    ['answers 429', json(429, {}), 'keep one manager for all calls', 429],
  ])('%s: three attempts, then an error that says so', async (_name, failure, words, status) => {
    endpoint.reply(failure);
    const attempt = manager().getToken();
    await expect(attempt).rejects.toBeInstanceOf(TokenEndpointUnavailableError);
    await expect(attempt).rejects.toMatchObject({ status, attempts: 3, message: expect.stringContaining(words) });
    expect(endpoint.seen).toHaveLength(3);
  });

  it('hangs: an error that says how long was waited', async () => {
    endpoint.reply(hang);
    await expect(manager({ timeout: 50, maxRetries: 1 }).getToken()).rejects.toMatchObject({
      name: 'TokenEndpointUnavailableError',
      message: expect.stringContaining('within 50 ms'),
      cause: expect.objectContaining({ name: 'TimeoutError', timeout: 50 }),
    });
  });

  it('never ends its answer: the time limit holds for the body too', async () => {
    endpoint.reply((_seen, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":');
    });
    await expect(manager({ timeout: 100, maxRetries: 0 }).getToken()).rejects.toThrow('within 100 ms');
  });

  it('nobody listens: an error that names the address', async () => {
    const tokenUrl = `http://127.0.0.1:${await freePort()}/oauth/token`;
    const attempt = manager({ tokenUrl, maxRetries: 0 }).getToken();
    await expect(attempt).rejects.toThrow(`No answer from ${tokenUrl} (ECONNREFUSED)`);
  });

  it('speaks another protocol', async () => {
    const other = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
    const { port } = other.address() as { port: number };
    const attempt = manager({ tokenUrl: `http://127.0.0.1:${port}/`, maxRetries: 0 }).getToken();
    await expect(attempt).rejects.toBeInstanceOf(TokenEndpointUnavailableError);
    other.close();
  });
});

describe('waiting', () => {
  it('lasts as long as Retry-After asks', async () => {
    endpoint.reply(inTurn(json(429, {}, { 'retry-after': '1' }), tokens()));
    const started = performance.now();
    expect(await manager({ maxRetryDelay: 2000 }).getToken()).toBe('t1');
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  });

  it('is not begun when the server asks for more patience than there is, which the error tells', async () => {
    endpoint.reply(json(503, {}, { 'retry-after': '3600' }));
    await expect(manager().getToken()).rejects.toMatchObject({ retryAfter: 3_600_000, attempts: 1 });
    expect(endpoint.seen).toHaveLength(1);
  });

  it('reads a date in Retry-After by the clock of the server, not by ours', async () => {
    const server = Date.now() - 600_000;
    const headers = {
      date: new Date(server).toUTCString(),
      'retry-after': new Date(server + 3_600_000).toUTCString(),
    };
    endpoint.reply(json(503, {}, headers));
    await expect(manager().getToken()).rejects.toMatchObject({ retryAfter: 3_600_000 });
  });

  it('ends at once when the signal says so', async () => {
    endpoint.reply(json(503, {}, { 'retry-after': '5' }));
    const stop = new AbortController();
    const attempt = manager({ maxRetryDelay: 10_000, signal: stop.signal }).getToken();
    const ended = expect(attempt).rejects.toThrow('shutting down');
    await within(5000, async () => endpoint.seen.length === 1);
    stop.abort(new Error('shutting down'));
    await ended;
  });

  it('for an answer ends at once when the signal says so, and nothing is tried again', async () => {
    endpoint.reply(hang);
    const stop = new AbortController();
    const api = manager({ signal: stop.signal });
    const ended = expect(api.getToken()).rejects.toThrow('shutting down');
    await within(5000, async () => endpoint.seen.length === 1);
    stop.abort(new Error('shutting down'));
    await ended;
    await expect(api.getToken()).rejects.toThrow('shutting down');
    expect(endpoint.seen).toHaveLength(1);
  });
});

describe('an answer that is no token', () => {
  const garbage: ReadonlyArray<[string, Reply, string]> = [
    ['a page', text(200, '<html>hello</html>', { 'content-type': 'text/html' }), 'without an access_token'],
    ['nothing', text(204, ''), 'without an access_token'],
    ['a JSON text', json(200, 'token'), 'without an access_token'],
    ['a list', json(200, [{ access_token: 'x' }]), 'without an access_token'],
    ['an empty object', json(200, {}), 'without an access_token'],
    ['a token that is a number', json(200, { access_token: 5 }), 'must be a string'],
    ['an empty token', json(200, { access_token: '' }), 'must be a string'],
    ['a token with a line break', json(200, { access_token: 'a\r\nx-evil: 1' }), 'must be a string'],
    ['a token of another type', json(200, { access_token: 'a', token_type: 'DPoP' }), 'not a Bearer token'],
    ['a redirect', text(307, '', { location: 'http://127.0.0.1:1/' }), 'Set tokenUrl to the address itself'],
  ];
  it.each(garbage)('%s is refused, once, with words', async (_name, reply, words) => {
    endpoint.reply(reply);
    const attempt = manager().getToken();
    await expect(attempt).rejects.toBeInstanceOf(TokenResponseError);
    await expect(attempt).rejects.toThrow(words);
    expect(endpoint.seen).toHaveLength(1);
  });

  it('without end is not read without end', async () => {
    endpoint.reply((_seen, res) => {
      const pour = () => {
        while (!res.destroyed && res.write('x'.repeat(65_536))) {
          // until the other side takes no more
        }
      };
      res.on('drain', pour);
      pour();
    });
    await expect(manager({ timeout: 20_000 }).getToken()).rejects.toBeInstanceOf(TokenResponseError);
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'invalid_client', 'Check clientId and its secret'],
    [400, 'invalid_scope', 'leave scope out'],
    [400, 'invalid_target', 'Check resource'],
    [400, 'unauthorized_client', 'Allow the client this grant type'],
    [404, undefined, 'tokenUrl is the address of the token endpoint'],
  ])('%i %s is not repeated and says what to mend', async (status, error, remedy) => {
    endpoint.reply(json(status, { error, error_description: 'Because of this.' }));
    const attempt = manager().getToken();
    await expect(attempt).rejects.toBeInstanceOf(TokenRefusedError);
    await expect(attempt).rejects.toMatchObject({
      status,
      error: error ?? 'unknown',
      errorDescription: 'Because of this.',
      message: expect.stringContaining(remedy),
    });
    expect(endpoint.seen).toHaveLength(1);
  });

  it('in the words of Twilio is understood too', async () => {
    endpoint.reply(json(401, { code: 20003, message: 'Authenticate', status: 401 }));
    await expect(manager().getToken()).rejects.toMatchObject({ errorDescription: 'Authenticate' });
  });

  it('that repeats the secret does not put it into the error', async () => {
    const secrets = { clientSecret: 'ge heim+1', refreshToken: 'refresh-2' };
    endpoint.reply((seen, res) => json(400, { error: 'invalid_grant', error_description: seen.text })(seen, res));
    const error = await manager({ ...secrets, grantType: 'refresh_token' })
      .getToken()
      .catch((reason: unknown) => reason);
    const shown = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack);
    expect(shown).toContain('***');
    for (const secret of ['heim', 'refresh-2']) expect(shown).not.toContain(secret);
  });
});
