import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiTokenManager,
  ClientCredentialProvider,
  type CredentialProviderLike,
  countersign,
} from '../../../src/sdk/index.ts';
import { type Endpoint, hasty, json, openEndpoint, type Reply, tokens } from '../endpoint.ts';

let authorization: Endpoint;
let api: Endpoint;
const revoked = new Set<string>();
const guarded: Reply = (seen, res) => {
  const token = seen.headers.authorization ?? '';
  return json(revoked.has(token) ? 401 : 200, revoked.has(token) ? { error: 'invalid_token' } : { data: { token } })(
    seen,
    res,
  );
};
beforeEach(async () => {
  revoked.clear();
  authorization = await openEndpoint(tokens());
  api = await openEndpoint(guarded);
});
afterEach(() => Promise.all([authorization.close(), api.close()]));

const ours = () =>
  new ClientCredentialProvider({ ...hasty, tokenUrl: authorization.tokenUrl, clientId: 'a', clientSecret: 'b' });
const clientOf = (credentials: CredentialProviderLike) => countersign({ ...hasty, baseUrl: api.url, credentials });

describe('an API that answers 401 to a revoked token', () => {
  it('sees exactly one refresh of 200 calls at once', async () => {
    const client = clientOf(ours());
    await client.get('/warm');
    revoked.add('Bearer t1');
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.get('/x')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"data":{"token":"Bearer t2"}}']),
    );
    expect(authorization.seen).toHaveLength(2);
  });

  it('sees one refresh and one repetition of a single call', async () => {
    const client = clientOf(ours());
    await client.get('/warm');
    revoked.add('Bearer t1');
    await client.post('/x', { a: 1 });
    expect(api.seen.map(({ path, text }) => path + text)).toEqual(['/warm', '/x{"a":1}', '/x{"a":1}']);
    expect(new Set(api.seen.slice(1).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(authorization.seen).toHaveLength(2);
  });

  it('is believed when it refuses the new token too: one refresh, and no storm of them', async () => {
    api.reply(json(401, { error: 'invalid_token', error_description: 'Not for this API.' }));
    const client = clientOf(ours());
    for (let call = 0; call < 10; call += 1) {
      await expect(client.get('/x')).rejects.toMatchObject({ name: 'AuthenticationError', status: 401 });
    }
    expect(authorization.seen).toHaveLength(2);
  });

  it('is told why there is no new token', async () => {
    const client = clientOf(ours());
    await client.get('/warm');
    revoked.add('Bearer t1');
    authorization.reply(json(401, { error: 'invalid_client' }));
    await expect(client.get('/x')).rejects.toMatchObject({ name: 'TokenRefusedError', error: 'invalid_client' });
  });

  it('is asked once where there is nothing to refresh', async () => {
    api.reply(json(401, {}));
    await expect(countersign({ baseUrl: api.url, apiKey: 'key' }).get('/x')).rejects.toMatchObject({ status: 401 });
    expect(api.seen).toHaveLength(1);
  });

  it('is not sent a header with a line break in it', async () => {
    const foreign: CredentialProviderLike = {
      toAuthStrategy: () => ({
        getAuthString: async () => 'Bearer never-shown\r\nx-evil: 1',
        requiresAuthentication: () => true,
        getAuthType: () => 'own',
      }),
    };
    const attempt = clientOf(foreign).get('/x');
    await expect(attempt).rejects.toMatchObject({ field: 'credentials' });
    await expect(attempt).rejects.not.toThrow('never-shown');
    expect(api.seen).toHaveLength(0);
  });

  it('sees one new strategy of a provider that cannot renew', async () => {
    let made = 0;
    const asked: string[] = [];
    const foreign: CredentialProviderLike = {
      toAuthStrategy() {
        made += 1;
        const value = `Bearer f${made}`;
        const getAuthString = async () => {
          asked.push(value);
          await setImmediate();
          return value;
        };
        return { getAuthString, requiresAuthentication: () => true, getAuthType: () => 'own' };
      },
    };
    const client = clientOf(foreign);
    await Promise.all(Array.from({ length: 50 }, () => client.get('/warm')));
    expect(asked).toEqual(['Bearer f1']);
    revoked.add('Bearer f1');
    await Promise.all(Array.from({ length: 50 }, () => client.get('/x')));
    expect(made).toBe(2);
  });

  it('sees one refresh of a token manager that several clients share', async () => {
    const tokenManager = new ApiTokenManager({
      ...hasty,
      tokenUrl: authorization.tokenUrl,
      clientId: 'a',
      clientSecret: 'b',
    });
    const clients = [1, 2, 3].map(() => clientOf(new ClientCredentialProvider({ tokenManager })));
    await Promise.all(clients.map((client) => client.get('/warm')));
    revoked.add('Bearer t1');
    await Promise.all(clients.map((client) => client.get('/x')));
    expect(authorization.seen).toHaveLength(2);
  });
});
