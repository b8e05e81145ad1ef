import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { makeKey } from '../../support/tokens.ts';
import { type App, callback, openTown, prepare, resource, type Town, toldBy } from './town.ts';

let town: Town;
let app: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
});
afterAll(() => town.close());

/** Pushes a request and lets somebody answer it. */
async function push(to: App, wish: Readonly<Record<string, string>> & { readonly scope: string }) {
  const { parameters, checks } = await prepare(to, wish);
  const url = await openid.buildAuthorizationUrlWithPAR(to.config, parameters);
  return { url, checks, parameters };
}

describe('a pushed authorization request', () => {
  it('is answered like any other, while the browser carries nothing but its name', async () => {
    const { url, checks } = await push(app, { scope: 'openid email read', resource });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    expect(url.searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]+$/);
    const answer = await town.browserOf().authorize([...url.searchParams]);
    const tokens = await openid.authorizationCodeGrant(app.config, answer, checks);
    expect(tokens.claims()?.sub).toEqual(expect.any(String));
  });

  it('is good once', async () => {
    const { url } = await push(app, { scope: 'read', resource });
    const person = town.browserOf();
    await person.authorize([...url.searchParams]);
    const again = await person.begin([...url.searchParams]);
    expect([again.status, again.page]).toEqual([400, 'other']);
  });

  it('is good for its own client only', async () => {
    const { url } = await push(app, { scope: 'read', resource });
    const other = await town.makeApp();
    const request = { request_uri: url.searchParams.get('request_uri') ?? '', client_id: other.clientId };
    expect((await town.browserOf().begin(request)).status).toBe(400);
  });

  it('is read from what was pushed, whatever the browser adds', async () => {
    const { url, checks } = await push(app, { scope: 'read', resource });
    const parameters = { ...Object.fromEntries(url.searchParams), scope: 'read write', state: 'mine' };
    const answer = await town.browserOf().authorize({ ...parameters, redirect_uri: 'https://evil.example/' });
    const tokens = await openid.authorizationCodeGrant(app.config, answer, checks);
    expect([answer.origin, tokens.scope]).toEqual(['https://app.example', 'read']);
  });

  it.each([
    ['another redirect URI', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['a scope that the client may not have', { scope: 'admin' }, 'invalid_scope'],
    ['no such resource', { resource: 'https://unknown.example/' }, 'invalid_target'],
    ['no PKCE', { code_challenge: '' }, 'invalid_request'],
    ['a request_uri', { request_uri: 'urn:x' }, 'request_uri_not_supported'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
  ])('is refused at once with %s, in JSON', async (_what, wrong, error) => {
    const before = await town.house.database.sql`select count(*)::int as n from artifacts`;
    await expect(push(app, { scope: 'read', resource, ...wrong })).rejects.toMatchObject({ error, status: 400 });
    expect(await town.house.database.sql`select count(*)::int as n from artifacts`).toEqual(before);
  });

  it('is refused of who does not prove to be the client', async () => {
    const wrong = await town.discover(app.clientId, openid.ClientSecretBasic('wrong'));
    await expect(push({ ...app, config: wrong }, { scope: 'read', resource })).rejects.toMatchObject({ status: 401 });
  });
});

describe('a client that must push', () => {
  it('gets nowhere without, and a code with', async () => {
    const pushing = await town.makeApp({ requirePar: true });
    const { parameters } = await prepare(pushing, { scope: 'read', resource });
    const refused = await town.browserOf().begin(parameters);
    expect(toldBy(refused.url)).toMatchObject({ error: 'invalid_request', iss: town.house.issuer });
    expect(refused.url.href.startsWith(callback)).toBe(true);
    const { url, checks } = await push(pushing, { scope: 'read', resource });
    const answer = await town.browserOf().authorize([...url.searchParams]);
    expect(await openid.authorizationCodeGrant(pushing.config, answer, checks)).toMatchObject({ scope: 'read' });
  });
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  it('pushes by private_key_jwt, checks the issuer of the answer and redeems with an assertion', async () => {
    const key = await makeKey('ES256');
    const { clientId } = await town.makeApp({ jwks: { keys: [key.publicJwk] } });
    const issuer = new URL(town.house.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const client = { client_id: clientId };
    const authentication = oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.publicJwk.kid ?? '' });
    const verifier = oauth.generateRandomCodeVerifier();
    const parameters = {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid read',
      resource,
      state: 'state',
      nonce: 'nonce',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    const pushed = await oauth.processPushedAuthorizationResponse(
      server,
      client,
      await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, insecure),
    );
    const url = await town.browserOf().authorize({ client_id: clientId, request_uri: pushed.request_uri });
    const answer = oauth.validateAuthResponse(server, client, url, 'state');
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      answer,
      callback,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: 'nonce',
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    expect(tokens.scope).toBe('read');
  });
});
