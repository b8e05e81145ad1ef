import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import Telnyx from 'telnyx';
import { callback, resource } from '../flows/people/town.ts';
import { makeTenant } from '../support/tenants.ts';
import { within } from '../support/within.ts';
import { type Office, openOffice, prefixes } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.town.close());

describe.each(prefixes)('the real client, pointed at the origin and "%s"', (prefix) => {
  let telnyx: Telnyx;
  beforeAll(() => {
    telnyx = office.clientAt(office.town.house.issuer + prefix);
  });

  const credentials = () => ({ client_id: office.app.clientId, client_secret: office.app.clientSecret });

  async function tokens(scope = 'read') {
    const { code, verifier } = await office.consent(telnyx, scope);
    const grant = { grant_type: 'authorization_code' as const, code, code_verifier: verifier, redirect_uri: callback };
    return telnyx.oauth.token({ ...grant, ...credentials() });
  }

  it('finds the server', async () => {
    const { issuer } = office.town.house;
    const server = await telnyx.wellKnown.retrieveAuthorizationServerMetadata();
    expect(server).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/oauth/jwks`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
    });
    const { authorization_servers, resource: identifier } = await telnyx.wellKnown.retrieveProtectedResourceMetadata();
    expect([authorization_servers, identifier]).toEqual([[issuer], issuer]);
  });

  it('gets a token for a machine, verifies it with the published keys and asks about it', async () => {
    const { demo, issuer } = office.town.house;
    const machine = { client_id: demo.client_id, client_secret: demo.client_secret };
    const token = await telnyx.oauth.token({ grant_type: 'client_credentials', scope: 'clients:read', ...machine });
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'clients:read' });
    const { keys } = await telnyx.oauth.retrieveJwks();
    for (const key of keys ?? [])
      expect(Object.keys(key)).toEqual(expect.arrayContaining(['alg', 'kid', 'kty', 'use']));
    const { payload } = await jwtVerify(token.access_token, createLocalJWKSet({ keys } as JSONWebKeySet), { issuer });
    expect(await telnyx.oauth.introspect({ token: token.access_token })).toMatchObject({
      active: true,
      aud: issuer,
      client_id: demo.client_id,
      exp: payload.exp,
      iat: payload.iat,
      iss: issuer,
      scope: 'clients:read',
    });
    expect(await telnyx.oauth.introspect({ token: 'unknown' })).toEqual({ active: false });
  });

  it('gets a token without naming a scope, and without an API key of its own', async () => {
    const { demo, issuer } = office.town.house;
    const bare = office.clientAt(issuer + prefix, { apiKey: null });
    const machine = { client_id: demo.client_id, client_secret: demo.client_secret };
    const token = await bare.oauth.token({ grant_type: 'client_credentials', ...machine });
    expect(token.expires_in).toBe(3600);
  });

  it('signs in as a client by itself, where its fetch sends it here', async () => {
    const { demo, issuer } = office.town.house;
    const asked: string[] = [];
    const machine = new Telnyx({
      clientID: demo.client_id,
      clientSecret: demo.client_secret,
      baseURL: issuer + prefix,
      // The client has this address of the token endpoint built in.
      fetch: (input, init) => {
        const url = String(input).replace('https://api.telnyx.com/v2', issuer + prefix);
        asked.push(new URL(url).pathname);
        return fetch(url, init as RequestInit);
      },
    });
    await machine.oauthGrants.list();
    expect((await machine.oauthGrants.list()).meta.page_number).toBe(1);
    expect(asked).toEqual([`${prefix}/oauth/token`, `${prefix}/oauth_grants`, `${prefix}/oauth_grants`]);
  });

  it('asks the user, shows what is asked for, and brings the answer back to the client', async () => {
    const { token, page } = await office.ask(telnyx, 'read write');
    expect(page).toContain('Weather for farmers');
    expect(await telnyx.oauth.retrieve(token)).toEqual({
      data: {
        client_id: office.app.clientId,
        name: 'Weather for farmers',
        redirect_uri: callback,
        verified: false,
        logo_uri: null,
        tos_uri: null,
        policy_uri: null,
        requested_scopes: ['read', 'write'].map((name) => ({
          id: expect.any(String),
          name,
          description: `May ${name}`,
        })),
      },
    });
    const answer = await telnyx.oauth.grants({ allowed: true, consent_token: token });
    expect(Object.keys(answer)).toEqual(['redirect_uri']);
    const url = new URL(answer.redirect_uri);
    expect(url.origin + url.pathname).toBe(callback);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: expect.any(String),
      state: 'the state',
      iss: office.town.house.issuer,
    });
  });

  it('tells the client that the user declined', async () => {
    const { token } = await office.ask(telnyx, 'read');
    const { redirect_uri: to } = await telnyx.oauth.grants({ allowed: false, consent_token: token });
    expect(new URL(to).searchParams.get('error')).toBe('access_denied');
  });

  it('redeems a code and refreshes', async () => {
    const first = await tokens();
    expect(first).toMatchObject({ token_type: 'Bearer', scope: 'read', refresh_token: expect.any(String) });
    const next = await telnyx.oauth.token({
      grant_type: 'refresh_token',
      refresh_token: first.refresh_token ?? '',
      ...credentials(),
    });
    expect(next.refresh_token).not.toBe(first.refresh_token);
    expect(await telnyx.oauth.introspect({ token: next.access_token })).toMatchObject({ active: true, aud: resource });
  });

  it('lists, retrieves and deletes grants; what came of one ends with it', async () => {
    const { access_token: token, refresh_token: refresh = '' } = await tokens();
    const mine = [];
    for await (const grant of telnyx.oauthGrants.list()) {
      if (grant.client_id === office.app.clientId) mine.push(grant);
    }
    const [grant] = mine;
    expect(mine).toHaveLength(1);
    expect(grant).toMatchObject({ record_type: 'oauth_grant', scopes: expect.arrayContaining(['read']) });
    const id = grant?.id ?? '';
    expect((await telnyx.oauthGrants.retrieve(id)).data).toEqual(grant);
    expect((await telnyx.oauthGrants.delete(id)).data).toEqual(grant);
    await within(2_000, async () => !(await telnyx.oauth.introspect({ token })).active);
    expect(await telnyx.oauth.introspect({ token })).toEqual({ active: false });
    const again = { grant_type: 'refresh_token' as const, refresh_token: refresh, ...credentials() };
    await expect(telnyx.oauth.token(again)).rejects.toMatchObject({ status: 400, error: { error: 'invalid_grant' } });
    await expect(telnyx.oauthGrants.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  it('reads a list over three pages, each grant once, in one order', async () => {
    const { town } = office;
    const tenant = await makeTenant(town);
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { clientId } = await town.registry.makeClient();
      const [row] = await town.house.database.sql<Array<{ id: string }>>`
        insert into grants (id, user_sid, client_id, organization_sid, scopes, permissions)
        values (gen_random_uuid(), ${tenant.user.sid}, ${clientId}, ${tenant.organizationSid}, '{read}', '{"urn:x read"}')
        returning id`;
      ids.push(row?.id ?? '');
    }
    const theirs = office.clientAt(town.house.issuer + prefix, { apiKey: tenant.key });
    const first = await theirs.oauthGrants.list({ 'page[size]': 2 });
    expect(first.meta).toEqual({ page_number: 1, page_size: 2, total_pages: 3, total_results: 5 });
    const found: string[] = [];
    for await (const grant of first) found.push(grant.id);
    expect(found).toEqual(ids);
  });
});
