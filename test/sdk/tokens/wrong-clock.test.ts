import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiTokenManager, type TokenManagerOptions } from '../../../src/sdk/index.ts';
import { createClock } from '../clock.ts';
import { type Endpoint, hasty, json, jwtWith, openEndpoint, type Reply } from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(issue);
});
afterEach(() => endpoint.close());

function manager(options: Partial<TokenManagerOptions>): ApiTokenManager {
  const { tokenUrl } = endpoint;
  return new ApiTokenManager({ ...hasty, tokenUrl, clientId: 'client', clientSecret: 'secret', ...options });
}

const lifetime = 300;
/** Says nothing of the lifetime but the times in the token. */
const issue: Reply = (seen, res) => {
  const now = Math.floor(Date.now() / 1000);
  const token = jwtWith({ iat: now, exp: now + lifetime, jti: String(endpoint.seen.length) });
  return json(200, { access_token: token, token_type: 'Bearer' })(seen, res);
};

describe('a clock that is wrong by ten minutes', () => {
  it.each([600, -600])('%i seconds: a token of five minutes is kept for five minutes', async (wrong) => {
    const clock = createClock(wrong);
    const api = manager({ clock });
    const first = await api.getToken();
    clock.pass(lifetime * 0.7);
    expect(await api.getToken()).toBe(first);
    expect(endpoint.seen).toHaveLength(1);
    clock.pass(lifetime * 0.25);
    expect(await api.getToken()).not.toBe(first);
  });

  it('and put right in between: no token is used past its end', async () => {
    const clock = createClock(600);
    const api = manager({ clock });
    const first = await api.getToken();
    clock.jump(-600);
    expect(await api.getToken()).toBe(first);
    clock.pass(lifetime);
    expect(await api.getToken()).not.toBe(first);
  });
});
