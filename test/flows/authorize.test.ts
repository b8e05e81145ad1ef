import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { askWithForm, basic } from '../support/tokens.ts';

const callback = 'https://app.example/callback';
const challenge = createHash('sha256').update('a'.repeat(43)).digest('base64url');

describe('the authorization endpoint', () => {
  let house: House;
  let registry: Registry;
  let app: { readonly clientId: string; readonly clientSecret: string };
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    app = await registry.makeClient({
      allowedGrantTypes: ['authorization_code'],
      redirectUris: [callback],
      allowedScopes: ['clients:read'],
    });
  });
  afterAll(async () => {
    await registry.close();
    await house.close();
  });

  const request = (changes: Readonly<Record<string, string>> = {}) => ({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: callback,
    scope: 'clients:read',
    state: 'a state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  });

  const authorize = (parameters: Readonly<Record<string, string>>) =>
    fetch(`${house.issuer}/oauth/authorize?${new URLSearchParams(parameters)}`, { redirect: 'manual' });

  /** What the redirect tells the client. */
  function toldTo(response: Response): Readonly<Record<string, string>> {
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(callback);
    return Object.fromEntries(location.searchParams);
  }

  const pageOf = (response: Response) => new URL(response.headers.get('location') ?? '', house.issuer);

  it('sends a browser on to a page that names the request, and ties the request to that browser', async () => {
    const response = await authorize(request());
    expect([response.status, pageOf(response).pathname]).toEqual([303, '/oauth/interaction']);
    expect(pageOf(response).searchParams.get('consent_token')).toMatch(/^[\w-]{43}$/);
    expect(response.headers.getSetCookie().every((cookie) => /; *httponly/i.test(cookie))).toBe(true);
    expect(response.headers.getSetCookie().every((cookie) => /; *samesite=lax/i.test(cookie))).toBe(true);
  });

  it('tells the client where nobody may be asked, with its state and our issuer, and stores nothing', async () => {
    const before = await house.database.sql`select count(*)::int as n from artifacts`;
    const told = toldTo(await authorize(request({ prompt: 'none' })));
    expect(told).toMatchObject({ error: 'login_required', state: 'a state', iss: house.issuer });
    expect(await house.database.sql`select count(*)::int as n from artifacts`).toEqual(before);
  });

  it('refuses a request without PKCE, or with a plain challenge', async () => {
    const { code_challenge: _challenge, code_challenge_method: _method, ...bare } = request();
    expect(toldTo(await authorize(bare))['error']).toBe('invalid_request');
    expect(toldTo(await authorize(request({ code_challenge_method: 'plain' })))['error']).toBe('invalid_request');
  });

  it.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://APP.example/callback',
    'http://app.example/callback',
    'https://app.example/callback#f',
    'https://evil.example/',
    '',
  ])('never redirects to %j, which is not registered', async (uri) => {
    const response = await authorize(request({ redirect_uri: uri }));
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it('never redirects for a client that it does not know', async () => {
    const response = await authorize(request({ client_id: 'OQ00000000000000000000000000000000' }));
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it('takes a pushed request by its client and knows it again', async () => {
    const pushed = await askWithForm(`${house.issuer}/oauth/par`, request(), basic(app.clientId, app.clientSecret));
    expect([pushed.status, pushed.body]).toEqual([201, { expires_in: 60, request_uri: expect.any(String) }]);
    const known = { client_id: app.clientId, request_uri: pushed.body['request_uri'] as string };
    expect(pageOf(await authorize(known)).pathname).toBe('/oauth/interaction');
  });
});
