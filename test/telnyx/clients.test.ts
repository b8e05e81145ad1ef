import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Telnyx from 'telnyx';
import { newSid } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openTenant } from '../support/management.ts';

let house: House;
let ownKey: string;
beforeAll(async () => {
  house = await openHouse();
  ownKey = (await openTenant(house)).key;
});
afterAll(() => house.close());

/** The SDK as its users have it, but for the address. */
const sdk = (prefix: string, apiKey = ownKey) => new Telnyx({ apiKey, baseURL: house.issuer + prefix, maxRetries: 0 });

const example = {
  name: 'My OAuth client',
  allowed_scopes: ['admin'],
  client_type: 'public',
  allowed_grant_types: ['client_credentials'],
} as const;

const createExample = (telnyx: Telnyx, name: string = example.name) =>
  telnyx.oauthClients.create({
    ...example,
    name,
    allowed_scopes: [...example.allowed_scopes],
    allowed_grant_types: [...example.allowed_grant_types],
  });

describe.each([[''], ['/v2']])('the telnyx package pointed at the server with the prefix "%s"', (prefix) => {
  it('creates, retrieves, updates, lists and deletes clients', async () => {
    const telnyx = sdk(prefix);
    const { data: made } = await createExample(telnyx);
    const id = made?.client_id ?? '';
    expect(made).toMatchObject({ ...example, record_type: 'oauth_client', require_pkce: true, client_secret: null });

    const { data: read } = await telnyx.oauthClients.retrieve(id);
    expect(read).toEqual(made);

    const changed = await telnyx.oauthClients.update(id, {
      name: 'Renamed',
      allowed_grant_types: ['authorization_code'],
      redirect_uris: ['https://example.com/callback'],
      logo_uri: 'https://example.com/logo.png',
      policy_uri: 'https://example.com/privacy',
      tos_uri: 'https://example.com/terms',
      require_pkce: true,
    });
    expect(changed.data).toMatchObject({ name: 'Renamed', logo_uri: 'https://example.com/logo.png' });
    // In JavaScript the body may be left out; the types of the package do not say so.
    expect((await telnyx.oauthClients.update(id, undefined as never)).data).toEqual(changed.data);

    const page = await telnyx.oauthClients.list({ 'filter[client_id]': id, 'filter[client_type]': 'public' });
    expect([page.data, page.meta]).toEqual([
      [changed.data],
      { page_number: 1, page_size: 20, total_pages: 1, total_results: 1 },
    ]);

    expect(await telnyx.oauthClients.delete(id)).toBeNull();
    await expect(telnyx.oauthClients.retrieve(id)).rejects.toBeInstanceOf(Telnyx.NotFoundError);
  });

  it('shows a confidential client’s secret when it is created, and not again', async () => {
    const telnyx = sdk(prefix);
    const { data } = await telnyx.oauthClients.create({
      name: 'Confidential',
      allowed_scopes: ['admin'],
      client_type: 'confidential',
      allowed_grant_types: ['client_credentials'],
    });
    expect(data?.client_secret).toMatch(/^[\w-]{43}$/);
    const again = await telnyx.oauthClients.retrieve(data?.client_id ?? '');
    expect(again.data?.client_secret).toBeNull();
  });

  it('goes through three pages by itself, each client once', async () => {
    const telnyx = sdk(prefix, (await openTenant(house)).key);
    const names = Array.from({ length: 7 }, (_, index) => `Client ${index}`);
    for (const name of names) await createExample(telnyx, name);
    const seen: string[] = [];
    for await (const client of telnyx.oauthClients.list({ 'page[size]': 3 })) seen.push(client.name);
    expect(seen).toEqual(names);
    const first = await telnyx.oauthClients.list({ 'page[size]': 3 });
    expect(first.meta).toEqual({ page_number: 1, page_size: 3, total_pages: 3, total_results: 7 });
    const part = await telnyx.oauthClients.list({ 'filter[name][contains]': 'client 6', 'filter[verified]': false });
    expect(part.data.map(({ name }) => name)).toEqual(['Client 6']);
  });

  it('throws its own class for each refusal', async () => {
    const telnyx = sdk(prefix);
    const refused = async (call: Promise<unknown>) => {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error as InstanceType<typeof Telnyx.APIError>;
    };
    const unauthenticated = await refused(sdk(prefix, 'nobody').oauthClients.list());
    expect(unauthenticated).toBeInstanceOf(Telnyx.AuthenticationError);

    const weak = await openTenant(house, 'viewer', ['clients:read']);
    const forbidden = await refused(createExample(sdk(prefix, weak.key)));
    expect(forbidden).toBeInstanceOf(Telnyx.PermissionDeniedError);

    const missing = await refused(telnyx.oauthClients.update(newSid('client'), { name: 'x' }));
    expect(missing).toBeInstanceOf(Telnyx.NotFoundError);
    expect(await refused(telnyx.oauthClients.delete('182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e'))).toMatchObject({
      status: 404,
    });

    const wrong = await refused(
      telnyx.oauthClients.create({ ...example, allowed_scopes: [], allowed_grant_types: ['authorization_code'] }),
    );
    expect(wrong).toBeInstanceOf(Telnyx.UnprocessableEntityError);
    expect(wrong.error).toMatchObject({
      error: 'invalid_request',
      errors: [{ code: 'invalid_value', source: { pointer: '/redirect_uris' } }],
    });
  });
});
