import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk, openTenant, pointersIn, recordIn, type Tenant } from '../support/management.ts';
import { askWithForm, basic, grant, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';

let house: House;
let tenant: Tenant;
let operator: Desk;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
  tenant = await openTenant(house);
  operator = openDesk(house, house.demo['api_key']);
  desk = openDesk(house, tenant.key);
});
afterAll(() => house.close());

/** Milliseconds in which every node has heard of a change, with much to spare for a busy machine. */
const soon = 10_000;

const machine = {
  name: 'A machine',
  client_type: 'confidential',
  allowed_scopes: ['clients:read'],
  allowed_grant_types: ['client_credentials'],
};

async function make(wish: object = {}): Promise<{ id: string; secret: string }> {
  const made = await desk.post('/oauth_clients', { ...machine, ...wish });
  if (made.status !== 201) throw new Error(made.text);
  const { client_id: id, client_secret: secret } = recordIn(made);
  return { id: String(id), secret: String(secret) };
}

const ask = ({ id, secret }: { id: string; secret: string }) =>
  askWithForm(`${house.issuer}/oauth/token`, grant, basic(id, secret));

async function isActive(token: string): Promise<unknown> {
  const authorization = `Bearer ${tenant.key}`;
  const answer = await askWithForm(`${house.issuer}/oauth/introspect`, { token }, { authorization });
  return answer.body['active'];
}

const audited = async (clientId: string) => {
  const rows = await house.database.sql<Array<{ action: string; actor: string; detail: unknown; request: string }>>`
    select action, actor_id as actor, detail, request_id as request from audit_events
    where target_id = ${clientId} order by id`;
  return [...rows];
};

describe('a client made over REST', () => {
  it('has the whole record, and its secret in that answer only', async () => {
    const made = await desk.post('/oauth_clients', machine);
    expect(made.status).toBe(201);
    const record = recordIn(made);
    expect(record).toMatchObject({
      record_type: 'oauth_client',
      name: 'A machine',
      org_id: tenant.organizationSid,
      user_id: tenant.userSid,
      client_type: 'confidential',
      require_pkce: true,
      redirect_uris: [],
      logo_uri: null,
      tos_uri: null,
      policy_uri: null,
      verified: false,
      status: 'active',
      origin: 'managed',
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      secrets: [{ expires_at: null }],
    });
    expect(record['client_id']).toMatch(/^OQ[0-9a-f]{32}$/);
    expect(record['client_secret']).toMatch(/^[\w-]{43}$/);
    const read = await desk.get(`/oauth_clients/${record['client_id']}`);
    expect(recordIn(read)).toEqual({ ...record, client_secret: null });
    expect(read.headers.get('etag')).toMatch(/^".+"$/);
    const list = await desk.get('/v2/oauth/clients');
    expect(list.text).not.toContain(String(record['client_secret']));
  });

  it('works at the token endpoint at once', async () => {
    const client = await make();
    expect((await ask(client)).body).toMatchObject({ scope: 'clients:read', token_type: 'Bearer' });
  });

  it('is accepted as Telnyx’s example has it, and gets no token as a public client', async () => {
    const example = {
      name: 'My OAuth client',
      client_type: 'public',
      allowed_scopes: ['admin'],
      allowed_grant_types: ['client_credentials'],
    };
    const made = await desk.post('/oauth_clients', example);
    expect([made.status, recordIn(made)['client_secret']]).toEqual([201, null]);
    const fields = { ...grant, client_id: String(recordIn(made)['client_id']) };
    const refused = await askWithForm(`${house.issuer}/oauth/token`, fields);
    expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('always needs PKCE when it is public, and may do without when it is confidential', async () => {
    const app = { allowed_grant_types: ['authorization_code'], redirect_uris: ['https://app.example/cb'] };
    for (const [client_type, expected] of [
      ['public', true],
      ['confidential', false],
    ]) {
      const made = await desk.post('/oauth_clients', { ...machine, ...app, client_type, require_pkce: false });
      expect(recordIn(made)['require_pkce']).toBe(expected);
    }
  });

  it('is refused with every fault at its place', async () => {
    const refused = await desk.post('/oauth_clients', {
      ...machine,
      client_type: 'public',
      token_endpoint_auth_method: 'client_secret_post',
      allowed_grant_types: ['authorization_code'],
      logo_uri: 'http://elsewhere.example/logo.png',
      web_origins: ['https://app.example', 'https://app.example/path'],
      access_token_ttl: 5,
    });
    expect(refused.status).toBe(422);
    expect([...pointersIn(refused)].sort()).toEqual([
      '/access_token_ttl',
      '/logo_uri',
      '/redirect_uris',
      '/token_endpoint_auth_method',
      '/web_origins/1',
    ]);
    const wrong = await desk.post('/oauth_clients', {
      name: 'x'.repeat(201),
      unknown: 1,
      logo_uri: null,
      allowed_scopes: ['a b'],
    });
    expect([...pointersIn(wrong)].sort()).toEqual([
      '/allowed_grant_types',
      '/allowed_scopes/0',
      '/client_type',
      '/logo_uri',
      '/name',
      '/unknown',
    ]);
  });

  it.each([
    ['javascript:alert(1)'],
    ['http://app.example/cb'],
    ['https://app.example/cb#fragment'],
    ['https://user@app.example/cb'],
    ['https://*.example/cb'],
    ['myapp://cb'],
  ])('may not have codes sent to %s', async (uri) => {
    const app = { allowed_grant_types: ['authorization_code'], redirect_uris: ['https://app.example/cb', uri] };
    const refused = await desk.post('/oauth_clients', { ...machine, ...app });
    expect([refused.status, pointersIn(refused)]).toEqual([422, ['/redirect_uris/1']]);
  });

  it('works at the token endpoint whatever mixture of addresses it was accepted with', async () => {
    const uris = ['https://app.example/cb', 'http://localhost/cb', 'https://localhost/cb', 'com.example.app:/cb'];
    const mixtures = [...Array(16).keys()].map((mask) => uris.filter((_uri, bit) => (mask >> bit) % 2 === 1));
    const ways = [[], ['com.example.app:/out'], ['https://localhost/out']];
    // A page's request is never answered without the protocol library, which reads the whole record.
    const origin = 'https://app.example';
    let accepted = 0;
    for (const redirect_uris of mixtures) {
      for (const post_logout_redirect_uris of ways) {
        const wish = { redirect_uris, post_logout_redirect_uris, web_origins: [origin] };
        const made = await desk.post('/oauth_clients', { ...machine, ...wish });
        if (made.status === 422) continue;
        const { client_id: id, client_secret: secret } = recordIn(made);
        const headers = { ...basic(String(id), String(secret)), origin };
        const { status } = await askWithForm(`${house.issuer}/oauth/token`, grant, headers);
        expect({ ...wish, status }).toEqual({ ...wish, status: 200 });
        accepted += 1;
      }
    }
    expect(accepted).toBeGreaterThan(20);
  });
});

describe('an update', () => {
  it('changes what it names and leaves the rest', async () => {
    const { id } = await make();
    const before = recordIn(await desk.get(`/oauth_clients/${id}`));
    const answer = await desk.put(`/oauth_clients/${id}`, { name: 'Renamed', access_token_ttl: 120 });
    expect(answer.status).toBe(200);
    const { updated_at: _changed, ...rest } = before;
    expect(recordIn(answer)).toMatchObject({ ...rest, name: 'Renamed', access_token_ttl: 120 });
    expect(recordIn(await desk.get(`/oauth_clients/${id}`))).toEqual(recordIn(answer));
    const cleared = await desk.put(`/oauth_clients/${id}`, { access_token_ttl: null });
    expect(recordIn(cleared)['access_token_ttl']).toBeNull();
    expect((await audited(id)).map(({ action, detail }) => [action, detail])).toEqual([
      ['client.created', { name: 'A machine', client_type: 'confidential' }],
      ['client.updated', { changed: 'name access_token_ttl' }],
      ['client.updated', { changed: 'access_token_ttl' }],
    ]);
  });

  it('changes nothing and is no event without a body, or when all is as it says', async () => {
    const { id } = await make();
    const before = recordIn(await desk.get(`/oauth_clients/${id}`));
    expect(recordIn(await desk.put(`/oauth_clients/${id}`))).toEqual(before);
    expect(recordIn(await desk.put(`/oauth_clients/${id}`, '', { 'content-type': 'application/json' }))).toEqual(
      before,
    );
    expect(recordIn(await desk.put(`/oauth_clients/${id}`, {}))).toEqual(before);
    expect(recordIn(await desk.put(`/oauth_clients/${id}`, { name: 'A machine' }))).toEqual(before);
    expect(await audited(id)).toHaveLength(1);
  });

  it('is refused with its faults and then changes nothing', async () => {
    const { id } = await make();
    const before = recordIn(await desk.get(`/oauth_clients/${id}`));
    for (const [body, pointers] of [
      [{ client_type: 'public' }, ['/client_type']],
      [{ name: null, logo_uri: null }, ['/name', '/logo_uri']],
      [{ allowed_grant_types: ['authorization_code'] }, ['/redirect_uris']],
      [{ token_endpoint_auth_method: 'none' }, ['/token_endpoint_auth_method']],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, ['/jwks']],
      [{ jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, ['/jwks/keys/0']],
      [{ jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] } }, ['/jwks/keys/0']],
      [{ jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: '\u0000' }] } }, ['/jwks']],
    ] as const) {
      const refused = await desk.put(`/oauth_clients/${id}`, body);
      expect([refused.status, pointersIn(refused)]).toEqual([422, pointers]);
    }
    expect(recordIn(await desk.get(`/oauth_clients/${id}`))).toEqual(before);
  });

  it.each([
    [{ dpop_bound_access_tokens: true }, 'invalid_grant'],
    [{ allowed_resources: ['https://elsewhere.example/'] }, 'invalid_target'],
    [{ allowed_grant_types: ['refresh_token'] }, 'unauthorized_client'],
    [{ token_endpoint_auth_method: 'client_secret_post' }, undefined],
  ])('of %j is what the client is held to', async (change, error) => {
    const client = await make();
    expect((await ask(client)).status).toBe(200);
    const answer = await desk.put(`/oauth_clients/${client.id}`, change);
    expect([answer.status, recordIn(answer)]).toEqual([200, expect.objectContaining(change)]);
    await within(soon, async () => (await ask(client)).body['error'] === error);
  });

  it('counts at the token endpoint at once', async () => {
    const client = await make();
    expect((await ask(client)).body['scope']).toBe('clients:read');
    await desk.put(`/oauth_clients/${client.id}`, { allowed_scopes: ['grants:read'] });
    await within(soon, async () => (await ask(client)).body['scope'] === 'grants:read');
  });
});

describe('a client that is deleted', () => {
  it('is gone, and all that it ever got is revoked', async () => {
    const client = await make();
    const token = tokenOf(await ask(client));
    expect(await isActive(token)).toBe(true);
    const gone = await desk.delete(`/oauth_clients/${client.id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    await within(soon, async () => (await isActive(token)) === false);
    await within(soon, async () => (await ask(client)).status === 401);
    expect((await desk.get(`/oauth_clients/${client.id}`)).status).toBe(404);
    expect((await desk.delete(`/oauth_clients/${client.id}`)).status).toBe(404);
    expect((await audited(client.id)).at(-1)).toMatchObject({
      action: 'client.deleted',
      detail: { name: 'A machine' },
    });
  });
});

describe('a client that is disabled', () => {
  it('gets no tokens and loses those it has, until it is enabled again', async () => {
    const client = await make();
    const token = tokenOf(await ask(client));
    const disabled = await desk.post(`/oauth_clients/${client.id}/disable`);
    expect([disabled.status, recordIn(disabled)['status']]).toEqual([200, 'suspended']);
    await within(soon, async () => (await isActive(token)) === false);
    await within(soon, async () => (await ask(client)).status === 401);
    expect(recordIn(await desk.post(`/oauth_clients/${client.id}/disable`))['status']).toBe('suspended');
    const enabled = await desk.post(`/oauth_clients/${client.id}/enable`);
    expect(recordIn(enabled)['status']).toBe('active');
    await within(soon, async () => (await ask(client)).status === 200);
    expect(await isActive(token)).toBe(false);
    expect((await audited(client.id)).map(({ action }) => action)).toEqual([
      'client.created',
      'client.disabled',
      'client.enabled',
    ]);
  });
});

describe('verification', () => {
  it('is for operators to give', async () => {
    const { id } = await make();
    for (const verified of [true, false]) {
      const refused = await desk.put(`/oauth_clients/${id}`, { verified });
      expect([refused.status, pointersIn(refused)]).toEqual([403, ['/verified']]);
    }
    expect(recordIn(await operator.put(`/oauth_clients/${id}`, { verified: true }))['verified']).toBe(true);
  });

  it('is lost when somebody else changes what people trust the client by', async () => {
    const { id } = await make();
    await operator.put(`/oauth_clients/${id}`, { verified: true });
    expect(recordIn(await desk.put(`/oauth_clients/${id}`, { access_token_ttl: 60 }))['verified']).toBe(true);
    expect(recordIn(await operator.put(`/oauth_clients/${id}`, { name: 'By an operator' }))['verified']).toBe(true);
    expect(recordIn(await desk.put(`/oauth_clients/${id}`, { name: 'Your bank' }))['verified']).toBe(false);
  });
});

it('every change says who made it and by which request', async () => {
  const { id } = await make();
  const [created] = await audited(id);
  expect(created?.actor).toBe(tenant.key.split('.')[0]);
  expect(created?.request).toEqual(expect.any(String));
});
