import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import { openRegistry, type Registry } from '../support/registry.ts';
import { adminOf, pointersOf } from '../support/tenancy.ts';
import { machineToken } from '../tokens/questions.ts';
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
afterEach(() => {
  jest.useRealTimers();
});

const path = '/v1/capability_tokens';
const hex = (prefix: string, digit = '1') => prefix + digit.repeat(32);
const [application, workspace, worker, queue] = [hex('AP'), hex('WS'), hex('WK'), hex('WQ')];
const { ClientCapability } = twilio.jwt;
const { TaskRouterCapability } = twilio.jwt.taskrouter;
const mint = async (body: Readonly<Record<string, unknown>>) => mintedIn(await scene.minter.post(path, body));
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
/** The clock of the twilio package stands at the second of a token. */
const standAt = (token: string) =>
  jest.useFakeTimers({
    now: payloadOf(token).iat * 1000,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask'],
  });
const options = () => ({ accountSid: scene.acme.account, authToken: scene.authToken });

const base = `https://taskrouter.twilio.com/v1/Workspaces/${workspace}`;
const policies = [
  { url: `${base}/Tasks/**`, method: 'GET' },
  { url: `${base}/Workers/${worker}`, method: 'POST', post_filter: { ActivitySid: { required: true } } },
];

describe('a capability token by API', () => {
  it('of a client is, to the byte, that of the twilio package', async () => {
    const params = { 'ключ ~*': '&=? +', n: 5, yes: true };
    const token = await mint({
      type: 'client',
      ttl: 60,
      scopes: [
        { type: 'incoming', client_name: "Jenny O'Neil & 小明" },
        { type: 'outgoing', application_sid: application, client_name: 'j', params },
        { type: 'outgoing', application_sid: application },
        { type: 'events', filters: params },
        { type: 'events' },
      ],
    });
    standAt(token);
    const theirs = new ClientCapability({ ...options(), ttl: 60 });
    theirs.addScope(new ClientCapability.IncomingClientScope("Jenny O'Neil & 小明"));
    const outgoing = { applicationSid: application, clientName: 'j', params };
    theirs.addScope(new ClientCapability.OutgoingClientScope(outgoing as never));
    theirs.addScope(new ClientCapability.OutgoingClientScope({ applicationSid: application }));
    theirs.addScope(new ClientCapability.EventStreamScope(params as never));
    theirs.addScope(new ClientCapability.EventStreamScope());
    expect(token).toBe(theirs.toJwt());
  });

  it.each([worker, queue, workspace])(
    'of TaskRouter is, to the byte, that of the twilio package: %s',
    async (channel_id) => {
      const wish = { type: 'task_router', workspace_sid: workspace, channel_id, friendly_name: 'Jürgen' };
      const token = await mint({ ...wish, policies });
      standAt(token);
      const theirs = new TaskRouterCapability({
        ...options(),
        workspaceSid: workspace,
        channelId: channel_id,
        friendlyName: 'Jürgen',
      });
      for (const { post_filter: postFilter, ...policy } of policies) {
        theirs.addPolicy(new TaskRouterCapability.Policy({ ...policy, ...(postFilter && { postFilter }) } as never));
      }
      expect(token).toBe(theirs.toJwt());
    },
  );

  it('keeps a policy that denies, which the twilio package forgets', async () => {
    const token = await mint({
      type: 'task_router',
      workspace_sid: workspace,
      channel_id: worker,
      policies: [{ url: base, allow: false }],
    });
    expect(payloadOf(token).policies).toEqual([
      { url: base, method: 'GET', query_filter: {}, post_filter: {}, allow: false },
    ]);
  });

  it('is answered with its end and its account; an organization token names the account', async () => {
    const { acme, rival, house } = scene;
    const wish = { type: 'client', ttl: 60, scopes: [] };
    const answer = await scene.minter.post(path, wish);
    const { iat } = payloadOf(mintedIn(answer));
    expect(answer.body).toEqual({
      token: expect.any(String),
      expires_in: 60,
      expires_at: new Date((iat + 60) * 1000).toISOString(),
      account_sid: acme.account,
    });
    const client = await registry.makeClient({
      organizationSid: acme.organization,
      userSid: acme.people.owner.user,
      allowedScopes: ['access_tokens:write'],
    });
    const machine = adminOf(house.address, await machineToken(house.address, client));
    expect((await machine.post(path, { ...wish, account_sid: acme.account })).status).toBe(201);
    for (const account_sid of [undefined, rival.account, hex('AC')]) {
      const refused = await machine.post(path, { ...wish, ...(account_sid && { account_sid }) });
      expect([refused.status, pointersOf(refused)]).toEqual([422, ['/account_sid']]);
    }
    const other = await scene.minter.post(path, { ...wish, account_sid: rival.account });
    expect([other.status, pointersOf(other)]).toEqual([422, ['/account_sid']]);
  });

  it('is made by a key with listed grants only where it is among them, and within its applications and lifetime', async () => {
    const client = { type: 'client', ttl: 60, scopes: [{ type: 'outgoing', application_sid: application }] };
    const router = { type: 'task_router', ttl: 60, workspace_sid: workspace, channel_id: worker };
    const pointers = async (token_policy: object, wish: object) => {
      const key = await scene.makeKey({ token_policy });
      const answer = await key.post(path, { ...wish });
      return answer.status === 201 ? 'made' : [answer.status, ...pointersOf(answer)];
    };
    expect(await pointers({ grants: ['voice'] }, client)).toEqual([403, '/type']);
    expect(await pointers({ grants: ['client_capability'] }, router)).toEqual([403, '/type']);
    expect(await pointers({ grants: ['client_capability'] }, client)).toBe('made');
    expect(await pointers({ grants: ['task_router_capability'] }, router)).toBe('made');
    expect(await pointers({ rooms: ['x'] }, client)).toBe('made');
    expect(await pointers({ applications: [hex('AP', '2')] }, client)).toEqual([403, '/scopes/0/application_sid']);
    expect(await pointers({ max_ttl: 59 }, client)).toEqual([403, '/ttl']);
  });
});

describe('a wish for a capability token that is nonsense is refused:', () => {
  const client = { type: 'client', scopes: [] };
  const router = { type: 'task_router', workspace_sid: workspace, channel_id: worker };
  const policy = (more: object) => ({ ...router, policies: [{ url: base, ...more }] });
  const scope = (more: object) => ({ ...client, scopes: [more] });
  const outgoing = { type: 'outgoing', application_sid: application };
  it.each<[Readonly<Record<string, unknown>>, string, string]>([
    [{}, '/type', 'must be client or task_router'],
    [{ type: 'video' }, '/type', 'must be client or task_router'],
    [{ type: 'client' }, '/scopes', 'is required'],
    [{ ...client, ttl: '60' }, '/ttl', 'must be a whole number of seconds'],
    [{ ...client, scopes: {} }, '/scopes', 'must be a list'],
    [{ ...client, policies: [] }, '/policies', 'is not known here'],
    [scope({ type: 'moon' }), '/scopes/0/type', 'must be an object whose type is incoming, outgoing or events'],
    [scope({ type: 'incoming' }), '/scopes/0/client_name', 'is required'],
    [scope({ type: 'incoming', client_name: '\ud800' }), '/scopes/0/client_name', 'control characters'],
    [scope({ type: 'outgoing', application_sid: 'AP1' }), '/scopes/0/application_sid', 'must be a SID: AP'],
    [scope({ ...outgoing, params: null }), '/scopes/0/params', 'must be an object of at most 32'],
    [scope({ ...outgoing, params: { a: {} } }), '/scopes/0/params', 'must be an object of at most 32'],
    [scope({ ...outgoing, params: { '\ud800': 'a' } }), '/scopes/0/params', 'must be an object of at most 32'],
    [{ ...router, channel_id: hex('WX') }, '/channel_id', 'a worker (WK), a task queue (WQ) or a workspace (WS)'],
    [{ ...router, workspace_sid: worker }, '/workspace_sid', 'must be a SID: WS'],
    [policy({ url: 'Tasks/**' }), '/policies/0/url', 'must be an absolute http or https URL'],
    [policy({ url: 'javascript:x' }), '/policies/0/url', 'must be an absolute http or https URL'],
    [policy({ method: 'get' }), '/policies/0/method', 'must be an HTTP method in capitals'],
    [policy({ allow: 'false' }), '/policies/0/allow', 'must be true or false'],
    [policy({ query_filter: [] }), '/policies/0/query_filter', 'must be an object'],
    [{ ...client, account_sid: 'AC1' }, '/account_sid', 'must be a SID: AC'],
    [scope({ ...outgoing, params: { a: 'x'.repeat(10_000) } }), '/scopes', 'must be smaller'],
  ])('%j', async (wish, pointer, rule) => {
    const answer = await scene.minter.post(path, wish);
    expect([answer.status, pointersOf(answer)]).toEqual([422, [pointer]]);
    expect((answer.body['errors'] as Array<{ detail: string }>)[0]?.detail).toContain(rule);
  });
});
