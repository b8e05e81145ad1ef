import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { countersign, type RequestSigner } from '../../../src/sdk/index.ts';
import { ValidationToken, verifyValidationToken } from '../../../src/sdk/jwt/index.ts';
import { type Endpoint, hasty, json, openEndpoint, type Seen } from '../endpoint.ts';
import { pair, sender } from '../jwt/sender.ts';

let api: Endpoint;
beforeEach(async () => {
  api = await openEndpoint(json(200, { data: [] }));
});
afterEach(() => api.close());

const clientOf = (validation: RequestSigner, apiKey = 'SK.secret') =>
  countersign({ ...hasty, baseUrl: `${api.url}/v2`, apiKey, validation });
const tokenOf = ({ headers }: Seen) => String(headers['twilio-client-validation']);
/** Whether a request is as it was signed. @throws JwtDecodeError when it is not. */
const isSigned = (seen: Seen) => {
  const { method, path, headers, text } = seen;
  const request = { method, url: api.url + path, headers, data: text };
  return verifyValidationToken(tokenOf(seen), request, { publicKey: pair.publicKey }).signingKey === sender.signingKey;
};

describe('a client with a ValidationToken', () => {
  it('signs what it sends: address, query, body and Authorization header', async () => {
    const client = clientOf(new ValidationToken(sender));
    await client.accounts.list({ page: { size: 5 }, filter: { name: 'Köln & mehr = 1' } }).page();
    await client.post('/accounts', { name: 'Köln' });
    await client.delete('/accounts/AC1');
    expect(api.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'DELETE']);
    expect(api.seen.map(isSigned)).toEqual([true, true, true]);
  });

  it('signs each attempt anew, with the Authorization header that it goes out with', async () => {
    let asked = 0;
    const signer = new ValidationToken(sender);
    const validation: RequestSigner = {
      async fromHttpRequest(request) {
        asked += 1;
        return signer.fromHttpRequest(request);
      },
    };
    const toAuthStrategy = () => ({
      getAuthString: async () => `Bearer t${asked}`,
      requiresAuthentication: () => true,
      getAuthType: () => 'own',
    });
    const client = countersign({ ...hasty, baseUrl: api.url, credentials: { toAuthStrategy }, validation });
    const answers = [json(503, {}), json(401, {}), json(200, {})];
    api.reply((seen, res) => answers.shift()?.(seen, res));
    await client.get('/accounts');
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t0', 'Bearer t0', 'Bearer t2']);
    expect([api.seen.map(isSigned), asked]).toEqual([[true, true, true], 3]);
  });

  it('sends nothing that its signer did not sign', async () => {
    const fromHttpRequest = () => {
      throw new RangeError('no key today');
    };
    await expect(clientOf({ fromHttpRequest }).get('/accounts')).rejects.toThrow('no key today');
    expect(api.seen).toHaveLength(0);
  });

  it.each([null, {}, 'token', { fromHttpRequest: 'x' }])('refuses a signer that is none: %j', (signer) => {
    expect(() => clientOf(signer as never)).toThrow('must be a ValidationToken, with a method fromHttpRequest.');
  });
});
