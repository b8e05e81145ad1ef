import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  ClientCapability,
  JwtDecodeError,
  Policy,
  TaskRouterCapability,
  ValidationToken,
  verifyValidationToken,
} from '../../../src/sdk/jwt/index.ts';
import { accountSid, keySid, secret } from './cases.ts';
import { expectRefusals, type Refusal, wholeSeconds } from './expect-refusals.ts';

describe('a capability is refused', () => {
  const account = { accountSid, authToken: secret };
  const router = { ...account, workspaceSid: 'WS1', channelId: 'WK1' };

  it.each([
    ['client', ClientCapability, account],
    ['task router', TaskRouterCapability, router],
  ])('%s: without its options, with SIDs of another kind or a lifetime that is none', (_, Capability, good) => {
    const make = (options: unknown) => () => Reflect.construct(Capability, [options]);
    expectRefusals([
      ['Required parameter "options" missing.', make(undefined)],
      ['Required parameter "options" missing.', () => Reflect.construct(Capability, [])],
      ['Parameter "options" must be a type Object', make('AC1')],
      ...Object.keys(good).map(
        (name): Refusal => [`Required parameter "options.${name}" missing.`, make({ ...good, [name]: undefined })],
      ),
      ['options.accountSid must be a SID that starts with AC', make({ ...good, accountSid: keySid })],
      ...['7200', 86_401, 0, -1, 1.5, Number.NaN].map(
        (ttl): Refusal => [`options.ttl ${wholeSeconds}`, make({ ...good, ttl })],
      ),
    ]);
    const late = Object.assign(make(good)() as ClientCapability, { ttl: 86_401 });
    expectRefusals([[`ttl ${wholeSeconds}`, () => late.toJwt()]]);
  });

  it('with scopes of nonsense', () => {
    const { IncomingClientScope, OutgoingClientScope, EventStreamScope } = ClientCapability;
    const outgoing = (options: unknown) => () => new OutgoingClientScope(options as never);
    expectRefusals([
      ['clientName is required', () => new IncomingClientScope(undefined as never)],
      ['clientName must be a string', () => new IncomingClientScope({} as never)],
      ['clientName must be well-formed Unicode', () => new IncomingClientScope('\udc00')],
      ['Required parameter "options" missing.', outgoing(null)],
      ['Required parameter "options.applicationSid" missing.', outgoing({})],
      ['options.applicationSid must be a string', outgoing({ applicationSid: {} })],
      ['options.clientName must be a string', outgoing({ applicationSid: 'AP1', clientName: 5 })],
      ['options.params must be an object', outgoing({ applicationSid: 'AP1', params: 'a=1' })],
      [
        'options.params.a must be a string, a number, true or false',
        outgoing({ applicationSid: 'AP1', params: { a: {} } }),
      ],
      ['filters must be an object', () => new EventStreamScope('a=1' as never)],
      ['filters.a must be a string, a number, true or false', () => new EventStreamScope({ a: Number.NaN })],
      ['scope must have a method payload', () => new ClientCapability(account).addScope({} as never)],
    ]);
    expect(new OutgoingClientScope({ applicationSid: 'AP1', params: null }).payload()).toBe(
      'scope:client:outgoing?appSid=AP1',
    );
  });

  it('with channels and policies of nonsense', () => {
    const channel = 'options.channelId must be a SID that starts with WS, WK, WQ';
    expectRefusals([
      [channel, () => new TaskRouterCapability({ ...router, channelId: 'WT1' })],
      [channel, () => new TaskRouterCapability(accountSid, secret, 'WS1', 'WK1/../WK2')],
      [
        'options.workspaceSid must be a SID that starts with WS',
        () => new TaskRouterCapability({ ...router, workspaceSid: '**' }),
      ],
      [
        'Required parameter "options.channelId" missing.',
        () => Reflect.construct(TaskRouterCapability, [accountSid, secret, 'WS1']),
      ],
      ['method must be an HTTP method in capitals', () => new Policy({ method: 'get' })],
      ['url must be a string', () => new Policy({ url: new URL('https://a.example') as never })],
      ['allow must be true or false', () => new Policy({ allow: 'false' as never })],
      ['postFilter must be an object', () => new Policy({ postFilter: 'ActivitySid' as never })],
      ['policy must have a method payload', () => new TaskRouterCapability(router).addPolicy({} as never)],
    ]);
  });
});

describe('a ValidationToken is refused', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const good = { accountSid: 'AC1', credentialSid: 'CR1', signingKey: 'SK1', privateKey };

  it('without what it needs, with keys and SIDs of another kind, and with a lifetime that is none', () => {
    const make = (changed: object) => () => new ValidationToken({ ...good, ...changed } as never);
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const notRsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expectRefusals([
      ...Object.keys(good).map((name): Refusal => [`${name} is required`, make({ [name]: undefined })]),
      ['opts must be an object', () => new ValidationToken(undefined as never)],
      ['credentialSid must be a SID that starts with CR', make({ credentialSid: 'SK1' })],
      ['privateKey must be an RSA private key, as PEM text or as a key object', make({ privateKey: 'secret' })],
      ['privateKey must be an RSA private key, as PEM text or as a key object', make({ privateKey: publicKey })],
      ['privateKey has a minimum key size of 2048 bits for RS256', make({ privateKey: small })],
      ['privateKey must be an RSA key for RS256', make({ privateKey: notRsa })],
      ['Algorithm not supported. Allowed values are RS256, PS256', make({ algorithm: 'HS256' })],
      ...['300', 0, 86_401].map((ttl): Refusal => [`ttl ${wholeSeconds}`, make({ ttl })]),
    ]);
  });

  it('and so are wrong arguments of the verifier, while wrong tokens are told apart from them', () => {
    const request = { method: 'GET', url: 'https://a.example/' };
    const token = new ValidationToken(good).fromHttpRequest(request);
    expectRefusals([
      [
        'key must be an RSA public key, as PEM text or as a key object',
        () => verifyValidationToken(token, request, { publicKey: 'x' }),
      ],
      [
        'Algorithm not supported. Allowed values are RS256, PS256',
        () => verifyValidationToken(token, request, { publicKey: 'secret', algorithm: 'HS256' as never }),
      ],
      ['expected must be an object', () => verifyValidationToken(token, request, undefined as never)],
      ['Url is required', () => verifyValidationToken(token, {}, { publicKey })],
    ]);
    expect(() => verifyValidationToken('x', request, { publicKey })).toThrow(JwtDecodeError);
  });
});
