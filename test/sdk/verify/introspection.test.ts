import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IntrospectionOptions } from '../../../src/sdk/verify/index.ts';
import {
  type FakeIssuer,
  makeSigningKey,
  openFakeIssuer,
  outage,
  paths,
  type SigningKey,
  second,
} from './fake-issuer.ts';
import { refusalOf } from './refusal.ts';

let key: SigningKey;
let fake: FakeIssuer;
beforeAll(async () => {
  key = await makeSigningKey('ES256');
});
beforeEach(async () => {
  fake = await openFakeIssuer([key]);
  fake.introspect = (token) => (token.startsWith('good') ? active() : { active: false });
});
afterEach(() => fake.close());

const credentials = { clientId: 'OQ01', clientSecret: 'a secret: of 100%' };
const asking = (options: Partial<IntrospectionOptions> = {}) =>
  fake.verifier({ introspection: { credentials, ...options } });

/** What an issuer says of an opaque token: it has no name, and the issuer may leave itself out. */
function active(changes: Record<string, unknown> = {}) {
  const { iss: _iss, jti: _jti, ...claims } = fake.claims();
  return { active: true, token_type: 'Bearer', ...claims, ...changes };
}

describe('opaque tokens', () => {
  it('are refused unless the verifier may ask about them', async () => {
    expect(await refusalOf(fake.verifier().verify('good'))).toBe('401 invalid_token malformed');
  });

  it('are what the issuer says they are', async () => {
    const seen: string[] = [];
    fake.introspect = (token, authorization) => {
      seen.push(token, authorization);
      return active();
    };
    const verified = await asking().verify('good~token+/=', { requireScopes: 'calls:read' });
    expect(verified).toMatchObject({ subject: 'US01', clientId: 'OQ01', id: undefined });
    const basic = Buffer.from('OQ01:a+secret%3A+of+100%25').toString('base64');
    expect(seen).toEqual(['good~token+/=', `Basic ${basic}`]);
  });

  it('can be asked about with an authentication strategy of the library', async () => {
    const seen: string[] = [];
    fake.introspect = (_token, authorization) => {
      seen.push(authorization);
      return active();
    };
    await asking({ credentials: { getAuthString: async () => 'Bearer SK01.secret' } }).verify('good');
    expect(seen).toEqual(['Bearer SK01.secret']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['for another audience', { aud: 'https://other.example' }, 'audience'],
    ['for no audience, as a refresh token is', { aud: undefined }, 'audience'],
    ['of another issuer', { iss: 'https://other.example' }, 'issuer'],
    ['that expired', { exp: 1000 }, 'expired'],
    ['without an end', { exp: undefined }, 'claim'],
    ['of no client', { client_id: undefined }, 'claim'],
    ['bound to a key', { cnf: { jkt: 'abc' } }, 'binding'],
    ['active in a manner of speaking', { active: 'true' }, 'issuer_unavailable'],
  ])('are refused %s', async (_name, changes, reason) => {
    fake.introspect = () => active(changes);
    expect(await refusalOf(asking().verify('good'))).toMatch(new RegExp(` ${reason}$`));
  });
});

describe('the answers of the issuer', () => {
  it('are used again for a short while, good and bad ones', async () => {
    const verifier = asking({ maxAge: 10_000 });
    for (let round = 0; round < 10; round += 1) {
      await verifier.verify('good');
      expect(await refusalOf(verifier.verify('bad'))).toBe('401 invalid_token inactive');
    }
    expect(fake.asked(paths.introspect)).toBe(2);
    fake.introspect = () => ({ active: false });
    fake.ahead += 11 * second;
    expect(await refusalOf(verifier.verify('good'))).toBe('401 invalid_token inactive');
  });

  it('are never used past the end of the token', async () => {
    fake.introspect = () => active({ exp: Math.floor(fake.now() / 1000) + 1 });
    const verifier = asking({ maxAge: 60_000 });
    await verifier.verify('good');
    fake.ahead += 10 * second;
    expect(await refusalOf(verifier.verify('good'))).toBe('401 invalid_token expired');
  });

  it('are asked for once by all who come with one token at the same time', async () => {
    const verifier = asking({ maxAge: 0 });
    await Promise.all(Array.from({ length: 200 }, () => verifier.verify('good')));
    expect(fake.asked(paths.introspect)).toBe(1);
  });

  it('take no more room than was said, and bad ones do not push out good ones', async () => {
    const verifier = asking({ maxEntries: 3 });
    await verifier.verify('good');
    for (let at = 0; at < 20; at += 1) await refusalOf(verifier.verify(`bad${at}`));
    await verifier.verify('good');
    expect(fake.asked(paths.introspect)).toBe(21);
    for (let at = 0; at < 3; at += 1) await verifier.verify(`good${at}`);
    await verifier.verify('good');
    expect(fake.asked(paths.introspect)).toBe(25);
  });

  it('are asked for by so many at once and no more', async () => {
    const verifier = asking({ maxConcurrent: 5 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, at) => refusalOf(verifier.verify(`good${at}`))));
    expect(outcomes.filter((one) => one === 'passed')).toHaveLength(5);
    expect(outcomes.filter((one) => one === '503 unavailable busy')).toHaveLength(45);
  });

  it('cannot be had while the issuer is away: 503, also for a token that was good a minute ago', async () => {
    const verifier = asking();
    await verifier.verify('good');
    fake.trouble = outage;
    fake.ahead += 60 * second;
    expect(await refusalOf(verifier.verify('good'))).toBe('503 unavailable issuer_unavailable');
    fake.trouble = undefined;
    await verifier.verify('good');
  });
});

describe('JWTs', () => {
  it('are asked about too when that is wanted, but only good ones', async () => {
    const verifier = asking({ tokens: 'all' });
    const token = await fake.sign(key);
    const bad = await fake.sign(key, { ...fake.claims(), exp: 1000 });
    fake.introspect = () => active();
    await verifier.verify(token);
    expect(await refusalOf(verifier.verify(bad))).toBe('401 invalid_token expired');
    expect(fake.asked(paths.introspect)).toBe(1);
    fake.introspect = () => ({ active: false });
    fake.ahead += 11 * second;
    expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token inactive');
  });

  it('are not asked about otherwise', async () => {
    await asking().verify(await fake.sign(key));
    expect(fake.asked(paths.introspect)).toBe(0);
  });
});
