import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import { openRegistry, type Registry } from '../support/registry.ts';
import { adminOf, dataOf, makeTenant, pointersOf } from '../support/tenancy.ts';
import { basic, send } from '../support/tokens.ts';
import { machineToken } from '../tokens/questions.ts';
import { nonsenseWishes } from './nonsense-wishes.ts';
import { type IssuerScene, mintedIn, openIssuerScene } from './scene.ts';

let scene: IssuerScene;
let registry: Registry;
beforeAll(async () => {
  scene = await openIssuerScene();
  registry = await openRegistry(scene.house);
});
afterAll(async () => {
  await registry.close();
  await scene.close();
});

const path = '/v1/access_tokens';
const hex = (prefix: string, digit = '1') => prefix + digit.repeat(32);
const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const { AccessToken } = twilio.jwt;
const mint = (body: Readonly<Record<string, unknown>>) => scene.minter.post(path, body);

/** Whatever a grant can hold, for both: as it is asked for here, and by the twilio package. */
const grants = {
  video: { ours: { room: 'Raum „A“ ☎' }, theirs: new AccessToken.VideoGrant({ room: 'Raum „A“ ☎' }) },
  chat: {
    ours: {
      push_credential_sid: hex('CR'),
      endpoint_id: 'phone',
      service_sid: hex('IS'),
      deployment_role_sid: hex('RL'),
    },
    theirs: new AccessToken.ChatGrant({
      serviceSid: hex('IS'),
      endpointId: 'phone',
      deploymentRoleSid: hex('RL'),
      pushCredentialSid: hex('CR'),
    }),
  },
  data_sync: {
    ours: { endpoint_id: 'e', service_sid: hex('IS') },
    theirs: new AccessToken.SyncGrant({ serviceSid: hex('IS'), endpointId: 'e' }),
  },
  voice: {
    ours: {
      endpoint_id: 'e',
      push_credential_sid: hex('CR'),
      outgoing: { params: { to: '+1', list: [1, null] }, application_sid: hex('AP') },
      incoming: { allow: true },
    },
    theirs: new AccessToken.VoiceGrant({
      incomingAllow: true,
      outgoingApplicationSid: hex('AP'),
      outgoingApplicationParams: { to: '+1', list: [1, null] },
      pushCredentialSid: hex('CR'),
      endpointId: 'e',
    }),
  },
  task_router: {
    ours: { role: 'worker', worker_sid: hex('WK'), workspace_sid: hex('WS') },
    theirs: new AccessToken.TaskRouterGrant({ workspaceSid: hex('WS'), workerSid: hex('WK'), role: 'worker' }),
  },
  player: {
    ours: { playbackUrl: 'https://x.example/?a=1&b=2', requestCredentials: null },
    theirs: new AccessToken.PlaybackGrant({
      grant: { playbackUrl: 'https://x.example/?a=1&b=2', requestCredentials: null },
    }),
  },
} as const;
type GrantName = keyof typeof grants;
const names = Object.keys(grants) as GrantName[];

interface Wish {
  readonly identity?: string;
  readonly ttl?: number;
  readonly nbf?: number;
  readonly region?: string;
  readonly algorithm?: 'HS256' | 'HS384' | 'HS512';
  readonly names: readonly GrantName[];
}

describe('an AccessToken by API', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  const wishes: Wish[] = [
    { names: [] },
    ...names.map((name): Wish => ({ names: [name] })),
    { names, algorithm: 'HS384', ttl: 1 },
    { names: [...names].reverse(), algorithm: 'HS512', ttl: 86_400, region: 'stage-us1', nbf: 1_700_000_000 },
    { names: [], identity: 'a"b\\c 小明 👋 <&>', nbf: 0, algorithm: 'HS256', region: 'au1' },
  ];

  it.each(wishes)('is, to the byte, that of the twilio package: %j', async ({ names: own, ...wish }) => {
    const { identity = 'alice', algorithm = 'HS256', ...options } = wish;
    const asked = Object.fromEntries(own.map((name) => [name, grants[name].ours]));
    const answer = await mint({ identity, ...wish, ...(own.length === 0 ? {} : { grants: asked }) });
    const token = mintedIn(answer);
    const { iat } = claimsIn(token);
    jest.useFakeTimers({ now: iat * 1000, doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask'] });
    const { sid, secret } = scene.minter;
    const theirs = new AccessToken(scene.acme.account, sid, secret, { identity, ...options });
    for (const name of own) theirs.addGrant(grants[name].theirs);
    expect(token).toBe(theirs.toJwt(algorithm));
    const ttl = wish.ttl ?? 3600;
    expect(answer.body).toEqual({
      token,
      expires_in: ttl,
      expires_at: new Date((iat + ttl) * 1000).toISOString(),
      identity,
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('has grants of one’s own, and no incoming calls where these are not allowed', async () => {
    const asked = { meeting: { hours: [9, { until: 17 }] }, constructor: {}, voice: { incoming: { allow: false } } };
    const { grants: made } = claimsIn(mintedIn(await mint({ identity: 'i', grants: asked })));
    expect(JSON.stringify(made)).toBe(
      '{"identity":"i","meeting":{"hours":[9,{"until":17}]},"constructor":{},"voice":{}}',
    );
  });

  it('is made for a key by HTTP Basic as well, under /v2 as well, and nothing of it is kept', async () => {
    const { sid, secret } = scene.minter;
    const body = JSON.stringify({ identity: 'alice' });
    const headers = { ...basic(sid, secret), 'content-type': 'application/json' };
    const events = async () => (await scene.house.database.sql`select count(*) from audit_events`)[0]?.['count'];
    const before = await events();
    for (const address of [path, `/v2${path}`]) {
      expect((await send(scene.house.address + address, { method: 'POST', headers, body })).status).toBe(201);
    }
    expect(await events()).toBe(before);
  });
});

describe('whoever asks for an AccessToken', () => {
  it('needs the scope, and a role that may have it', async () => {
    const { acme, makeKey } = scene;
    const reader = await makeKey({ scopes: ['accounts:read', 'tokens:introspect'] });
    const viewer = await makeKey({ user_sid: acme.people.viewer.user });
    const admin = await makeKey({ scopes: ['admin'] });
    const developer = await makeKey({ user_sid: acme.people.developer.user });
    const statuses = await Promise.all(
      [reader, viewer, admin, developer].map(async (key) => (await key.post(path, { identity: 'i' })).status),
    );
    expect(statuses).toEqual([403, 403, 201, 201]);
    expect((await send(scene.house.address + path, { method: 'POST' })).status).toBe(401);
    expect((await adminOf(scene.house.address, `${scene.minter.sid}.wrong`).post(path, {})).status).toBe(401);
  });

  it('with a key, signs with that key and no other', async () => {
    const other = await scene.makeKey();
    const itself = mintedIn(await scene.minter.post(path, { identity: 'i', api_key_sid: scene.minter.sid }));
    expect(claimsIn(itself)).toMatchObject({ iss: scene.minter.sid, sub: scene.acme.account });
    const refused = await scene.minter.post(path, { identity: 'i', api_key_sid: other.sid });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/api_key_sid']]);
  });

  it('with an organization token, names a key of the organization or of those beneath it', async () => {
    const { house, acme, rival, minter, makeKey } = scene;
    const client = await registry.makeClient({
      organizationSid: acme.organization,
      userSid: acme.people.owner.user,
      allowedScopes: ['access_tokens:write'],
    });
    const machine = adminOf(house.address, await machineToken(house.address, client));
    const child = await makeTenant(house, 'Child of Acme', acme.organization);
    const theirs = await child.people.owner.post('/api_keys', {
      name: 'Child',
      account_sid: child.account,
      scopes: [],
    });
    for (const [sid, account] of [
      [minter.sid, acme.account],
      [dataOf(theirs)['sid'], child.account],
    ]) {
      expect(claimsIn(mintedIn(await machine.post(path, { identity: 'i', api_key_sid: sid })))).toMatchObject({
        iss: sid,
        sub: account,
      });
    }
    const revoked = await makeKey();
    await acme.people.owner.delete(`/api_keys/${revoked.sid}`);
    const answers = [undefined, rival.people.owner.keySid, hex('SK'), revoked.sid].map((api_key_sid) =>
      machine.post(path, { identity: 'i', ...(api_key_sid === undefined ? {} : { api_key_sid }) }),
    );
    const [none, ...others] = await Promise.all(answers);
    expect([none?.status, none?.body['error_description']]).toEqual([422, expect.stringContaining('is required')]);
    expect(new Set(others.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect([others[0]?.status, others[0] && pointersOf(others[0])]).toEqual([422, ['/api_key_sid']]);
  });
});

describe('a wish that is nonsense is refused, and the answer names the member and the rule:', () => {
  const named = nonsenseWishes.map(([wrong, pointer, rule]) => ({ wrong, pointer, rule }));
  it.each(named)('$pointer $rule', async ({ wrong, pointer, rule }) => {
    const answer = await mint({ identity: 'alice', ...wrong });
    expect([answer.status, [...new Set(pointersOf(answer))]]).toEqual([422, [pointer]]);
    const [fault] = answer.body['errors'] as Array<{ detail: string }>;
    expect(fault?.detail).toContain(rule);
  });

  it('every fault at once, and a name that would be a prototype', async () => {
    const several = await mint({ identity: 5, ttl: 'x', grants: { video: { room: 1 }, chat: { endpoint_id: 2 } } });
    expect(pointersOf(several)).toEqual(['/identity', '/ttl', '/grants/video/room', '/grants/chat/endpoint_id']);
    const body = '{"identity":"i","grants":{"__proto__":{"room":"x"}}}';
    const headers = { authorization: `Bearer ${scene.minter.key}`, 'content-type': 'application/json' };
    const odd = await send(scene.house.address + path, { method: 'POST', headers, body });
    expect([odd.status, pointersOf(odd)]).toEqual([422, ['/grants/__proto__']]);
  });
});
