import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import { AccessToken, Grant } from '../../../src/sdk/jwt/index.ts';
import {
  type AccessCase,
  accountSid,
  type GrantCase,
  type GrantKind,
  keySid,
  mintOurs,
  mintTheirs,
  secret,
  subsets,
  written,
} from './cases.ts';

const full: Record<GrantKind, Record<string, unknown>> = {
  video: { room: 'Raum für "alle" ☎' },
  chat: { serviceSid: 'IS1', endpointId: 'phone:ü', deploymentRoleSid: 'RL1', pushCredentialSid: 'CR1' },
  conversations: { serviceSid: 'IS2', pushCredentialSid: 'CR2' },
  sync: { serviceSid: 'default', endpointId: 'e' },
  voice: {
    incomingAllow: true,
    outgoingApplicationSid: 'AP1',
    outgoingApplicationParams: { to: '+1', list: [1, null, { a: 'ß' }], nothing: undefined, when: new Date(0) },
    pushCredentialSid: 'CR3',
    endpointId: 'e',
  },
  taskRouter: { workspaceSid: 'WS1', workerSid: 'WK1', role: 'supervisor' },
  playback: {
    grant: { requestCredentials: null, playbackUrl: 'https://x.example/?a=1&b=2', playerStreamerSid: 'VJ1' },
  },
};

const everyGrant: GrantCase[] = (Object.keys(full) as GrantKind[]).flatMap((kind) => [
  { kind },
  ...subsets(full[kind]).map((options) => ({ kind, options })),
]);

const algorithms = ['HS256', 'HS384', 'HS512'] as const;
const settings: Partial<AccessCase>[] = [
  {},
  { ttl: 1, nbf: 0 },
  { ttl: 86_400, region: 'au1' },
  { ttl: 3600, nbf: 1_700_000_123, region: 'stage-us1' },
];
const identities = [
  'alice',
  'a"b\\c/d',
  'line\nbreak\ttab\u0000nul\u007f',
  'Жанна д’Арк',
  '小明',
  '👩‍👩‍👧‍👦',
  'e\u0301 \u2028 \u2029 \ufeff',
  'שלום',
  ' spaces ',
  '<script>&amp;</script>',
  '__proto__',
  'x'.repeat(5000),
  444,
  -5,
  Number.MAX_SAFE_INTEGER,
];

/** Every grant with every setting and algorithm; every identity with every setting and algorithm; grants together. */
function grid(): AccessCase[] {
  const combined = algorithms.flatMap((algorithm) => settings.map((setting) => ({ ...setting, algorithm })));
  const all = (Object.keys(full) as GrantKind[]).map((kind) => ({ kind, options: full[kind] }));
  return combined.flatMap((base) => [
    ...everyGrant.map((grant) => ({ identity: 'bob', ...base, grants: [grant] })),
    ...identities.map((identity) => ({ ...base, identity, grants: [] })),
    { identity: 'all', ...base, grants: all },
    { identity: 'reversed', ...base, grants: [...all].reverse() },
    { identity: 'twice', ...base, grants: [...all, ...everyGrant.slice(0, 3)] },
  ]);
}

describe('an AccessToken', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_700_000_000_999 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is equal to that of the twilio package in every case of the grid', () => {
    const cases = grid();
    expect(cases.length).toBeGreaterThanOrEqual(500);
    for (const one of cases) {
      const [token, real] = [mintOurs(one), mintTheirs(one)];
      if (token !== real) expect({ case: one, written: written(token) }).toEqual({ case: one, written: written(real) });
      expect(token).toBe(real);
    }
    expect(new Set(cases.map((one) => mintOurs(one))).size).toBeGreaterThan(500);
  });

  it('follows the clock and the fields as they are when it is signed', () => {
    const token = new AccessToken(accountSid, keySid, secret, { identity: 'first' });
    const real = new twilio.jwt.AccessToken(accountSid, keySid, secret, { identity: 'first' });
    for (const each of [token, real]) {
      each.identity = 'second';
      each.ttl = 60;
      each.nbf = 5;
      each.region = 'ie1';
      each.secret = 'another';
      each.keySid = 'SKother';
      each.accountSid = 'ACother';
    }
    for (const later of [0, 1_000, 86_400_000]) {
      jest.setSystemTime(1_700_000_000_000 + later);
      expect(token.toJwt()).toBe(real.toJwt());
    }
  });

  it('takes grants of the twilio package, and gives its own to it', () => {
    const theirs = new twilio.jwt.AccessToken.VoiceGrant({ incomingAllow: true });
    const own: AccessToken.VideoGrant = new AccessToken.VideoGrant({ room: 'r' });
    const token = new AccessToken(accountSid, keySid, secret, { identity: 'i' });
    const real = new twilio.jwt.AccessToken(accountSid, keySid, secret, { identity: 'i' });
    token.addGrant(theirs);
    token.addGrant(own);
    real.addGrant(theirs);
    real.addGrant(own as never);
    expect(token.toJwt('HS512')).toBe(real.toJwt('HS512'));
  });

  it('takes a grant that somebody else has written', () => {
    class MeetingGrant extends Grant {
      constructor() {
        super('meeting');
      }
      toPayload(): object {
        return { hour: 5 };
      }
    }
    const token = new AccessToken(accountSid, keySid, secret, { identity: 'i' });
    token.addGrant(new MeetingGrant());
    expect(written(token.toJwt())[1]).toContain('"grants":{"identity":"i","meeting":{"hour":5}}');
  });

  it('has the statics of the twilio package', () => {
    expect(AccessToken.DEFAULT_ALGORITHM).toBe(twilio.jwt.AccessToken.DEFAULT_ALGORITHM);
    expect(AccessToken.ALGORITHMS).toEqual(twilio.jwt.AccessToken.ALGORITHMS);
    expect(AccessToken.ConversationsGrant).toBe(AccessToken.ChatGrant);
    const names = ['Grant', 'ChatGrant', 'PlaybackGrant', 'SyncGrant', 'TaskRouterGrant', 'VideoGrant', 'VoiceGrant'];
    for (const name of names) expect(AccessToken).toHaveProperty(name);
  });
});
