import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ApiTokenManager,
  AuthenticationError,
  ClientCredentialProvider,
  type CountersignClient,
  countersign,
  type Fetch,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  UnprocessableEntityError,
} from '../../src/sdk/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openTenant } from '../support/management.ts';
import { basic } from '../support/tokens.ts';

let house: House;
let api: CountersignClient;
/** Requests as they left, as method and path. */
let sent: string[] = [];
const watched: Fetch = (url, init) => {
  sent.push(`${init.method} ${new URL(url).pathname}`);
  return fetch(url, init);
};

beforeAll(async () => {
  house = await openHouse();
  api = countersign({ baseUrl: house.issuer, apiKey: house.demo['api_key'] ?? '', fetch: watched });
}, 60_000);
afterAll(() => house.close());

const draft = {
  name: 'Reports',
  client_type: 'confidential',
  allowed_scopes: ['clients:read'],
  allowed_grant_types: ['client_credentials'],
} as const;

async function refusalOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => 'it was not refused',
    (error) => error,
  );
}

describe('the clients of a real server', () => {
  it('are made, read, changed and removed', async () => {
    const made = await api.oauthClients.create(draft);
    expect(made).toMatchObject({ ...draft, record_type: 'oauth_client', client_secret: expect.any(String) });
    const changed = await api.oauthClients.update(made.client_id, { name: 'Monthly reports' });
    expect(changed).toMatchObject({ name: 'Monthly reports', allowed_scopes: ['clients:read'], client_secret: null });
    expect(await api.oauthClients.retrieve(made.client_id)).toEqual(changed);
    expect(await api.oauthClients.delete(made.client_id)).toBeUndefined();
    await expect(api.oauthClients.retrieve(made.client_id)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('are listed through three pages, each asked for once', async () => {
    const word = randomUUID();
    for (let number = 1; number <= 5; number += 1)
      await api.oauthClients.create({ ...draft, name: `${word} ${number}` });
    sent = [];
    const names: string[] = [];
    const list = api.oauthClients.list({ page: { size: 2 }, filter: { name: { contains: word }, verified: false } });
    for await (const { name } of list) names.push(name.slice(-1));
    expect(names.sort()).toEqual(['1', '2', '3', '4', '5']);
    expect(sent).toHaveLength(3);
    expect((await list.page()).meta).toMatchObject({ total_pages: 3, total_results: 5 });
  });

  it('are barred and let in again, and get further secrets', async () => {
    const { client_id, client_secret } = await api.oauthClients.create(draft);
    expect(await api.oauthClients.disable(client_id)).toMatchObject({ status: 'suspended' });
    expect(await api.oauthClients.enable(client_id)).toMatchObject({ status: 'active' });
    const rotated = await api.oauthClients.createSecret(client_id);
    expect(rotated.client_secret).not.toBe(client_secret);
    const older = rotated.secrets.find(({ expires_at }) => expires_at !== null);
    await api.oauthClients.deleteSecret(client_id, older?.id ?? '');
    expect((await api.oauthClients.retrieve(client_id)).secrets).toHaveLength(1);
  });

  it('are not overwritten where somebody was faster', async () => {
    const { client_id } = await api.oauthClients.create(draft);
    const seen = await api.oauthClients.retrieve(client_id);
    const faster = await api.oauthClients.update(client_id, { name: 'Faster' }, { ifMatch: seen });
    const late = api.oauthClients.update(client_id, { name: 'Late' }, { ifMatch: seen });
    await expect(late).rejects.toBeInstanceOf(PreconditionFailedError);
    await expect(api.oauthClients.delete(client_id, { ifMatch: seen })).rejects.toMatchObject({ status: 412 });
    expect(await api.oauthClients.retrieve(client_id)).toEqual(faster);
    await api.oauthClients.delete(client_id, { ifMatch: faster });
  });

  it('are not compared with a record of which no state is known', async () => {
    const made = await api.oauthClients.create(draft);
    const attempt = api.oauthClients.update(made.client_id, { name: 'x' }, { ifMatch: made });
    await expect(attempt).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(attempt).rejects.toMatchObject({ field: 'ifMatch' });
  });

  it('are made once for one Idempotency-Key, however often they are asked for', async () => {
    const idempotencyKey = randomUUID();
    const first = await api.oauthClients.create(draft, { idempotencyKey });
    expect(await api.oauthClients.create(draft, { idempotencyKey })).toEqual(first);
    const other = api.oauthClients.create({ ...draft, name: 'Other' }, { idempotencyKey });
    await expect(other).rejects.toMatchObject({ status: 422, errors: [{ code: 'idempotency_key_reused' }] });
  });
});

describe('the other collections of a real server', () => {
  it('have accounts whose auth token is shown once and can be replaced', async () => {
    const account = await api.accounts.create({ name: 'Berlin' });
    const rotated = await api.accounts.rotateAuthToken(account.sid);
    expect(rotated.auth_token).not.toBe(account.auth_token);
    expect(await api.accounts.suspend(account.sid)).toMatchObject({ status: 'suspended' });
    expect(await api.accounts.resume(account.sid)).toMatchObject({ status: 'active' });
    expect(await api.accounts.retrieve(account.sid)).not.toHaveProperty('auth_token');
  });

  it('have organizations with members', async () => {
    const { sid } = await api.organizations.create({ name: 'Daughter' });
    const user = await api.users.create({ name: 'Ada', email: `${randomUUID()}@example.com` });
    const members = api.organizations.memberships(sid);
    expect(await members.create({ email: user.email, role: 'viewer' })).toMatchObject({ user_sid: user.sid });
    expect(await members.update(user.sid, { role: 'developer' })).toMatchObject({ role: 'developer' });
    expect((await members.list().all()).map(({ user_sid }) => user_sid)).toEqual([user.sid]);
    await members.delete(user.sid);
    expect(await members.list().all()).toEqual([]);
  });

  it('have signing keys that are rotated', async () => {
    const made = await api.signingKeys.rotate({ alg: 'ES256', signs_in: 3600 });
    expect(made).toMatchObject([{ alg: 'ES256', state: 'announced' }]);
    expect(await api.signingKeys.retrieve(made[0]?.kid ?? '')).toEqual(made[0]);
  });

  it('have an audit log that is read as one stream', async () => {
    const { client_id } = await api.oauthClients.create(draft);
    const actions: string[] = [];
    sent = [];
    for await (const { action } of api.auditEvents.export({ filter: { target_id: client_id } })) actions.push(action);
    expect(actions).toEqual(['client.created']);
    expect(sent).toEqual(['GET /audit_events/export']);
  });
});

describe('a refusal of a real server', () => {
  it('names the members that cannot be', async () => {
    const wrong = { ...draft, name: '', client_type: 'secret' as 'public' };
    const error = await refusalOf(api.oauthClients.create(wrong));
    expect(error).toBeInstanceOf(UnprocessableEntityError);
    const { errors } = error as UnprocessableEntityError;
    expect(errors.map(({ source }) => source?.pointer).sort()).toEqual(['/client_type', '/name']);
  });

  it('is a 404 for what does not exist', async () => {
    const error = await refusalOf(api.users.retrieve(`US${'0'.repeat(32)}`));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, requestId: expect.any(String) });
  });

  it('is a 403 for what the key is not good for', async () => {
    const { key } = await openTenant(house, 'owner', ['clients:read']);
    const reader = countersign({ baseUrl: house.issuer, apiKey: key });
    expect(await reader.oauthClients.list().all()).toEqual([]);
    await expect(reader.oauthClients.create(draft)).rejects.toBeInstanceOf(PermissionDeniedError);
    const stream = async () => {
      for await (const event of reader.auditEvents.export()) return event;
      return undefined;
    };
    await expect(stream()).rejects.toBeInstanceOf(PermissionDeniedError);
  });

  it('is a 401 for a key that is none', async () => {
    const stranger = countersign({ baseUrl: house.issuer, apiKey: 'nobody' });
    await expect(stranger.users.list().all()).rejects.toBeInstanceOf(AuthenticationError);
  });
});

it('a machine whose token is revoked meanwhile gets another one, exactly once', async () => {
  const { client_id: clientId, client_secret } = await api.oauthClients.create(draft);
  const clientSecret = client_secret ?? '';
  let tokenRequests = 0;
  const counting: Fetch = (url, init) => {
    tokenRequests += 1;
    return fetch(url, init);
  };
  const tokenUrl = `${house.issuer}/oauth/token`;
  const tokenManager = new ApiTokenManager({ tokenUrl, clientId, clientSecret, fetch: counting });
  const credentials = new ClientCredentialProvider({ tokenManager });
  const machine = countersign({ baseUrl: house.issuer, credentials });
  expect(await machine.oauthClients.retrieve(clientId)).toMatchObject({ name: draft.name });

  const token = await tokenManager.getToken();
  const revoked = await fetch(`${house.issuer}/oauth/revoke`, {
    method: 'POST',
    headers: basic(clientId, clientSecret),
    body: new URLSearchParams({ token }),
  });
  expect(revoked.status).toBe(200);
  const answers = await Promise.all(Array.from({ length: 20 }, () => machine.oauthClients.retrieve(clientId)));
  expect(new Set(answers.map(({ name }) => name))).toEqual(new Set([draft.name]));
  expect(tokenRequests).toBe(2);
});
