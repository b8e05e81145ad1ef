import type { ServerResponse } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '../../support/within.ts';
import {
  type FakeIssuer,
  makeSigningKey,
  openFakeIssuer,
  outage,
  paths,
  type SigningKey,
  second,
  silence,
} from './fake-issuer.ts';
import { errorOf, refusalOf } from './refusal.ts';

let first: SigningKey;
let next: SigningKey;
let fake: FakeIssuer;
beforeAll(async () => {
  [first, next] = await Promise.all([makeSigningKey('ES256', 'first'), makeSigningKey('ES256', 'second')]);
});
beforeEach(async () => {
  fake = await openFakeIssuer([first]);
});
afterEach(() => fake.close());

const minute = 60 * second;
const hour = 60 * minute;

describe('keys that rotate', () => {
  it('a token of a new key is taken at once, and those of the old one go on', async () => {
    const verifier = fake.verifier();
    const old = await fake.sign(first);
    await verifier.verify(old);
    fake.ahead += minute;
    fake.keys = [first.jwk, next.jwk];
    await verifier.verify(await fake.sign(next));
    await verifier.verify(old);
    expect(fake.asked(paths.keys)).toBe(2);
  });

  it('a key that the issuer withdrew counts no longer once the keys are not fresh any more', async () => {
    const verifier = fake.verifier();
    const old = await fake.sign(first);
    await verifier.verify(old);
    fake.keys = [next.jwk];
    fake.ahead += 11 * minute;
    expect(await refusalOf(verifier.verify(old))).toBe('401 invalid_token key');
  });

  it('keys are asked for again when Cache-Control says so, but never before the cool-down', async () => {
    fake.headers = { 'cache-control': 'public, max-age=120', age: '60' };
    const verifier = fake.verifier();
    const token = await fake.sign(first);
    await verifier.verify(token);
    fake.ahead += 59 * second;
    await verifier.verify(token);
    expect(fake.asked(paths.keys)).toBe(1);
    fake.headers = { 'cache-control': 'no-store' };
    fake.ahead += 2 * second;
    await verifier.verify(token);
    fake.ahead += 29 * second;
    await verifier.verify(token);
    expect(fake.asked(paths.keys)).toBe(2);
  });

  it('a jwks_uri that moves is followed', async () => {
    const verifier = fake.verifier();
    await verifier.verify(await fake.sign(first));
    fake.metadata = { jwks_uri: `${fake.issuer}/gone` };
    fake.ahead += 11 * minute;
    await verifier.verify(await fake.sign(first));
    fake.metadata = {};
    fake.keys = [next.jwk];
    fake.ahead += 11 * minute;
    const token = await fake.sign(next);
    await within(10_000, async () => (await refusalOf(verifier.verify(token))) === 'passed');
  });

  it('a clock that is set back makes the keys be asked for again', async () => {
    const verifier = fake.verifier();
    await verifier.verify(await fake.sign(first));
    fake.ahead -= hour;
    await verifier.verify(await fake.sign(first));
    expect(fake.asked(paths.keys)).toBe(2);
  });
});

describe('an issuer that is away', () => {
  it.each([
    ['answers with errors', outage],
    ['answers nothing', silence],
  ])('and %s: its keys count on, nobody waits but the first, until the limit', async (_name, trouble) => {
    const verifier = fake.verifier({ timeout: 300, keys: { staleFor: 2 * hour } });
    const token = await fake.sign(first);
    await verifier.verify(token);
    fake.trouble = trouble;
    fake.ahead += 11 * minute;
    await verifier.verify(token);
    const begin = performance.now();
    for (let round = 0; round < 100; round += 1) await verifier.verify(token);
    expect(performance.now() - begin).toBeLessThan(10_000);
    // One attempt when the keys were due and no second one within the pause.
    expect(fake.asked(paths.metadata) + fake.asked(paths.keys)).toBeLessThanOrEqual(4);
    fake.ahead += 2 * hour;
    const later = await fake.sign(first);
    expect(await refusalOf(verifier.verify(later))).toBe('503 unavailable issuer_unavailable');
  });

  it('is found again when it is back, within the longest pause', async () => {
    const verifier = fake.verifier();
    const token = await fake.sign(first);
    await verifier.verify(token);
    fake.trouble = outage;
    for (let round = 0; round < 5; round += 1) {
      fake.ahead += 11 * minute;
      await verifier.verify(token);
    }
    fake.trouble = undefined;
    fake.keys = [next.jwk];
    fake.ahead += 30 * second;
    const renewed = await fake.sign(next);
    await within(10_000, async () => (await refusalOf(verifier.verify(renewed))) === 'passed');
  });

  it('at the start: 503, and not one request for each token', async () => {
    fake.trouble = outage;
    const verifier = fake.verifier();
    const token = await fake.sign(first);
    const answers = await Promise.all(Array.from({ length: 50 }, () => refusalOf(verifier.verify(token))));
    expect(new Set(answers)).toEqual(new Set(['503 unavailable issuer_unavailable']));
    for (let round = 0; round < 20; round += 1) await refusalOf(verifier.verify(token));
    expect(fake.asked(paths.metadata)).toBe(1);
    const error = await errorOf(verifier.verify(token));
    expect(error?.headers).toEqual({ 'cache-control': 'no-store' });
    fake.trouble = undefined;
    fake.ahead += 2 * second;
    await verifier.verify(token);
  });

  it('and a token with a key that nobody can look up: 503 and not 401', async () => {
    const verifier = fake.verifier();
    await verifier.verify(await fake.sign(first));
    fake.trouble = outage;
    fake.ahead += minute;
    expect(await refusalOf(verifier.verify(await fake.sign(next)))).toBe('503 unavailable issuer_unavailable');
    await verifier.verify(await fake.sign(first));
  });
});

describe('a flood', () => {
  it('of a thousand first requests costs one request for the keys', async () => {
    const verifier = fake.verifier();
    const token = await fake.sign(first);
    await Promise.all(Array.from({ length: 1000 }, () => verifier.verify(token)));
    expect([fake.asked(paths.metadata), fake.asked(paths.keys)]).toEqual([1, 1]);
  });

  it('of unknown keys costs one request in each cool-down, and good tokens do not notice', async () => {
    const verifier = fake.verifier();
    await verifier.verify(await fake.sign(first));
    for (let round = 1; round <= 3; round += 1) {
      fake.ahead += 31 * second;
      const good = await fake.sign(first);
      const bad = await Promise.all(
        Array.from({ length: 300 }, (_, at) => fake.sign(next, fake.claims(), { kid: `unknown-${round}-${at}` })),
      );
      const answers = await Promise.all(bad.map((token) => refusalOf(verifier.verify(token))));
      expect(new Set(answers)).toEqual(new Set(['401 invalid_token key']));
      await verifier.verify(good);
      fake.ahead += 5 * second;
      expect(await refusalOf(verifier.verify(bad[0] ?? ''))).toBe('401 invalid_token key');
      expect(fake.asked(paths.keys)).toBe(1 + round);
    }
  });
});

describe('what an issuer sends', () => {
  it.each<[string, () => void]>([
    ['metadata of another issuer', () => Object.assign(fake.metadata, { issuer: 'https://other.example' })],
    ['metadata without keys', () => Object.assign(fake.metadata, { jwks_uri: undefined })],
    ['keys over plain http elsewhere', () => Object.assign(fake.metadata, { jwks_uri: 'http://203.0.113.1/keys' })],
    ['keys behind a file address', () => Object.assign(fake.metadata, { jwks_uri: 'file:///etc/passwd' })],
    ['no keys', () => Object.assign(fake, { keys: [] })],
    ['keys that are no list', () => Object.assign(fake, { keys: { kty: 'EC' } })],
    ['a secret as a key', () => Object.assign(fake, { keys: [{ kty: 'oct', k: 'AAAA', kid: 'first' }] })],
    ['a document without end', () => Object.assign(fake, { trouble: endless })],
    ['a redirect', () => Object.assign(fake, { trouble: redirect })],
    ['no JSON', () => Object.assign(fake, { trouble: nonsense })],
  ])('is refused: %s', async (_name, spoil) => {
    const token = await fake.sign(first);
    spoil();
    expect(await refusalOf(fake.verifier().verify(token))).toBe('503 unavailable issuer_unavailable');
  });

  it('among good keys may be nonsense, which spoils none of them', async () => {
    const broken = { ...next.jwk, kid: 'broken', x: 'AA' };
    fake.keys = [null, 'key', { kty: 'oct', k: 'AAAA' }, { ...first.jwk, use: 'enc', kid: 'first' }, broken, first.jwk];
    const verifier = fake.verifier();
    await verifier.verify(await fake.sign(first));
    const token = await fake.sign(next, fake.claims(), { kid: 'broken' });
    expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token key');
  });

  it('may be given at once by the option jwksUri, and then metadata is not asked for', async () => {
    const verifier = fake.verifier({ jwksUri: `${fake.issuer}${paths.keys}` });
    await verifier.prepare();
    await verifier.verify(await fake.sign(first));
    expect([fake.asked(paths.metadata), fake.asked(paths.keys)]).toEqual([0, 1]);
  });

  it('is fetched by the fetch that was given, from where RFC 8414 puts it for an issuer with a path', async () => {
    const urls: string[] = [];
    const verifier = fake.verifier({
      issuer: 'https://auth.example/tenants/one',
      fetch: async (url) => {
        urls.push(url);
        throw new Error('no network');
      },
    });
    expect(await refusalOf(verifier.prepare())).toBe('503 unavailable issuer_unavailable');
    expect(urls).toEqual(['https://auth.example/.well-known/oauth-authorization-server/tenants/one']);
  });
});

describe('a signal', () => {
  it('ends the waiting of one call and not that of others', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const verifier = fake.verifier({
      fetch: async (url, init) => {
        await held;
        return fetch(url, init);
      },
    });
    const token = await fake.sign(first);
    const gone = new AbortController();
    const patient = verifier.verify(token);
    const impatient = verifier.verify(token, { signal: gone.signal });
    gone.abort(new Error('the caller left'));
    await expect(impatient).rejects.toThrow('the caller left');
    release();
    expect((await patient).subject).toBe('US01');
    await expect(verifier.verify(token, { signal: gone.signal })).rejects.toThrow('the caller left');
  });
});

const redirect = (res: ServerResponse) => res.writeHead(302, { location: '/keys' }).end();
const nonsense = (res: ServerResponse) => res.writeHead(200).end('<html>');
/** Good in every respect but its length: metadata and keys in one. */
const endless = (res: ServerResponse) => {
  const { issuer, keys } = fake;
  res.end(JSON.stringify({ issuer, jwks_uri: `${issuer}${paths.keys}`, keys }) + ' '.repeat(300_000));
};
