import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { newSecret, newSid } from '../../src/base/index.ts';
import type { Answer } from '../support/tokens.ts';
import { type Office, openOffice } from './office.ts';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
}

/** What a proof says, where it is not what it should. */
interface Wish {
  readonly header?: object;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly pair?: Pair;
}

async function makePair(alg = 'ES256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey), alg };
}

describe.each([
  ['without nonces', {}],
  ['with nonces', { DPOP_NONCES: 'true' }],
])('a token that is bound to a key, %s', (_what, variables) => {
  let office: Office;
  let pair: Pair;
  let token: string;
  let nonce: string | null = null;
  let organization: string;
  let user: string;
  beforeAll(async () => {
    office = await openOffice(variables);
    organization = await office.cast.makeOrganization('North');
    user = await office.cast.makeUser('ada@example.com', organization);
    pair = await makePair();
  });
  afterAll(() => office.close());
  beforeEach(async () => {
    token = await makeToken({ jkt: await calculateJwkThumbprint(pair.jwk) });
    nonce = null;
    if ('DPOP_NONCES' in variables) nonce = (await ask(await makeProof())).headers.get('dpop-nonce');
  });

  async function makeToken(cnf: object | undefined): Promise<string> {
    const made = newSecret();
    office.accessTokens.set(made, {
      kind: 'access_token',
      clientId: newSid('client'),
      organizationSid: organization,
      audience: office.issuer,
      claims: { sub: user, scope: 'admin', ...(cnf === undefined ? {} : { cnf }) },
    });
    return made;
  }

  function makeProof({ header = {}, claims = {}, pair: by = pair }: Wish = {}): Promise<string> {
    const payload = {
      htm: 'GET',
      htu: `${office.issuer}/signing_keys`,
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...(nonce === null ? {} : { nonce }),
      ...claims,
    };
    const head = { alg: by.alg, typ: 'dpop+jwt', jwk: by.jwk, ...header };
    return new SignJWT(payload).setProtectedHeader(head).sign(by.privateKey, { crit: { x: true } });
  }

  const ask = (
    proof?: string,
    path = '/signing_keys',
    scheme = 'DPoP',
    method: 'GET' | 'POST' = 'GET',
  ): Promise<Answer> =>
    office.ask(method, path, { authorization: `${scheme} ${token}`, ...(proof === undefined ? {} : { dpop: proof }) });

  const challengeOf = ({ headers }: Answer) => /error="([^"]*)"/.exec(headers.get('www-authenticate') ?? '')?.[1];

  it('is good with a proof of that key, for the path as it was asked for', async () => {
    expect(await ask(await makeProof())).toMatchObject({ status: 200, body: { data: { kind: 'user', id: user } } });
    const v2 = { htu: `${office.issuer}/v2/signing_keys` };
    expect((await ask(await makeProof({ claims: v2 }), '/v2/signing_keys')).status).toBe(200);
    expect((await ask(await makeProof({ claims: v2 }))).status).toBe(401);
    expect((await ask(await makeProof(), '/v2/signing_keys')).status).toBe(401);
    expect((await ask(await makeProof(), '/signing_keys?x=1')).status).not.toBe(401);
    const written = { htu: `${office.issuer.replace('http', 'HTTP')}:80/signing_keys?x=1#y` };
    expect((await ask(await makeProof({ claims: written }))).status).toBe(200);
    expect((await ask(await makeProof({ claims: { htm: 'POST' } }), '/signing_keys', 'DPoP', 'POST')).status).toBe(201);
  });

  it('is good for nothing without a proof, neither as DPoP nor as a Bearer', async () => {
    const bare = await ask();
    expect([bare.status, challengeOf(bare)]).toEqual([401, 'invalid_dpop_proof']);
    for (const proof of [undefined, await makeProof()]) {
      const asBearer = await ask(proof, '/signing_keys', 'Bearer');
      expect([asBearer.status, challengeOf(asBearer)]).toEqual([401, 'invalid_token']);
      expect(asBearer.headers.get('www-authenticate')).toMatch(/^DPoP realm="Countersign".* algs="ES256 /);
    }
    token = await makeToken({ 'x5t#S256': 'a certificate' });
    expect((await ask(undefined, '/signing_keys', 'Bearer')).status).toBe(401);
  });

  it('is no other token: one that is not bound is refused with a proof', async () => {
    token = await makeToken(undefined);
    const answer = await ask(await makeProof());
    expect([answer.status, challengeOf(answer)]).toEqual([401, 'invalid_token']);
    expect((await ask(undefined, '/signing_keys', 'Bearer')).status).toBe(200);
  });

  it('takes each proof once, also of many at once', async () => {
    const proof = await makeProof();
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(challengeOf(await ask(proof))).toBe('invalid_dpop_proof');
    expect((await ask(await makeProof())).status).toBe(200);
  });

  it('spends no proof that is refused', async () => {
    const jti = randomUUID();
    expect((await ask(await makeProof({ claims: { jti, htm: 'PUT' } }))).status).toBe(401);
    expect((await ask(await makeProof({ claims: { jti } }))).status).toBe(200);
  });

  it('refuses the proof of another key', async () => {
    const answer = await ask(await makeProof({ pair: await makePair() }));
    expect([answer.status, challengeOf(answer)]).toEqual([401, 'invalid_token']);
  });

  it.each<[string, (good: Pair) => Promise<Wish> | Wish]>([
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['of another method', () => ({ claims: { htm: 'POST' } })],
    ['of another address', () => ({ claims: { htu: 'http://auth.localhost.evil/signing_keys' } })],
    ['of another path', () => ({ claims: { htu: 'http://auth.localhost/signing_keys/' } })],
    ['without an address', () => ({ claims: { htu: undefined } })],
    ['with an address that is none', () => ({ claims: { htu: '/signing_keys' } })],
    ['of another token', () => ({ claims: { ath: createHash('sha256').update('x').digest('base64url') } })],
    ['of no token', () => ({ claims: { ath: undefined } })],
    ['without a jti', () => ({ claims: { jti: undefined } })],
    ['with a huge jti', () => ({ claims: { jti: 'x'.repeat(257) } })],
    ['that has expired', () => ({ claims: { exp: 1 } })],
    ['without a time', () => ({ claims: { iat: undefined } })],
    ['that demands what nobody knows', () => ({ header: { crit: ['x'], x: 1 } })],
    ['with its private key', async ({ privateKey }) => ({ header: { jwk: await exportJWK(privateKey) } })],
    ['with a key that is not its own', async () => ({ header: { jwk: (await makePair()).jwk } })],
    ['with a symmetric key', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['without a key', () => ({ header: { jwk: undefined } })],
    ['by an algorithm that is not listed', async () => ({ pair: await makePair('ES512') })],
  ])('refuses a proof %s', async (_which, wish) => {
    const answer = await ask(await makeProof(await wish(pair)));
    expect([answer.status, challengeOf(answer)]).toEqual([401, 'invalid_dpop_proof']);
    expect((await ask(await makeProof())).status).toBe(200);
  });

  it.each(['', 'x', 'a.b.c', 'x'.repeat(9000), 'eyJhbGciOiJub25lIn0.e30.'])(
    'refuses what is no proof: %p',
    async (proof) => {
      expect((await ask(proof)).status).toBe(401);
    },
  );

  it('goes by the key, not by its algorithm', async () => {
    for (const alg of ['EdDSA', 'RS256']) {
      const other = await makePair(alg);
      token = await makeToken({ jkt: await calculateJwkThumbprint(other.jwk) });
      expect((await ask(await makeProof({ pair: other }))).status).toBe(200);
    }
  });

  if ('DPOP_NONCES' in variables) {
    it('is asked for a nonce, whatever the clock of the client says', async () => {
      const iat = Math.floor(Date.now() / 1000) - 3600;
      for (const wrong of [undefined, 'x', newSecret()]) {
        const answer = await ask(await makeProof({ claims: { nonce: wrong, iat } }));
        expect([answer.status, challengeOf(answer)]).toEqual([401, 'use_dpop_nonce']);
        expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/);
      }
      expect((await ask(await makeProof({ claims: { iat } }))).status).toBe(200);
    });
  } else {
    it('takes proofs of the last five minutes', async () => {
      const now = Math.floor(Date.now() / 1000);
      for (const [away, status] of [
        [-280, 200],
        [280, 200],
        [-320, 401],
        [320, 401],
      ] as const) {
        expect((await ask(await makeProof({ claims: { iat: now + away } }))).status).toBe(status);
      }
    });
  }
});
