import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  AccessToken,
  type AccessTokenOptions,
  ClientCapability,
  Grant,
  TaskRouterCapability,
} from '../../../src/sdk/jwt/index.ts';
import { accountSid, keySid, secret } from './cases.ts';
import { expectRefusals, type Refusal, wholeSeconds } from './expect-refusals.ts';

const access = (options: unknown) => () => new AccessToken(accountSid, keySid, secret, options as AccessTokenOptions);
const withTtl = (ttl: unknown) => access({ identity: 'alice', ttl });
/** Values that are no text, where text is wanted. */
const notTexts = [5, true, {}, ['a'], () => 'a', Symbol('a'), 5n];

describe('an AccessToken is refused', () => {
  it('without what it needs, in the words of the twilio package', () => {
    const make = (...given: unknown[]) => Reflect.construct(AccessToken, given);
    expectRefusals([
      ['accountSid is required', () => make()],
      ['accountSid is required', () => make('', keySid, secret, { identity: 'a' })],
      ['keySid is required', () => make(accountSid, undefined, secret, { identity: 'a' })],
      ['secret is required', () => make(accountSid, keySid, null, { identity: 'a' })],
      ...[undefined, null, {}, { identity: '' }, { identity: 0 }, { identity: null }].map(
        (options): Refusal => ['identity is required to be specified in options', access(options)],
      ),
    ]);
  });

  it('with SIDs of another kind', () => {
    const make = (account: unknown, key: unknown) => () =>
      new AccessToken(account as string, key as string, secret, { identity: 'a' });
    const account = 'accountSid must be a SID that starts with AC';
    expectRefusals([
      [account, make(keySid, keySid)],
      [account, make('ac123', keySid)],
      [account, make('AC', keySid)],
      [account, make(`${accountSid} `, keySid)],
      [account, make(`${accountSid}\n`, keySid)],
      [account, make(`AC${'0'.repeat(63)}`, keySid)],
      ['keySid must be a SID that starts with SK', make(accountSid, accountSid)],
      ['keySid must be a SID that starts with SK', make(accountSid, 'CR123')],
      ...notTexts.map((value): Refusal => ['accountSid must be a string', make(value, keySid)]),
    ]);
  });

  it('with a lifetime that is no number of whole seconds up to a day', () => {
    const wrong = ['7200', '1h', '', 0, -1, 1.5, Number.NaN, Infinity, 86_401, 7_200_000, true, {}, [60], 60n];
    expectRefusals(wrong.map((ttl) => [`ttl ${wholeSeconds}`, withTtl(ttl)]));
    expect(withTtl(86_400)().ttl).toBe(86_400);
    expect(withTtl(undefined)().ttl).toBe(3600);
  });

  it('with a lifetime, an identity or a SID that was set to nonsense after it was made', () => {
    const changed = (fields: object) => () => Object.assign(access({ identity: 'alice' })(), fields).toJwt();
    expectRefusals([
      [`ttl ${wholeSeconds}`, changed({ ttl: 86_401 })],
      [`ttl ${wholeSeconds}`, changed({ ttl: '7200' })],
      ['identity must be a string or a whole number', changed({ identity: { name: 'alice' } })],
      ['keySid must be a SID that starts with SK', changed({ keySid: accountSid })],
      ['accountSid must be a SID that starts with AC', changed({ accountSid: keySid })],
      ['secret is required', changed({ secret: '' })],
      ['region must be letters, digits and hyphens, as in us1', changed({ region: 'ü' })],
      ['grant.key must not be identity', changed({ grants: [{ key: 'identity', toPayload: () => 'root' }] })],
    ]);
  });

  it('with an identity that is neither text nor a whole number, which the twilio package drops', () => {
    const wrong = [{}, { name: 'alice' }, ['alice'], true, 1.5, Number.NaN, Infinity, 2 ** 53, 5n, Symbol('a')];
    expectRefusals([
      ...wrong.map((identity): Refusal => ['identity must be a string or a whole number', access({ identity })]),
      ['identity must be well-formed Unicode', access({ identity: 'a\ud83d' })],
    ]);
  });

  it('with nbf in milliseconds, as text or as a fraction, or with a region that is none', () => {
    const seconds = 'nbf must be a number of whole seconds since 1970 (not milliseconds)';
    const region = 'region must be letters, digits and hyphens, as in us1';
    expectRefusals([
      ...[Date.now(), '1700000000', -1, 0.5, Number.NaN, {}].map(
        (nbf): Refusal => [seconds, access({ identity: 'a', nbf })],
      ),
      ...['us 1', 'üs1', 'us1\n', 'x'.repeat(65)].map(
        (name): Refusal => [region, access({ identity: 'a', region: name })],
      ),
      ['region must be a string', access({ identity: 'a', region: 1 })],
      ['options must be an object', access('alice')],
      ['options must be an object', access(['alice'])],
    ]);
  });

  it('with a PEM key for a secret', () => {
    const pem = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----';
    expectRefusals([
      [
        'secret must be a shared secret and not a PEM key',
        () => new AccessToken(accountSid, keySid, pem, { identity: 'a' }),
      ],
    ]);
  });

  it('for an algorithm that it does not know', () => {
    const message = 'Algorithm not supported. Allowed values are HS256, HS384, HS512';
    const token = access({ identity: 'a' })();
    const wrong = ['none', 'RS256', 'hs256', '', {}];
    expectRefusals(wrong.map((algorithm) => [message, () => token.toJwt(algorithm as never)]));
  });
});

describe('a grant is refused', () => {
  it('with options of another type, and with an empty text, which would widen what it allows', () => {
    const { VideoGrant, VoiceGrant, ChatGrant, SyncGrant, TaskRouterGrant, PlaybackGrant } = AccessToken;
    const make = (Kind: unknown, options: unknown) => () => Reflect.construct(Kind as typeof VideoGrant, [options]);
    const fields: [unknown, string[]][] = [
      [VideoGrant, ['room']],
      [VoiceGrant, ['outgoingApplicationSid', 'pushCredentialSid', 'endpointId']],
      [ChatGrant, ['serviceSid', 'endpointId', 'deploymentRoleSid', 'pushCredentialSid']],
      [SyncGrant, ['serviceSid', 'endpointId']],
      [TaskRouterGrant, ['workspaceSid', 'workerSid', 'role']],
    ];
    for (const [Kind, names] of fields) {
      for (const name of names) {
        expectRefusals([
          ...notTexts.map((value): Refusal => [`${name} must be a string`, make(Kind, { [name]: value })]),
          [`${name} must not be empty: leave it out instead`, make(Kind, { [name]: '' })],
        ]);
        expect(make(Kind, { [name]: null })().toPayload()).toEqual({});
      }
      expectRefusals([['options must be an object', make(Kind, 'room')]]);
    }
    expectRefusals([
      ['incomingAllow must be true or false', make(VoiceGrant, { incomingAllow: 'true' })],
      ['outgoingApplicationParams must be an object', make(VoiceGrant, { outgoingApplicationParams: 'a=1' })],
      ['outgoingApplicationParams must be an object', make(VoiceGrant, { outgoingApplicationParams: [1] })],
      ['grant must be an object', make(PlaybackGrant, { grant: 'VJ1' })],
    ]);
  });

  it('that is none, or that would stand in the place of the identity', () => {
    const token = access({ identity: 'a' })();
    class Custom extends Grant {
      constructor(key: string) {
        super(key);
      }
      toPayload(): object {
        return {};
      }
    }
    expectRefusals([
      ['grant must be an object', () => token.addGrant(undefined as never)],
      ['grant must be an object', () => token.addGrant('video' as never)],
      ['grant.key is required', () => token.addGrant({} as never)],
      ['grant must have a method toPayload', () => token.addGrant({ key: 'video' } as never)],
      ['key must not be identity', () => new Custom('identity')],
      ['key must not be __proto__', () => new Custom('__proto__')],
      ['key is required', () => new Custom('')],
    ]);
  });
});

describe('secrets', () => {
  it('do not show when a token object is printed or written as JSON', () => {
    const holders = [
      access({ identity: 'a' })(),
      new ClientCapability({ accountSid, authToken: secret }),
      new TaskRouterCapability(accountSid, secret, 'WS1', 'WK1'),
    ];
    for (const holder of holders) {
      expect(inspect(holder, { depth: 9 }) + JSON.stringify(holder)).not.toContain(secret);
    }
    expect(holders.map((holder) => ('secret' in holder ? holder.secret : holder.authToken))).toEqual([
      secret,
      secret,
      secret,
    ]);
  });
});
