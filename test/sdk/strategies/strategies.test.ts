import { describe, expect, it } from '@jest/globals';
import { BasicAuthStrategy, NoAuthStrategy, TokenAuthStrategy } from '../../../src/sdk/index.ts';

const bearer = () => new TokenAuthStrategy({ getToken: async () => 'token' });

describe('applied to a request', () => {
  it('puts the header on a plain object without headers, and hands it back', async () => {
    const request: { url: string; headers?: Record<string, string> } = { url: '/x' };
    expect(await bearer().apply(request)).toBe(request);
    expect(request).toEqual({ url: '/x', headers: { Authorization: 'Bearer token' } });
  });

  it('takes the place of the header that is there, in any spelling', async () => {
    const old = { AUTHORIZATION: 'old', accept: 'a' };
    const request = await bearer().apply({ headers: old });
    expect(request.headers).toEqual({ accept: 'a', Authorization: 'Bearer token' });
    expect(old).toEqual({ AUTHORIZATION: 'old', accept: 'a' });
  });

  it('works on Headers, on a list of pairs and on a Request', async () => {
    const headers = new Headers({ authorization: 'old' });
    await bearer().apply({ headers });
    expect(headers.get('authorization')).toBe('Bearer token');
    const pairs: { headers: Array<[string, string]> } = {
      headers: [
        ['Authorization', 'old'],
        ['a', 'b'],
      ],
    };
    expect([...new Headers((await bearer().apply(pairs)).headers)]).toEqual([
      ['a', 'b'],
      ['authorization', 'Bearer token'],
    ]);
    const request = new Request('https://api.example/', { headers: { accept: 'a' } });
    expect((await bearer().apply(request)).headers.get('authorization')).toBe('Bearer token');
  });

  it('basic and none', async () => {
    const basic = new BasicAuthStrategy('a', 'b');
    expect((await basic.apply<{ headers?: Record<string, string> }>({})).headers).toEqual({
      Authorization: 'Basic YTpi',
    });
    expect([basic.getAuthType(), basic.requiresAuthentication()]).toEqual(['basic', true]);
    expect(await new NoAuthStrategy().apply({ headers: { a: 'b' } })).toEqual({ headers: { a: 'b' } });
  });

  it('says what is missing', async () => {
    await expect(bearer().apply(undefined as never)).rejects.toThrow('request is required');
  });
});

describe('a token manager that gives no token', () => {
  it.each([undefined, null, '', 5, 'a\r\nx: y', 'a b'])(
    'but %p: an error, and not a header with that in it',
    async (token) => {
      const strategy = new TokenAuthStrategy({ getToken: async () => token as string });
      await expect(strategy.getAuthString()).rejects.toMatchObject({ name: 'TokenResponseError' });
      const fetching = new TokenAuthStrategy({ fetchToken: async () => token as string });
      await expect(fetching.getAuthString()).rejects.toMatchObject({ name: 'TokenResponseError' });
    },
  );
});

describe('a refused token', () => {
  /** A manager of the user, with a count of what it was asked. */
  function source() {
    const asked = { refresh: 0 };
    let token = 'old';
    return {
      asked,
      getToken: async () => token,
      refreshToken: async () => {
        asked.refresh += 1;
        token = `new-${asked.refresh}`;
        return token;
      },
    };
  }

  it('is exchanged once, however many were refused with it, then or later', async () => {
    const manager = source();
    const strategy = new TokenAuthStrategy(manager);
    const renewed = await Promise.all(Array.from({ length: 100 }, () => strategy.renew('Bearer old')));
    expect(new Set([...renewed, await strategy.renew('Bearer old')])).toEqual(new Set(['Bearer new-1']));
    expect(manager.asked.refresh).toBe(1);
  });

  it('is not exchanged again when the new one is refused too', async () => {
    const manager = source();
    const strategy = new TokenAuthStrategy(manager);
    await strategy.renew('Bearer old');
    expect(await strategy.renew('Bearer new-1')).toBe('Bearer new-1');
    expect(manager.asked.refresh).toBe(1);
  });

  it('of a manager that cannot refresh is forgotten and asked for again', async () => {
    let token = 'old';
    const strategy = new TokenAuthStrategy({
      getToken: async () => token,
      clearToken: () => {
        token = 'new';
      },
    });
    expect(await strategy.renew('Bearer old')).toBe('Bearer new');
  });

  it('that could not be exchanged says why, and the next one tries again', async () => {
    let fails = true;
    const strategy = new TokenAuthStrategy({
      getToken: async () => 'old',
      refreshToken: async () => {
        if (fails) throw new Error('the vault is sealed');
        return 'new';
      },
    });
    await expect(strategy.renew('Bearer old')).rejects.toThrow('the vault is sealed');
    fails = false;
    expect(await strategy.renew('Bearer old')).toBe('Bearer new');
  });
});
