import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TokenPolicy } from '../../src/accounts/api-keys/token-policy.ts';
import { adminOf, dataOf, pointersOf } from '../support/tenancy.ts';
import { within } from '../support/within.ts';
import {
  codeOf,
  forge,
  goodClaims,
  goodHeader,
  type IssuerScene,
  type MadeKey,
  mintedIn,
  openIssuerScene,
  secondsNow,
  verdictOn,
} from './scene.ts';

let scene: IssuerScene;
beforeAll(async () => {
  scene = await openIssuerScene();
});
afterAll(() => scene.close());

const path = '/v1/access_tokens';
const [sales, support] = [`AP${'1'.repeat(32)}`, `AP${'2'.repeat(32)}`];
const policy = {
  grants: ['video', 'voice'],
  rooms: ['lobby', 'sales-*'],
  applications: [sales],
  max_ttl: 600,
  algorithms: ['HS256', 'HS512'],
};
const room = (name?: unknown) => ({ video: name === undefined ? {} : { room: name } });
const calls = (application_sid: string) => ({ voice: { outgoing: { application_sid } } });

describe('a key with a token policy', () => {
  let key: MadeKey;
  beforeAll(async () => {
    key = await scene.makeKey({ token_policy: policy });
  });

  const within600 = { identity: 'i', ttl: 600 };
  const allowed: ReadonlyArray<Readonly<Record<string, unknown>>> = [
    {},
    { ttl: 1, algorithm: 'HS512' },
    { grants: room('lobby') },
    { grants: room('sales-7') },
    { grants: { ...room('sales-'), ...calls(sales) } },
    { grants: { voice: { incoming: { allow: true } } } },
  ];
  it.each(allowed)('mints what it may, and so may its holder: %j', async (wish) => {
    expect(await codeOf(key, mintedIn(await key.post(path, { ...within600, ...wish })))).toBe('valid');
  });

  const refused: ReadonlyArray<readonly [Readonly<Record<string, unknown>>, string, string]> = [
    [{ grants: { chat: {} } }, '/grants/chat', 'video, voice'],
    [{ grants: { mine: {} } }, '/grants/mine', 'video, voice'],
    [{ grants: room() }, '/grants/video/room', 'lobby, sales-*'],
    [{ grants: room('lobby2') }, '/grants/video/room', 'lobby, sales-*'],
    [{ grants: room('sales') }, '/grants/video/room', 'lobby, sales-*'],
    [{ grants: room('*') }, '/grants/video/room', 'lobby, sales-*'],
    [{ grants: calls(support) }, '/grants/voice/outgoing/application_sid', sales],
    [{ ttl: 601 }, '/ttl', 'at most 600 s'],
    [{ algorithm: 'HS384' }, '/algorithm', 'HS256, HS512'],
  ];
  it.each(refused)('is refused what it may not, and is told what it may: %j', async (wish, pointer, told) => {
    const answer = await key.post(path, { ...within600, ...wish });
    expect([answer.status, pointersOf(answer)]).toEqual([403, [pointer]]);
    expect(answer.text).toContain(told);
  });

  it('is refused everything at once that is too much', async () => {
    const answer = await key.post(path, { identity: 'i', algorithm: 'HS384', grants: { chat: {}, ...room('x') } });
    expect(pointersOf(answer)).toEqual(['/algorithm', '/ttl', '/grants/chat', '/grants/video/room']);
  });

  const offline: ReadonlyArray<readonly [string, object, object?]> = [
    ['a grant', { grants: { chat: {} } }],
    ['a grant of no name that could be asked for', { grants: { 'No Name': 1 } }],
    ['no room', { grants: { video: {} } }],
    ['no object where a room stands', { grants: { video: 'lobby' } }],
    ['a list of rooms', { grants: { video: { room: ['lobby'] } } }],
    ['a room', { grants: { video: { room: 'other' } } }],
    ['an application', { grants: { voice: { outgoing: { application_sid: support } } } }],
    ['no application', { grants: { voice: { outgoing: {} } } }],
    ['outgoing calls to nobody', { grants: { voice: { outgoing: null } } }],
    ['a lifetime', { exp: secondsNow() + 3600 }],
    ['a lifetime that is not said', { exp: secondsNow() + 3600, iat: undefined }],
    ['a beginning in the past', { iat: secondsNow() - 3600 }],
  ];
  it.each(offline)('cannot be got round with its secret: %s', async (_name, claims) => {
    const token = forge(goodHeader, goodClaims(key, scene.acme.account, { ...claims }), key.secret);
    const verdict = await verdictOn(scene.minter, token);
    expect(verdict.reason?.code).toBe('beyond_policy');
    expect(verdict.reason?.message).toMatch(/beyond the token policy of its API key: \S+ .+\.$/);
  });

  it('signs with its algorithms only, offline too', async () => {
    const token = forge({ ...goodHeader, alg: 'HS384' }, goodClaims(key, scene.acme.account), key.secret);
    const { reason } = await verdictOn(scene.minter, token);
    expect(reason).toEqual({
      code: 'algorithm_not_allowed',
      message: 'Its alg is HS384; its API key signs with HS256, HS512 only.',
    });
  });

  it('that names no algorithm signs nothing at all', async () => {
    const mute = await scene.makeKey({ token_policy: { algorithms: [] } });
    expect((await mute.post(path, { identity: 'i' })).status).toBe(403);
    const token = forge(goodHeader, goodClaims(mute, scene.acme.account), mute.secret);
    expect(await codeOf(scene.minter, token)).toBe('algorithm_not_allowed');
  });

  it('has it in its record, and a change of it counts for tokens that are out there', async () => {
    const { owner } = scene.acme.people;
    const own = await scene.makeKey();
    const token = mintedIn(await own.post(path, { identity: 'i', grants: { chat: {} } }));
    const address = `/api_keys/${own.sid}`;
    expect(dataOf(await owner.get(address))['token_policy']).toBeNull();
    expect(dataOf(await owner.put(address, { token_policy: { grants: ['video'] } }))['token_policy']).toEqual({
      grants: ['video'],
    });
    await within(5_000, async () => (await codeOf(scene.minter, token)) === 'beyond_policy');
    expect(dataOf(await owner.put(address, { name: 'Other' }))['token_policy']).toEqual({ grants: ['video'] });
    expect(dataOf(await owner.put(address, { token_policy: null }))['token_policy']).toBeNull();
    await within(5_000, async () => (await codeOf(scene.minter, token)) === 'valid');
    const events = await scene.house.database.sql`
      select detail from audit_events where target_id = ${own.sid} and action = 'api_key.updated' order by id`;
    expect(events.map(({ detail }) => detail)).toEqual([
      { changed: 'token_policy', token_policy: '{"grants":["video"]}' },
      { changed: 'name' },
      { changed: 'token_policy' },
    ]);
    const made = await scene.house.database.sql`
      select detail from audit_events where target_id = ${key.sid} and action = 'api_key.created'`;
    expect(JSON.parse(made[0]?.['detail'].token_policy)).toEqual(policy);
  });
});

describe('nobody gets round the policy of the key that they have:', () => {
  let held: MadeKey;
  beforeAll(async () => {
    held = await scene.makeKey({
      scopes: ['admin'],
      token_policy: { grants: ['video'], rooms: ['sales-*'], max_ttl: 60 },
    });
  });

  const wider: ReadonlyArray<TokenPolicy | null> = [
    null,
    {},
    { grants: ['video'], rooms: ['sales-*'] },
    { grants: ['video'], max_ttl: 60 },
    { rooms: ['sales-1'], max_ttl: 60 },
    { grants: ['video', 'chat'], rooms: ['sales-*'], max_ttl: 60 },
    { grants: ['video'], rooms: ['s*'], max_ttl: 60 },
    { grants: ['video'], rooms: ['sales-*', 'lobby'], max_ttl: 60 },
    { grants: ['video'], rooms: ['sales-*'], max_ttl: 61 },
  ];
  it.each(wider)('no key is made or changed to have a wider one: %j', async (token_policy) => {
    const { acme } = scene;
    const made = await held.post('/api_keys', { name: 'Wider', account_sid: acme.account, scopes: [], token_policy });
    expect([made.status, pointersOf(made)]).toEqual([403, ['/token_policy']]);
    const itself = await held.put(`/api_keys/${held.sid}`, { token_policy });
    expect([itself.status, pointersOf(itself)]).toEqual([403, ['/token_policy']]);
  });

  it('no key is made with none', async () => {
    const made = await held.post('/api_keys', { name: 'None', account_sid: scene.acme.account, scopes: [] });
    expect([made.status, pointersOf(made)]).toEqual([403, ['/token_policy']]);
  });

  it('one within it is given, and whatever a key has may be narrowed', async () => {
    const narrow = { grants: ['video'], rooms: ['sales-1', 'sales-1*'], max_ttl: 30 };
    const made = await scene.makeKey({ token_policy: narrow }, held);
    const other = await scene.makeKey({ token_policy: { grants: ['chat', 'voice'] } });
    const changed = await held.put(`/api_keys/${other.sid}`, { token_policy: { grants: ['chat'] } });
    expect([changed.status, dataOf(changed)['token_policy']]).toEqual([200, { grants: ['chat'] }]);
    expect((await held.put(`/api_keys/${other.sid}`, { token_policy: { grants: ['chat', 'voice'] } })).status).toBe(
      403,
    );
    expect((await held.put(`/api_keys/${made.sid}`, { name: 'Renamed' })).status).toBe(200);
  });

  it('it makes no credential that no policy holds: client, person, auth token or consent', async () => {
    const { acme } = scene;
    const client = {
      name: 'c',
      client_type: 'confidential',
      allowed_scopes: ['access_tokens:write'],
      allowed_grant_types: ['client_credentials'],
    };
    const user = { email: 'new@example.com', name: 'n', organization_sid: acme.organization, role: 'viewer' };
    const answers = await Promise.all([
      held.post('/oauth_clients', client),
      held.post('/users', user),
      held.post('/accounts', { name: 'a' }),
      held.post(`/accounts/${acme.account}/auth_token`),
      held.delete('/oauth_grants/00000000-0000-4000-8000-000000000000'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    const scopes = ['clients:write'];
    const made = await held.post('/api_keys', {
      name: 'k',
      account_sid: acme.account,
      scopes,
      token_policy: { grants: [], rooms: [], max_ttl: 1 },
    });
    expect([made.status, made.body['error']]).toEqual([403, 'access_denied']);
    expect((await held.get('/accounts')).status).toBe(200);
  });

  it('it allows nothing in its user’s name, which a key without a policy does', async () => {
    const { address, demo } = scene.house;
    const operator = adminOf(address, String(demo['api_key']));
    const wish = { name: 'Held', account_sid: demo['account_sid'], scopes: ['admin'], token_policy: { grants: [] } };
    const withPolicy = dataOf(await operator.post('/api_keys', wish));
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: demo['app_client_id'] ?? '',
      redirect_uri: demo['app_redirect_uri'] ?? '',
      scope: 'clients:read',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const asked = await fetch(`${address}/oauth/authorize?${query}`, { redirect: 'manual' });
    const token = new URL(asked.headers.get('location') ?? '').searchParams.get('consent_token');
    const answer = { allowed: true, consent_token: token };
    expect((await adminOf(address, String(withPolicy['key'])).post('/oauth/grants', answer)).status).toBe(403);
    expect((await operator.post('/oauth/grants', answer)).status).toBe(200);
  });
});

describe('a policy that is nonsense is refused:', () => {
  const seconds = 'must be a whole number of seconds from 1 to 86400';
  it.each([
    [[], '/token_policy', 'must be an object, or null'],
    [{ rooms: 'a' }, '/token_policy/rooms', 'must be a list'],
    [{ rooms: ['a*b'] }, '/token_policy/rooms/0', 'at its end only'],
    [{ rooms: ['a', 'a'] }, '/token_policy/rooms', 'must name each entry once'],
    [{ rooms: [''] }, '/token_policy/rooms/0', 'must not be empty'],
    [{ grants: ['Video'] }, '/token_policy/grants/0', 'must be the name of a grant'],
    [{ grants: [5] }, '/token_policy/grants/0', 'must be a string'],
    [{ applications: ['AP1'] }, '/token_policy/applications/0', 'must be a SID: AP'],
    [{ max_ttl: '60' }, '/token_policy/max_ttl', seconds],
    [{ max_ttl: 0 }, '/token_policy/max_ttl', seconds],
    [{ max_ttl: 86_401 }, '/token_policy/max_ttl', seconds],
    [{ algorithms: ['RS256'] }, '/token_policy/algorithms/0', 'must be one of HS256'],
    [{ room: ['a'] }, '/token_policy/room', 'is not known here'],
  ] as const)('%j', async (token_policy, pointer, rule) => {
    const { owner } = scene.acme.people;
    const wish = { name: 'Key', account_sid: scene.acme.account, scopes: [], token_policy };
    for (const answer of [
      await owner.post('/api_keys', wish),
      await owner.put(`/api_keys/${scene.minter.sid}`, { token_policy }),
    ]) {
      expect([answer.status, pointersOf(answer)]).toEqual([422, [pointer]]);
      expect((answer.body['errors'] as Array<{ detail: string }>)[0]?.detail).toContain(rule);
    }
  });
});
