import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { House } from '../../support/house.ts';
import { askWithForm, basic, makeKey, send, tokenOf } from '../../support/tokens.ts';
import { callback, type Desk, fieldsOf, innerResource, openDesk, resource } from './desk.ts';

let desk: Desk;
let house: House;
beforeAll(async () => {
  desk = await openDesk();
  house = desk.house;
});
afterAll(() => desk.close());

const register: Desk['register'] = (body, headers) => desk.register(body, headers);
const codeFor: Desk['codeFor'] = (clientId, more) => desk.codeFor(clientId, more);
const redeem: Desk['redeem'] = (code, fields, headers) => desk.redeem(code, fields, headers);

describe('a client that registers itself', () => {
  it('gets an id, and back what it said, with the defaults of RFC 7591 and no nulls', async () => {
    const made = await register({ client_name: 'Notes app', redirect_uris: [callback], logo_uri: null, tos_uri: '' });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.headers.get('content-type')).toContain('application/json');
    expect(made.body).toEqual({
      client_id: expect.stringMatching(/^OQ[0-9a-f]{32}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^[\w-]{43}$/),
      registration_client_uri: `${house.issuer}/oauth/register/${made.body['client_id']}`,
      client_name: 'Notes app',
      redirect_uris: [callback],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      // The demo has a resource for such clients, too.
      scope: 'openid offline_access profile email org notes:read notes:write',
    });
    expect(Math.abs((made.body['client_id_issued_at'] as number) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('gets tokens at once, with its secret, at a resource that accepts such clients', async () => {
    const made = await register({ redirect_uris: [callback] });
    const { client_id: id, client_secret: secret } = made.body as Record<string, string>;
    const answer = await redeem(await codeFor(id as string), {}, basic(id as string, secret as string));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'notes:read' });
    const wrong = await redeem(await codeFor(id as string), {}, basic(id as string, 'x'.repeat(43)));
    expect([wrong.status, wrong.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('has no secret when it is a public one, and may refresh when it asks to', async () => {
    const made = await register({
      redirect_uris: [callback],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    expect(made.status).toBe(201);
    expect(made.body).not.toHaveProperty('client_secret');
    expect(made.body).not.toHaveProperty('client_secret_expires_at');
    const client = { client_id: String(made.body['client_id']) };
    const first = await redeem(await codeFor(client.client_id), client);
    const again = { ...client, grant_type: 'refresh_token', refresh_token: String(first.body['refresh_token']) };
    expect(tokenOf(await askWithForm(`${house.issuer}/oauth/token`, again))).toEqual(expect.any(String));
  });

  it('is asked for nothing but what accepting resources have: not the management API, not what others own', async () => {
    const made = await register({ redirect_uris: [callback], scope: 'notes:read admin inner' });
    expect(made.body['scope']).toBe('notes:read');
    for (const target of [house.issuer, innerResource]) {
      await expect(codeFor(String(made.body['client_id']), { resource: target })).rejects.toThrow('invalid_target');
    }
  });

  it('never acts for itself: client_credentials is left out, and refused when it is all', async () => {
    const made = await register({
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'client_credentials'],
    });
    expect([made.status, made.body['grant_types']]).toEqual([201, ['authorization_code']]);
    const { client_id: id, client_secret: secret } = made.body as Record<string, string>;
    const fields = { grant_type: 'client_credentials', resource };
    const answer = await askWithForm(`${house.issuer}/oauth/token`, fields, basic(id as string, secret as string));
    expect([answer.status, answer.body['error']]).toEqual([400, 'unauthorized_client']);
    const alone = await register({ redirect_uris: [callback], grant_types: ['client_credentials'] });
    expect([alone.status, fieldsOf(alone)]).toEqual([400, ['grant_types']]);
  });

  it('may name keys of its own in place of a secret', async () => {
    const key = await makeKey('ES256');
    const jwks = { keys: [key.publicJwk] };
    const made = await register({ redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt', jwks });
    expect([made.status, made.body['jwks']]).toEqual([201, jwks]);
    expect(made.body).not.toHaveProperty('client_secret');
  });

  it('is native where its redirects stay on the machine, and its pages may call the token endpoint', async () => {
    const made = await register({ redirect_uris: ['http://localhost:6274/cb'], token_endpoint_auth_method: 'none' });
    expect(made.body['application_type']).toBe('native');
    const fields = { client_id: String(made.body['client_id']), grant_type: 'authorization_code', code: 'x' };
    const origin = { origin: 'http://localhost:6274' };
    const answer = await askWithForm(`${house.issuer}/oauth/token`, fields, origin);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin.origin);
    const other = await askWithForm(`${house.issuer}/oauth/token`, fields, { origin: 'https://evil.example' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('stands in the audit log, without a secret in it', async () => {
    const made = await register({ client_name: 'Audited', redirect_uris: [callback] });
    const id = String(made.body['client_id']);
    const events = await house.database.sql<Array<{ action: string; address: string; actor: string; detail: object }>>`
      select action, address, actor_type as actor, detail from audit_events where target_id = ${id}`;
    expect([...events]).toEqual([
      { action: 'client.registered', address: expect.any(String), actor: 'client', detail: { name: 'Audited' } },
    ]);
    const rows = await house.database.sql`select * from oauth_clients where client_id = ${id}`;
    expect(JSON.stringify(rows)).not.toContain(made.body['registration_access_token']);
  });
});

describe('a registration that cannot be', () => {
  it('is told what is missing when its body is empty, as real clients send it', async () => {
    const url = `${house.issuer}/v2/oauth/register`;
    const headers = { 'content-type': 'application/json' };
    for (const init of [{ headers }, { headers, body: '{}' }, {}]) {
      const answer = await send(url, { method: 'POST', ...init });
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          error: 'invalid_redirect_uri',
          error_description: 'redirect_uris is required.',
          invalid_fields: { redirect_uris: ['is required'] },
        },
      ]);
    }
  });

  it('is told every fault at once, by its member', async () => {
    const answer = await register({
      client_name: 7,
      redirect_uris: 'https://app.example.com',
      grant_types: [1],
      token_endpoint_auth_method: 'client_secret_jwt',
      jwks: 'none',
      contacts: [''],
      scope: 'a  b',
    });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_client_metadata']);
    expect(fieldsOf(answer).sort()).toEqual(
      ['client_name', 'contacts', 'grant_types', 'jwks', 'redirect_uris', 'scope', 'token_endpoint_auth_method'].sort(),
    );
  });

  it.each([
    'http://app.example.com/callback',
    'https://app.example.com/callback#part',
    'https://*.example.com/callback',
    'https://user@app.example.com/callback',
    'javascript:alert(1)//x.y',
    'data:text/html,hello',
    'myapp:/callback',
    '/callback',
  ])('is refused the redirect URI %s', async (uri) => {
    const answer = await register({ redirect_uris: [callback, uri] });
    expect([answer.status, answer.body['error'], fieldsOf(answer)]).toEqual([
      400,
      'invalid_redirect_uri',
      ['redirect_uris'],
    ]);
  });

  it.each([
    ['a private key', async () => ({ keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'c' }] })],
    ['a symmetric key', async () => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] })],
    ['a broken key', async () => ({ keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] })],
    ['no keys', async () => ({ keys: [] })],
    ['nothing that is a key', async () => ({ keys: [null] })],
  ])('is refused %s', async (_what, makeJwks) => {
    const jwks = await makeJwks();
    const answer = await register({ redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt', jwks });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['jwks']]);
  });

  it('is refused a body that is no JSON, or too large, in the same dialect, readable for pages', async () => {
    const broken = await register('{');
    expect([broken.status, broken.body['error']]).toEqual([400, 'invalid_request']);
    const large = await register({ client_name: 'x'.repeat(60_000) });
    expect([large.status, large.headers.get('access-control-allow-origin')]).toEqual([413, '*']);
  });

  it('makes nothing', async () => {
    const count = async () => (await house.database.sql`select count(*)::int as n from oauth_clients`)[0]?.['n'];
    const before = await count();
    await register({ redirect_uris: [] });
    await register({ redirect_uris: [callback], client_uri: 'javascript:alert(1)' });
    expect(await count()).toBe(before);
  });
});

describe('a registration from a page of any origin', () => {
  it('is allowed by the preflight and by the answer', async () => {
    const asked = { origin: 'https://inspector.example', 'access-control-request-method': 'POST' };
    const headers = { ...asked, 'access-control-request-headers': 'content-type,mcp-protocol-version' };
    const preflight = await send(`${house.issuer}/oauth/register`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,mcp-protocol-version');
    const made = await register({ redirect_uris: [callback] }, { origin: asked.origin });
    expect([made.status, made.headers.get('access-control-allow-origin')]).toEqual([201, '*']);
  });
});
