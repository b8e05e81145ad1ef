import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompactSign, type CryptoKey, exportSPKI, importJWK } from 'jose';
import { forAlgorithm, goodClaims, makeKey, tokenPaths } from '../support/tokens.ts';
import { type AssertionDesk, openAssertionDesk } from './assertion-desk.ts';

let desk: AssertionDesk;
beforeAll(async () => {
  desk = await openAssertionDesk();
});
afterAll(() => desk.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(tokenPaths)('a client assertion sent to %s', (path) => {
  const outcome = (assertion: string, extra?: Readonly<Record<string, string>>) => desk.outcome(path, assertion, extra);

  it('signed by a key that the client does not have is refused, under any kid', async () => {
    const stranger = await makeKey('ES256');
    expect(await outcome(await desk.signed(undefined, stranger))).toBe('401 invalid_client');
    const kid = { kid: 'another' };
    expect(await outcome(await desk.signed(undefined, stranger, kid))).toBe('401 invalid_client');
  });

  it.each(['none', 'None', 'NONE', ''])('with alg "%s" is refused', async (alg) => {
    const body = `${encode({ alg })}.${encode(goodClaims(desk.id, desk.house.issuer))}.`;
    expect(await outcome(body)).toBe('401 invalid_client');
    expect(await outcome(`${body}AAAA`)).toBe('401 invalid_client');
  });

  it('signed by HMAC with the public key as its secret is refused', async () => {
    const pem = await exportSPKI((await importJWK(desk.rsa.publicJwk)) as CryptoKey);
    for (const secret of [pem, pem.trim(), JSON.stringify(desk.rsa.publicJwk), 'kept as a hash', '']) {
      const head = `${encode({ alg: 'HS256', kid: 'RS256' })}.${encode(goodClaims(desk.id, desk.house.issuer))}`;
      const mac = createHmac('sha256', secret).update(head).digest('base64url');
      expect(await outcome(`${head}.${mac}`)).toBe('401 invalid_client');
    }
  });

  it('that names another algorithm than the one it was signed with is refused', async () => {
    for (const [key, alg] of [
      [desk.ec, 'RS256'],
      [desk.ec, 'ES384'],
      [desk.rsa, 'ES256'],
      [desk.rsa, 'PS256'],
    ] as const) {
      const parts = (await desk.signed(undefined, key)).split('.');
      expect(await outcome([encode({ alg }), parts[1], parts[2]].join('.'))).toBe('401 invalid_client');
    }
  });

  it.each(['RS384', 'RS512', 'PS384', 'PS512', 'ES512'])(
    'signed with %s, which is not offered, is refused',
    async (alg) => {
      const key = alg === 'ES512' ? await makeKey(alg) : await forAlgorithm(desk.rsa, alg);
      // Registered without alg, so that the key itself would do.
      const { alg: _left, ...publicJwk } = key.publicJwk;
      const clientId = await desk.makeClient({ ...key, publicJwk });
      expect(await outcome(await desk.signed(goodClaims(clientId, desk.house.issuer), key))).toBe('401 invalid_client');
    },
  );

  it('cannot bring its own key in its header', async () => {
    const stranger = await makeKey('ES256');
    const { publicJwk: jwk } = stranger;
    for (const header of [
      { jwk, kid: undefined },
      { jwk },
      { jku: 'https://attacker.example/jwks' },
      { x5u: 'https://attacker.example/chain' },
      { kid: '../../dev/null' },
    ]) {
      expect(await outcome(await desk.signed(undefined, stranger, header))).toBe('401 invalid_client');
    }
  });

  it('with a critical header that nobody understands is refused', async () => {
    const payload = Buffer.from(JSON.stringify(goodClaims(desk.id, desk.house.issuer)));
    const critical = new CompactSign(payload).setProtectedHeader({ alg: 'ES256', crit: ['urn:new'], 'urn:new': true });
    const assertion = await critical.sign(desk.ec.privateKey, { crit: { 'urn:new': true } });
    expect(await outcome(assertion)).toBe('401 invalid_client');
  });

  it('is refused with any part of it cut off or changed', async () => {
    const assertion = await desk.signed();
    const cuts = [1, 10, 43, 86, 87, 100].map((length) => assertion.slice(0, -length));
    const [head, body, signature] = assertion.split('.') as [string, string, string];
    const forged = encode({ ...goodClaims(desk.id, desk.house.issuer), scope: 'admin' });
    for (const broken of [
      ...cuts,
      `${head}.${forged}.${signature}`,
      `${head}.${body}`,
      `.${body}.${signature}`,
      '..',
    ]) {
      expect(await outcome(broken)).toMatch(/^(400 invalid_request|401 invalid_client)$/);
    }
    expect(await outcome(assertion)).toBe('token');
  });

  it('of one client does not prove another', async () => {
    const other = await makeKey('ES256');
    const otherId = await desk.makeClient(other);
    const assertion = await desk.signed(goodClaims(otherId, desk.house.issuer), other);
    expect(await outcome(assertion, { client_id: desk.id })).toBe('400 invalid_request');
    const claims = goodClaims(desk.id, desk.house.issuer);
    expect(await outcome(await desk.signed({ ...claims, iss: otherId }, other))).toBe('401 invalid_client');
    expect(await outcome(await desk.signed({ ...claims, sub: otherId }, desk.ec))).toBe('401 invalid_client');
    expect(await outcome(await desk.signed(claims, other))).toBe('401 invalid_client');
  });
});
