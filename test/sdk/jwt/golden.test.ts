import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import { ClientCapability, Policy, TaskRouterCapability, ValidationToken } from '../../../src/sdk/jwt/index.ts';
import { type AccessCase, type Credentials, mintOurs, mintTheirs, written } from './cases.ts';

// The vectors in golden/ were made once by the twilio package, with the clock at `now`; they are never made anew.
const file = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
const read = <Vectors>(name: string) => JSON.parse(file(name)) as Vectors;

interface Vector {
  readonly name: string;
  readonly now: number;
  readonly token: string;
}

const access = read<Credentials & { cases: (Vector & AccessCase & { header: string; payload: string })[] }>(
  'access-tokens.json',
);
const capabilities = read<{
  accountSid: string;
  authToken: string;
  client: (Vector & { ttl?: number; scopes: { kind: keyof typeof scopeKinds; argument?: unknown }[] })[];
  taskRouter: (Vector & { options: { workspaceSid: string; channelId: string }; policies: object[] })[];
}>('capabilities.json');
const requests = read<{
  accountSid: string;
  credentialSid: string;
  signingKey: string;
  cases: (Vector & { request: { url: string; method: string }; canonical: string; rqh: string })[];
}>('requests.json');

const scopeKinds = {
  incoming: 'IncomingClientScope',
  outgoing: 'OutgoingClientScope',
  events: 'EventStreamScope',
} as const;

const at = (now: number) => jest.useFakeTimers({ now: now * 1000 });

afterEach(() => {
  jest.useRealTimers();
});

describe('golden access tokens', () => {
  it.each(access.cases)('$name', ({ now, token, header, payload, name: _, ...one }) => {
    at(now);
    expect(written(mintOurs(one, access))).toEqual([header, payload]);
    expect(mintOurs(one, access)).toBe(token);
    expect(mintTheirs(one, access)).toBe(token);
  });
});

describe('golden client capabilities', () => {
  it.each(capabilities.client)('$name', ({ now, token, ttl, scopes }) => {
    at(now);
    for (const Capability of [ClientCapability, twilio.jwt.ClientCapability]) {
      const { accountSid, authToken } = capabilities;
      const capability = new Capability({ accountSid, authToken, ...(ttl && { ttl }) } as never);
      for (const { kind, argument } of scopes) {
        const Scope = Capability[scopeKinds[kind]];
        capability.addScope(new Scope(argument as never) as never);
      }
      expect(capability.toJwt()).toBe(token);
    }
  });
});

describe('golden task router capabilities', () => {
  it.each(capabilities.taskRouter)('$name', ({ now, token, options, policies }) => {
    at(now);
    const { accountSid, authToken } = capabilities;
    const own = new TaskRouterCapability({ accountSid, authToken, ...options });
    const theirs = new twilio.jwt.taskrouter.TaskRouterCapability({ accountSid, authToken, ...options } as never);
    for (const policy of policies) {
      own.addPolicy(new Policy(policy));
      theirs.addPolicy(new twilio.jwt.taskrouter.TaskRouterCapability.Policy(policy));
    }
    expect([own.toJwt(), theirs.toJwt()]).toEqual([token, token]);
  });
});

describe('golden signed requests', () => {
  it.each(requests.cases)('$name', ({ now, token, request, canonical, rqh }) => {
    at(now);
    const sender = { ...requests, privateKey: file('request-key.pem') };
    for (const signer of [new ValidationToken(sender), new twilio.jwt.ValidationToken(sender as never)]) {
      const canonicalizer = signer.getRequestCanonicalizer(request as never);
      expect(canonicalizer.getCanonicalizedRequestString()).toBe(canonical);
      expect(canonicalizer.create()).toBe(rqh);
      expect(signer.fromHttpRequest(request as never)).toBe(token);
    }
  });
});
