import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportSPKI, importJWK } from 'jose';
import { InvalidArgumentError, type VerifyOptions } from '../../../src/sdk/verify/index.ts';
import {
  audience,
  type FakeIssuer,
  makeSigningKey,
  openFakeIssuer,
  organization,
  type SigningKey,
} from './fake-issuer.ts';
import { errorOf, refusalOf } from './refusal.ts';

const algorithms = ['ES256', 'RS256', 'EdDSA'] as const;

let keys: Record<(typeof algorithms)[number] | 'ES384', SigningKey>;
let fake: FakeIssuer;
let verifier: ReturnType<FakeIssuer['verifier']>;
beforeAll(async () => {
  const [ES256, RS256, EdDSA, ES384] = await Promise.all([...algorithms, 'ES384'].map((alg) => makeSigningKey(alg)));
  keys = { ES256, RS256, EdDSA, ES384 } as typeof keys;
  fake = await openFakeIssuer(Object.values(keys));
  verifier = fake.verifier();
});
afterAll(() => fake.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a good token', () => {
  it.each(algorithms)('signed with %s is read', async (alg) => {
    const claims = fake.claims();
    expect(await verifier.verify(await fake.sign(keys[alg], claims))).toEqual({
      issuer: fake.issuer,
      audience: [audience],
      subject: 'US01',
      clientId: 'OQ01',
      scopes: new Set(['calls:read', 'calls:write']),
      organization,
      id: claims.jti,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
      boundTo: undefined,
      claims,
    });
  });

  it('may have more than one audience, no scope and no organization, and its type in full', async () => {
    const { scope: _scope, org_id: _organization, ...claims } = fake.claims();
    const token = await fake.sign(
      keys.ES256,
      { ...claims, aud: ['https://other.example', audience] },
      { typ: 'application/AT+JWT' },
    );
    expect(await verifier.verify(token)).toMatchObject({ scopes: new Set(), organization: undefined });
  });

  it('counts while the clocks differ by no more than the tolerance', async () => {
    const now = Math.floor(fake.now() / 1000);
    const late = await fake.sign(keys.ES256, { ...fake.claims(), exp: now - 3 });
    const early = await fake.sign(keys.ES256, { ...fake.claims(), iat: now + 3, nbf: now + 3 });
    await verifier.verify(late);
    await verifier.verify(early);
    const strict = fake.verifier({ clockTolerance: 0 });
    expect(await refusalOf(strict.verify(late))).toBe('401 invalid_token expired');
    expect(await refusalOf(strict.verify(early))).toBe('401 invalid_token not_yet_valid');
  });
});

describe('a token is refused', () => {
  const changed: ReadonlyArray<readonly [string, Record<string, unknown>, string]> = [
    ['of another issuer', { iss: 'https://other.example' }, 'issuer'],
    ['of an issuer with a slash more', { iss: undefined, suffix: '/' }, 'issuer'],
    ['without an issuer', { iss: undefined }, 'issuer'],
    ['for another audience', { aud: 'https://other.example' }, 'audience'],
    ['for an audience that begins alike', { aud: `${audience}.evil.example` }, 'audience'],
    ['for no audience', { aud: [] }, 'audience'],
    ['for an audience that is no text', { aud: [{ toString: audience }] }, 'audience'],
    ['without exp', { exp: undefined }, 'claim'],
    ['with exp as a text', { exp: '9999999999' }, 'claim'],
    ['without iat', { iat: undefined }, 'claim'],
    ['without sub', { sub: undefined }, 'claim'],
    ['with an empty sub', { sub: '' }, 'claim'],
    ['without client_id', { client_id: undefined }, 'claim'],
    ['without jti', { jti: undefined }, 'claim'],
    ['with scopes as a list', { scope: ['calls:read'] }, 'claim'],
    ['with an organization that is no text', { org_id: [organization] }, 'claim'],
    ['with an account that is no text', { account_sid: '' }, 'claim'],
    ['with nbf as a text', { nbf: '0' }, 'claim'],
    ['that expired', { exp: 1000 }, 'expired'],
    ['from the future', { iat: 99_999_999_999 }, 'not_yet_valid'],
    ['that counts later', { nbf: 99_999_999_999 }, 'not_yet_valid'],
    ['bound to a certificate', { cnf: { 'x5t#S256': 'abc' } }, 'binding'],
    ['bound to a key, but sent without proof', { cnf: { jkt: 'abc' } }, 'binding'],
    ['bound to a key and something else', { cnf: { jkt: 'abc', 'x5t#S256': 'abc' } }, 'binding'],
    ['bound to nothing known', { cnf: {} }, 'binding'],
    ['bound to null', { cnf: null }, 'binding'],
  ];
  it.each(changed)('%s', async (_name, { suffix, ...claims }, reason) => {
    const iss = suffix === undefined ? {} : { iss: `${fake.issuer}/` };
    const token = await fake.sign(keys.ES256, { ...fake.claims(), ...claims, ...iss });
    expect(await refusalOf(verifier.verify(token))).toBe(`401 invalid_token ${reason}`);
  });

  it('when it is an ID token, or says nothing of its type', async () => {
    for (const typ of ['JWT', undefined, 'at+jwt+x']) {
      const token = await fake.sign(keys.ES256, fake.claims(), { typ });
      expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token type');
    }
  });

  it('when it needs an extension', async () => {
    const { privateKey } = keys.ES256;
    const { CompactSign } = await import('jose');
    const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(fake.claims())))
      .setProtectedHeader({ alg: 'ES256', kid: 'ES256', typ: 'at+jwt', crit: ['b64'], b64: true })
      .sign(privateKey);
    expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token malformed');
  });

  it('when its algorithm is not pinned, though the key is published', async () => {
    expect(await refusalOf(verifier.verify(await fake.sign(keys.ES384)))).toBe('401 invalid_token algorithm');
    const narrow = fake.verifier({ algorithms: ['ES256'] });
    expect(await refusalOf(narrow.verify(await fake.sign(keys.RS256)))).toBe('401 invalid_token algorithm');
    await narrow.verify(await fake.sign(keys.ES256));
  });

  it('when it is signed by nobody, or with the public key as a secret', async () => {
    const unsigned = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(fake.claims())}.`;
    expect(await refusalOf(verifier.verify(unsigned))).toBe('401 invalid_token algorithm');
    const pem = await exportSPKI((await importJWK(keys.RS256.jwk, 'RS256', { extractable: true })) as never);
    for (const secret of [pem, JSON.stringify(keys.RS256.jwk)]) {
      const input = `${encode({ alg: 'HS256', kid: 'RS256', typ: 'at+jwt' })}.${encode(fake.claims())}`;
      const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token algorithm');
    }
  });

  it('when its own header brings the key', async () => {
    const stranger = await makeSigningKey('ES256', 'ES256');
    const token = await fake.sign(stranger, fake.claims(), { jwk: stranger.jwk, jku: 'https://evil.example/keys' });
    expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token signature');
  });

  it.each(['', ' ', 'x', '..', 'a.b', 'a.b.c', 'a.b.c.d', 'é.é.é', `${'a'.repeat(5_000_000)}.b.c`, '[object Object]'])(
    'when it is nonsense',
    async (token) => {
      expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token malformed');
    },
  );

  it('in plain words that repeat nothing of it', async () => {
    const exp = Math.floor(fake.now() / 1000) - 12;
    const error = await errorOf(verifier.verify(await fake.sign(keys.ES256, { ...fake.claims(), exp })));
    expect(error?.message).toBe('The token expired 12 s ago.');
    expect(error?.challenge).toBe('Bearer error="invalid_token", error_description="The token expired 12 s ago."');
    expect(error?.body).toEqual({ error: 'invalid_token', error_description: 'The token expired 12 s ago.' });
  });
});

describe('what a token must be good for', () => {
  const cases: ReadonlyArray<readonly [string, VerifyOptions, string]> = [
    ['one scope', { requireScopes: 'calls:read' }, 'passed'],
    ['two scopes', { requireScopes: ['calls:write', 'calls:read'] }, 'passed'],
    ['a scope that it lacks', { requireScopes: 'calls:read calls:delete' }, '403 insufficient_scope scope'],
    ['a scope that begins alike', { requireScopes: 'calls' }, '403 insufficient_scope scope'],
    ['its organization', { organization }, 'passed'],
    ['one of several', { organization: ['OR1', organization] }, 'passed'],
    ['one of a set', { organization: new Set([organization]) }, 'passed'],
    ['another organization', { organization: 'OR1' }, '403 wrong_organization organization'],
    ['none of an empty set', { organization: new Set<string>() }, '403 wrong_organization organization'],
    ['what a function says', { organization: async (sid) => sid === organization }, 'passed'],
    ['what a function denies', { organization: () => false }, '403 wrong_organization organization'],
    ['what is only nearly yes', { organization: () => 'yes' as never }, '403 wrong_organization organization'],
  ];
  it.each(cases)('%s', async (_name, options, outcome) => {
    expect(await refusalOf(verifier.verify(await fake.sign(keys.ES256), options))).toBe(outcome);
  });

  it('holds for every call when the verifier was made with it', async () => {
    const always = fake.verifier({ requireScopes: 'calls:write', organization });
    const { scope: _scope, ...weak } = fake.claims();
    expect(await refusalOf(always.verify(await fake.sign(keys.ES256), { requireScopes: 'calls:read' }))).toBe('passed');
    expect(await refusalOf(always.verify(await fake.sign(keys.ES256, weak)))).toBe('403 insufficient_scope scope');
  });

  it('says in the challenge which scopes are needed, and challenges nobody for the organization', async () => {
    const token = await fake.sign(keys.ES256);
    const scope = await errorOf(verifier.verify(token, { requireScopes: ['a', 'b'] }));
    expect(scope?.challenge).toBe(
      'Bearer error="insufficient_scope", error_description="The token needs the scope a b.", scope="a b"',
    );
    const other = await errorOf(verifier.verify(token, { organization: 'OR1' }));
    expect(other?.headers).toEqual({ 'cache-control': 'no-store' });
  });

  it('is never nothing by mistake: a requirement that is undefined is an error', async () => {
    const token = await fake.sign(keys.ES256);
    const broken: readonly object[] = [
      { organization: undefined },
      { requireScopes: undefined },
      { requireScopes: [] },
      { requireScopes: '' },
      { organization: '' },
      { organization: [undefined] },
      { requireScopes: ['with "quotes"'] },
    ];
    for (const options of broken) {
      await expect(verifier.verify(token, options)).rejects.toThrow(InvalidArgumentError);
    }
  });
});
