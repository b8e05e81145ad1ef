import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiTokenManager, type TokenManagerOptions } from '../../../src/sdk/index.ts';
import { within } from '../../support/within.ts';
import { createClock, type MovedClock } from '../clock.ts';
import { type Endpoint, hang, hasty, inTurn, json, openEndpoint, tokens } from '../endpoint.ts';

let endpoint: Endpoint;
let clock: MovedClock;
beforeEach(async () => {
  endpoint = await openEndpoint(tokens());
  clock = createClock();
});
afterEach(() => endpoint.close());

function manager(options: Partial<TokenManagerOptions> = {}): ApiTokenManager {
  const { tokenUrl } = endpoint;
  return new ApiTokenManager({ ...hasty, tokenUrl, clientId: 'client', clientSecret: 'secret', clock, ...options });
}

describe('callers at the same time', () => {
  it('1,000 first calls make one request', async () => {
    const api = manager();
    const got = await Promise.all(Array.from({ length: 1000 }, () => api.getToken()));
    expect(new Set(got)).toEqual(new Set(['t1']));
    expect(endpoint.seen).toHaveLength(1);
  });

  it('1,000 calls at once after the end make one more', async () => {
    const api = manager();
    await api.getToken();
    clock.pass(3600);
    const got = await Promise.all(Array.from({ length: 1000 }, () => api.getToken()));
    expect(new Set(got)).toEqual(new Set(['t2']));
    expect(endpoint.seen).toHaveLength(2);
  });

  it('all hear of a refusal, and the next call asks again', async () => {
    endpoint.reply(inTurn(json(401, { error: 'invalid_client' }), tokens()));
    const api = manager();
    const ends = await Promise.allSettled(Array.from({ length: 50 }, () => api.getToken()));
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(50);
    expect(endpoint.seen).toHaveLength(1);
    expect(await api.getToken()).toBe('t1');
  });

  it('that have given up before ask for nothing', async () => {
    await expect(manager().getToken({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
    expect(endpoint.seen).toHaveLength(0);
  });

  it('one of them gives up, and the others get their token', async () => {
    let answer: () => void = () => undefined;
    endpoint.reply((seen, res) => {
      answer = () => void tokens()(seen, res);
    });
    const api = manager();
    const giveUp = new AbortController();
    const impatient = api.getToken({ signal: giveUp.signal });
    const patient = api.getToken();
    await within(5000, async () => endpoint.seen.length === 1);
    giveUp.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    answer();
    expect(await patient).toBe('t1');
  });
});

describe('the kept token', () => {
  it('is handed out until half a minute before its end', async () => {
    const api = manager();
    await api.getToken();
    clock.pass(3200);
    expect(await api.getToken()).toBe('t1');
    expect(endpoint.seen).toHaveLength(1);
    clock.pass(371);
    expect(await api.getToken()).toBe('t2');
  });

  it('is exchanged beside its use before that: no caller waits', async () => {
    const api = manager();
    await api.getToken();
    clock.pass(3500);
    expect(await api.getToken()).toBe('t1');
    await within(5000, async () => (await api.getToken()) === 't2');
    expect(endpoint.seen).toHaveLength(2);
  });

  it('is kept no longer than cacheTtl', async () => {
    const api = manager({ cacheTtl: 60 });
    await api.getToken();
    clock.pass(60);
    expect(await api.getToken()).toBe('t2');
  });

  it('is not kept past its end because of a longer cacheTtl', async () => {
    const api = manager({ cacheTtl: 86_400 });
    await api.getToken();
    clock.pass(3600);
    expect(await api.getToken()).toBe('t2');
  });

  it('has ended when the machine slept past its end', async () => {
    const api = manager();
    await api.getToken();
    clock.sleep(4000);
    expect(await api.getToken()).toBe('t2');
  });

  it('is forgotten by clearToken, even one that was under way', async () => {
    const api = manager();
    const answers: Array<() => void> = [];
    endpoint.reply((seen, res) => {
      const token = `t${answers.length + 1}`;
      answers.push(() => void json(200, { access_token: token, expires_in: 3600 })(seen, res));
    });
    const early = api.getToken();
    await within(5000, async () => answers.length === 1);
    api.clearToken();
    const late = api.getToken();
    await within(5000, async () => answers.length === 2);
    answers[1]?.();
    expect(await late).toBe('t2');
    answers[0]?.();
    expect(await early).toBe('t1');
    expect(await api.getToken()).toBe('t2');
  });

  it('is replaced by refreshToken, and by fetchToken under its other name', async () => {
    const api = manager();
    expect(await api.getToken()).toBe('t1');
    expect(await api.refreshToken()).toBe('t2');
    expect(await api.getToken()).toBe('t2');
    expect(await api.fetchToken()).toBe('t3');
    expect(await api.getToken()).toBe('t3');
  });
});

describe('a refresh beside the use that fails', () => {
  it('is not noticed by the callers, is told, and is tried again later, not at every call', async () => {
    const told: unknown[] = [];
    const api = manager({ maxRetries: 0, onBackgroundError: (error) => told.push(error) });
    await api.getToken();
    endpoint.reply(json(503, {}));
    clock.pass(3500);
    expect(await api.getToken()).toBe('t1');
    await within(5000, async () => told.length === 1);
    for (let call = 0; call < 20; call += 1) expect(await api.getToken()).toBe('t1');
    expect(endpoint.seen).toHaveLength(2);
    endpoint.reply(tokens({ access_token: 'new' }));
    clock.pass(2);
    expect(await api.getToken()).toBe('t1');
    await within(5000, async () => (await api.getToken()) === 'new');
    expect(told).toEqual([expect.objectContaining({ name: 'TokenEndpointUnavailableError', status: 503 })]);
  });

  it('keeps off as long as the server asks', async () => {
    const api = manager({ maxRetries: 0 });
    await api.getToken();
    endpoint.reply(json(429, {}, { 'retry-after': '30' }));
    clock.pass(3500);
    await api.getToken();
    await within(5000, async () => endpoint.seen.length === 2);
    clock.pass(29);
    expect(await api.getToken()).toBe('t1');
    // A request of the call before would have arrived ahead of this one.
    await manager({ maxRetries: 0 }).getToken().catch(String);
    expect(endpoint.seen).toHaveLength(3);
  });

  it('hangs without holding up anybody', async () => {
    const giveUp = new AbortController();
    const api = manager({ timeout: 600_000, maxRetries: 0, signal: giveUp.signal });
    await api.getToken();
    endpoint.reply(hang);
    clock.pass(3500);
    for (let call = 0; call < 100; call += 1) expect(await api.getToken()).toBe('t1');
    await within(5000, async () => endpoint.seen.length === 2);
    giveUp.abort();
  });
});
