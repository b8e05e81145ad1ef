import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import { ClientCapability, Jwt, Policy, TaskRouterCapability, taskrouter, util } from '../../../src/sdk/jwt/index.ts';
import { accountSid, secret, subsets, written } from './cases.ts';

const real = twilio.jwt;
const workspaceSid = 'WS0123456789abcdef0123456789abcdef';
const workerSid = 'WK0123456789abcdef0123456789abcdef';
const queueSid = 'WQ0123456789abcdef0123456789abcdef';
const policiesOf = (token: string) => Jwt.decode(token, secret)['policies'] as Record<string, unknown>[];

beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_001 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a ClientCapability', () => {
  const names = ['jenny', 'Jenny O’Neil', "~*'()!-_.", 'a&b=c?d/e+f%20', '小明 👋', ' '];
  const params = [
    { a: '1' },
    { b: '', a: '&=?', 'ключ ~*': 'значение' },
    { n: 5, f: 1.5, yes: true, no: false },
    {},
    { '1': 'first', z: 'last' },
  ];

  const scopes = [
    ...names.map((name) => [
      new ClientCapability.IncomingClientScope(name),
      new real.ClientCapability.IncomingClientScope(name),
    ]),
    ...[undefined, ...params].map((filters) => [
      new ClientCapability.EventStreamScope(filters),
      new real.ClientCapability.EventStreamScope(filters as never),
    ]),
    ...[undefined, '', ...names].flatMap((clientName) =>
      [undefined, ...params].map((given) => {
        const options = { applicationSid: 'AP1 ü', clientName, params: given };
        return [
          new ClientCapability.OutgoingClientScope(options),
          new real.ClientCapability.OutgoingClientScope(options as never),
        ];
      }),
    ),
  ] as const;

  const pairFor = (ttl?: number) => {
    const options = { accountSid, authToken: secret, ...(ttl && { ttl }) };
    return [new ClientCapability(options), new real.ClientCapability(options as never)] as const;
  };

  it('is equal to that of the twilio package for every scope', () => {
    expect(scopes.length).toBeGreaterThan(50);
    for (const [own, theirs] of scopes) {
      const [capability, other] = pairFor();
      capability.addScope(own as never);
      other.addScope(theirs as never);
      expect(written(capability.toJwt())).toEqual(written(other.toJwt()));
      expect(capability.toJwt()).toBe(other.toJwt());
    }
  });

  it('is equal with no scope, with all of them, with one twice, and for every lifetime', () => {
    for (const ttl of [undefined, 1, 86_400]) {
      const [capability, other] = pairFor(ttl);
      expect(capability.toJwt()).toBe(other.toJwt());
      for (const [own, theirs] of [...scopes, ...scopes.slice(0, 2)]) {
        capability.addScope(own as never);
        other.addScope(theirs as never);
      }
      expect(capability.toJwt()).toBe(other.toJwt());
    }
  });
});

describe('a TaskRouterCapability', () => {
  const optional = { friendlyName: 'Jürgen', ttl: 60, version: 'v2' };
  const policies = subsets({
    url: 'https://taskrouter.twilio.com/v1/**',
    method: 'POST',
    queryFilter: { FriendlyName: { required: false } },
    postFilter: { ActivitySid: { required: true } },
    allow: true,
  });

  it('is equal to that of the twilio package for every option, channel and allowing policy', () => {
    let compared = 0;
    for (const channelId of [workerSid, queueSid, workspaceSid]) {
      for (const more of subsets(optional)) {
        const options = { accountSid, authToken: secret, workspaceSid, channelId, ...more };
        const own = new TaskRouterCapability(options);
        const theirs = new real.taskrouter.TaskRouterCapability(options as never);
        expect(own.toJwt()).toBe(theirs.toJwt());
        for (const policy of policies) {
          own.addPolicy(new Policy(policy));
          theirs.addPolicy(new real.taskrouter.TaskRouterCapability.Policy(policy));
          expect(own.toJwt()).toBe(theirs.toJwt());
          compared += 1;
        }
      }
    }
    expect(compared).toBe(3 * 8 * 32);
  });

  it('denies where a policy denies, which the twilio package does not', () => {
    const own = new TaskRouterCapability(accountSid, secret, workspaceSid, workerSid);
    own.addPolicy(new Policy({ url: 'https://a.example', allow: false }));
    own.deny('https://b.example', 'DELETE');
    expect(policiesOf(own.toJwt()).map(({ allow }) => allow)).toEqual([false, false]);
  });

  it('is the same by positions and by options, and stands where the twilio package has it', () => {
    const options = { accountSid, authToken: secret, workspaceSid, channelId: workerSid };
    const byPosition = new TaskRouterCapability(accountSid, secret, workspaceSid, workerSid);
    expect(byPosition.toJwt()).toBe(new taskrouter.TaskRouterCapability(options).toJwt());
    expect(taskrouter.util).toBe(util);
  });

  it('writes the documented policy for each permission', () => {
    const workspace = `https://taskrouter.twilio.com/v1/Workspaces/${workspaceSid}`;
    const worker = `${workspace}/Workers/${workerSid}`;
    const own = new TaskRouterCapability(accountSid, secret, workspaceSid, workerSid);
    own.allowFetchSubresources();
    own.allowUpdates();
    own.allowUpdatesSubresources();
    own.allowDelete();
    own.allowDeleteSubresources();
    own.allowWorkerFetchAttributes();
    own.allowWorkerActivityUpdates();
    own.allowActivityUpdates();
    own.allowFetchActivities();
    own.allowTaskReservationUpdates();
    own.allowReservationUpdates();
    const activity = { ActivitySid: { required: true } };
    const expected: [string, string, object?][] = [
      ['GET', `${worker}/**`],
      ['POST', worker],
      ['POST', `${worker}/**`],
      ['DELETE', worker],
      ['DELETE', `${worker}/**`],
      ['GET', worker],
      ['POST', worker, activity],
      ['POST', worker, activity],
      ['GET', `${workspace}/Activities`],
      ['POST', `${workspace}/Tasks/**`],
      ['POST', `${workspace}/Tasks/**`],
      ['POST', `${worker}/Reservations/**`],
    ];
    expect(policiesOf(own.toJwt())).toEqual(
      expected.map(([method, url, post = {}]) => ({ url, method, query_filter: {}, post_filter: post, allow: true })),
    );
  });

  it('means the queue or the workspace when its channel is one, and refuses what only a worker can do', () => {
    const workspace = `https://taskrouter.twilio.com/v1/Workspaces/${workspaceSid}`;
    for (const [channel, url] of [
      [queueSid, `${workspace}/TaskQueues/${queueSid}`],
      [workspaceSid, workspace],
    ] as const) {
      const own = new TaskRouterCapability(accountSid, secret, workspaceSid, channel);
      own.allowUpdates();
      expect(policiesOf(own.toJwt()).map((policy) => policy['url'])).toEqual([url]);
      for (const worker of ['allowWorkerActivityUpdates', 'allowFetchActivities', 'allowReservationUpdates'] as const) {
        expect(() => own[worker]()).toThrow('channelId must be a worker (WK) for this policy');
      }
    }
  });
});

describe('the URLs of TaskRouter', () => {
  it('are those of the twilio package, for every number of parts', () => {
    const names = [
      'workspacesUrl',
      'taskQueuesUrl',
      'tasksUrl',
      'activitiesUrl',
      'workersUrl',
      'reservationsUrl',
    ] as const;
    for (const name of names) {
      for (const parts of [[], ['WS1'], ['**'], ['WS1', 'X1'], ['WS1', 'X1', '**'], ['WS1', undefined, 'Y1']]) {
        const own: (...given: never[]) => string = util[name];
        const theirs: (...given: never[]) => string = real.taskrouter.util[name];
        expect(own(...(parts as never[]))).toBe(theirs(...(parts as never[])));
      }
    }
    expect(util.buildWorkspaceUrl('WS1')).toBe(util.workspacesUrl('WS1'));
  });

  it('and so are the default policies', () => {
    const theirs = real.taskrouter.util;
    const payloads = (list: { payload(): unknown }[]) => JSON.stringify(list.map((policy) => policy.payload()));
    expect(payloads(util.defaultWorkerPolicies('v1', workspaceSid, workerSid))).toBe(
      payloads(theirs.defaultWorkerPolicies('v1', workspaceSid, workerSid)),
    );
    expect(payloads(util.defaultEventBridgePolicies(accountSid, workerSid))).toBe(
      payloads(theirs.defaultEventBridgePolicies(accountSid, workerSid)),
    );
  });
});
