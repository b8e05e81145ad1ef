import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { InvalidArgumentError, MemoryReplays, type VerifierOptions } from '../../../src/sdk/verify/index.ts';
import { audience, type FakeIssuer, makeSigningKey, openFakeIssuer, type SigningKey } from './fake-issuer.ts';
import { errorOf, refusalOf } from './refusal.ts';

let issuerKey: SigningKey;
let holder: SigningKey;
let fake: FakeIssuer;
let token: string;
beforeAll(async () => {
  [issuerKey, holder] = await Promise.all([makeSigningKey('ES256'), makeSigningKey('ES256', 'holder')]);
  fake = await openFakeIssuer([issuerKey]);
});
beforeEach(async () => {
  token = await boundTo(holder);
});
afterAll(() => fake.close());

const boundTo = async ({ jwk }: SigningKey) =>
  fake.sign(issuerKey, { ...fake.claims(), cnf: { jkt: await calculateJwkThumbprint(jwk) } });

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('base64url');
}

/** A proof of a client that does as it is told. */
async function prove(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = holder,
): Promise<string> {
  const { kty, crv, x, y } = key.jwk;
  const good = {
    jti: crypto.randomUUID(),
    htm: 'GET',
    htu: `${audience}/calls`,
    iat: Math.floor(fake.now() / 1000),
    ath: await hash(token),
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk: { kty, crv, x, y } as never, ...header })
    .sign(key.privateKey);
}

const send = (proof: string | undefined, { scheme = 'DPoP', url = '/calls?page=2', method = 'GET' } = {}) => ({
  method,
  url,
  headers: { authorization: `${scheme} ${token}`, ...(proof === undefined ? {} : { dpop: proof }) },
});

const outcome = async (proof: string, options: Partial<VerifierOptions> = {}) =>
  refusalOf(fake.verifier(options).verifyRequest(send(proof)));

describe('a token that is bound to a key', () => {
  it('is taken with a proof by oauth4webapi, once', async () => {
    const pair = await oauth.generateKeyPair('ES256');
    const jkt = await calculateJwkThumbprint(await crypto.subtle.exportKey('jwk', pair.publicKey));
    const bound = await fake.sign(issuerKey, { ...fake.claims(), cnf: { jkt } });
    const verifier = fake.verifier();
    const requests: Request[] = [];
    await oauth.protectedResourceRequest(bound, 'GET', new URL(`${audience}/calls?page=2`), undefined, null, {
      DPoP: oauth.DPoP({}, pair),
      [oauth.customFetch]: async (url, init) => {
        requests.push(new Request(url, init as RequestInit));
        return new Response('{}');
      },
    });
    const [request] = requests;
    if (request === undefined) throw new Error('the client sent nothing');
    expect((await verifier.verifyRequest(request)).boundTo).toBe(jkt);
    const again = await errorOf(verifier.verifyRequest(request));
    expect(again?.reason).toBe('replayed');
    expect(again?.challenge).toBe(
      'DPoP error="invalid_dpop_proof", error_description="The proof was used before.", algs="ES256 ES384 RS256 PS256 EdDSA"',
    );
  });

  it('is refused as a Bearer, which is what a thief would send, and told to come as DPoP', async () => {
    const error = await errorOf(fake.verifier().verifyRequest(send(await prove(), { scheme: 'Bearer' })));
    expect([error?.status, error?.code, error?.reason]).toEqual([401, 'invalid_token', 'binding']);
    expect(error?.challenge).toMatch(/^DPoP error="invalid_token"/);
  });

  it('is refused without a proof, and with two', async () => {
    const verifier = fake.verifier();
    expect(await refusalOf(verifier.verifyRequest(send(undefined)))).toBe('401 invalid_dpop_proof proof');
    const two = {
      ...send(undefined),
      headers: { authorization: `DPoP ${token}`, dpop: [await prove(), await prove()] },
    };
    expect(await refusalOf(verifier.verifyRequest(two))).toBe('400 invalid_request malformed');
    const joined = await refusalOf(verifier.verifyRequest(send(`${await prove()}, ${await prove()}`)));
    expect(joined).toBe('401 invalid_dpop_proof proof');
  });

  const wrong: ReadonlyArray<readonly [string, Record<string, unknown>, Record<string, unknown>]> = [
    ['another method', { htm: 'POST' }, {}],
    ['a method in lower case', { htm: 'get' }, {}],
    ['another path', { htu: `${audience}/other` }, {}],
    ['another host', { htu: 'https://evil.example/calls' }, {}],
    ['plain http', { htu: 'http://api.example/calls' }, {}],
    ['no address', { htu: undefined }, {}],
    ['another token', { ath: 'abc' }, {}],
    ['no token', { ath: undefined }, {}],
    ['no jti', { jti: undefined }, {}],
    ['a jti without end', { jti: 'x'.repeat(300) }, {}],
    ['no time', { iat: undefined }, {}],
    ['long ago', { iat: 1000 }, {}],
    ['the future', { iat: 99_999_999_999 }, {}],
    ['another purpose', {}, { typ: 'at+jwt' }],
    ['no key', {}, { jwk: undefined }],
  ];
  it.each(wrong)('is refused with a proof for %s', async (_name, claims, header) => {
    expect(await outcome(await prove(claims, header))).toBe('401 invalid_dpop_proof proof');
  });

  it('is refused with a proof of another key, even one that names the right key', async () => {
    const thief = await makeSigningKey('ES256', 'thief');
    expect(await outcome(await prove({}, {}, thief))).toBe('401 invalid_dpop_proof binding');
    const { kty, crv, x, y } = holder.jwk;
    expect(await outcome(await prove({}, { jwk: { kty, crv, x, y } }, thief))).toBe('401 invalid_dpop_proof proof');
    expect(await outcome(await prove(), { dpop: { algorithms: ['EdDSA'] } })).toBe('401 invalid_dpop_proof proof');
  });

  it('takes addresses that differ in spelling only, and no word of the Host header', async () => {
    for (const htu of ['HTTPS://API.EXAMPLE:443/calls', `${audience}/calls?x=1#y`, `${audience}/a/../calls`]) {
      expect(await outcome(await prove({ htu }))).toBe('passed');
    }
    const elsewhere = {
      ...send(await prove({ htu: 'https://evil.example/calls' })),
      url: 'https://evil.example/calls',
    };
    expect(await refusalOf(fake.verifier().verifyRequest(elsewhere))).toBe('401 invalid_dpop_proof proof');
  });

  it('needs to know where it is: without an origin that is a fault of the program and not of the caller', async () => {
    const nameless = await fake.sign(issuerKey, { ...fake.claims(), aud: 'calls', cnf: { jkt: 'abc' } });
    const request = {
      method: 'GET',
      url: '/calls',
      headers: { authorization: `DPoP ${nameless}`, dpop: await prove() },
    };
    await expect(fake.verifier({ audience: 'calls' }).verifyRequest(request)).rejects.toThrow(InvalidArgumentError);
  });

  it('is refused over a socket, where there is nothing to prove', async () => {
    expect(await refusalOf(fake.verifier().verify(token))).toBe('401 invalid_token binding');
  });
});

describe('a token that is bound to no key', () => {
  it('is refused as DPoP, and everywhere when binding is required', async () => {
    token = await fake.sign(issuerKey);
    const verifier = fake.verifier();
    expect(await refusalOf(verifier.verifyRequest(send(await prove())))).toBe('401 invalid_token binding');
    expect(await refusalOf(verifier.verifyRequest(send(undefined, { scheme: 'Bearer' })))).toBe('passed');
    const strict = fake.verifier({ dpop: { required: true } });
    const error = await errorOf(strict.verifyRequest(send(undefined, { scheme: 'Bearer' })));
    expect(error?.reason).toBe('binding');
    const nobody = await errorOf(strict.verifyRequest({ headers: {} }));
    expect(nobody?.challenge).toBe('DPoP algs="ES256 ES384 RS256 PS256 EdDSA"');
  });
});

describe('used proofs', () => {
  it('of fifty requests with one proof at the same moment one passes', async () => {
    const verifier = fake.verifier();
    const proof = await prove();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => refusalOf(verifier.verifyRequest(send(proof)))),
    );
    expect(outcomes.filter((one) => one === 'passed')).toHaveLength(1);
  });

  it('are noted in the store that was given, until they are too old', async () => {
    const noted: Array<readonly [string, number]> = [];
    const replays = { spend: async (id: string, until: number) => noted.push([id, until]) === 1 };
    const verifier = fake.verifier({ dpop: { replays, maxAge: 30 } });
    const proof = await prove({ jti: 'one' });
    await verifier.verifyRequest(send(proof));
    expect(await refusalOf(verifier.verifyRequest(send(proof)))).toBe('401 invalid_dpop_proof replayed');
    const iat = Math.floor(fake.now() / 1000);
    expect(noted[0]).toEqual([`${await calculateJwkThumbprint(holder.jwk)}.one`, (iat + 35) * 1000]);
  });

  it('cannot be noted when the store is away: 503, and the request does not pass', async () => {
    const replays = { spend: () => Promise.reject(new Error('no connection')) };
    expect(await outcome(await prove(), { dpop: { replays } })).toBe('503 unavailable busy');
  });

  it('are forgotten when they are over and never before, so a flood makes no room for an old one', () => {
    let now = 0;
    const replays = new MemoryReplays(() => now, 3);
    expect(['a', 'b', 'c', 'a'].map((id) => replays.spend(id, 100))).toEqual([true, true, true, false]);
    expect(() => replays.spend('d', 100)).toThrow('Too many proofs');
    expect(replays.spend('a', 100)).toBe(false);
    now = 101;
    expect(replays.spend('d', 200)).toBe(true);
  });
});
