import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Telnyx from 'telnyx';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** The real client, as its users set it up. @param prefix `/v2`, or nothing. */
const clientAt = (prefix: string) =>
  new Telnyx({ apiKey: house.demo['api_key'] ?? '', baseURL: house.issuer + prefix, maxRetries: 0 });

describe.each(['', '/v2'])('the telnyx client at the address with "%s" behind it', (prefix) => {
  it('registers an application and gets back what it said', async () => {
    const made = await clientAt(prefix).oauth.register({
      client_name: 'My OAuth Application',
      redirect_uris: ['https://example.com/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      logo_uri: 'https://example.com/logo.png',
      tos_uri: 'https://example.com/terms',
      policy_uri: 'https://example.com/policy',
    });
    expect(made).toMatchObject({
      client_id: expect.stringMatching(/^OQ/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.any(String),
      client_name: 'My OAuth Application',
      redirect_uris: ['https://example.com/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      logo_uri: 'https://example.com/logo.png',
      tos_uri: 'https://example.com/terms',
      policy_uri: 'https://example.com/policy',
    });
    expect(Object.values(made)).not.toContain(null);
  });

  it('gets a public application without a secret', async () => {
    const made = await clientAt(prefix).oauth.register({
      redirect_uris: ['https://example.com/callback'],
      token_endpoint_auth_method: 'none',
    });
    expect(made).not.toHaveProperty('client_secret');
  });

  it('is told what is missing when it says nothing at all, as a bad request', async () => {
    const failure = await clientAt(prefix)
      .oauth.register(undefined as never)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).toBeInstanceOf(Telnyx.BadRequestError);
    expect(failure).toMatchObject({
      status: 400,
      error: { error: 'invalid_redirect_uri', invalid_fields: { redirect_uris: ['is required'] } },
    });
  });
});
