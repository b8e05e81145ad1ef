import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { compact, type Forge, openForge } from './forge.ts';
import { asClient, introspect, isActive, machineToken, type SecretClient } from './questions.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another character in a place; of the last one of a signature only the bits that carry nothing differ. */
function changedAt(token: string, at: number): string {
  const index = alphabet.indexOf(token[at] ?? '');
  return token.slice(0, at) + (index === -1 ? '_' : alphabet[index ^ 1]) + token.slice(at + 1);
}

function everyThird(length: number): number[] {
  return Array.from({ length: Math.ceil(length / 3) }, (_, index) => Math.min(index * 3, length - 1));
}

describe('a token that is not exactly one of ours is inactive', () => {
  let house: House;
  let registry: Registry;
  let forge: Forge;
  let owner: SecretClient;
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    forge = await openForge(house);
    owner = await registry.makeClient({ allowedScopes: ['read', 'clients:read'] });
    for (const signingAlg of ['RS256', 'EdDSA'] as const) {
      await registry.makeResource({ identifier: `https://api.example/${signingAlg}`, signingAlg });
    }
  });
  afterAll(async () => {
    await registry.close();
    await house.close();
  });

  const isOurs = (token: string) => isActive(house.issuer, token, asClient(owner));

  /** Asks about many, a few at a time. @returns those that were called active. */
  async function activeAmong(tokens: readonly string[]): Promise<string[]> {
    const active: string[] = [];
    for (let at = 0; at < tokens.length; at += 16) {
      const some = tokens.slice(at, at + 16);
      const answers = await Promise.all(some.map(isOurs));
      active.push(...some.filter((_, index) => answers[index]));
    }
    return active;
  }

  it('when any one of its characters is another, is missing or stands twice (ES256)', async () => {
    const token = await machineToken(house.issuer, owner);
    expect(await isOurs(token)).toBe(true);
    const places = Array.from(token, (_, at) => at);
    expect(await activeAmong(places.map((at) => changedAt(token, at)))).toEqual([]);
    expect(await activeAmong(everyThird(token.length).map((at) => token.slice(0, at) + token.slice(at + 1)))).toEqual(
      [],
    );
    expect(await activeAmong(everyThird(token.length).map((at) => token.slice(0, at) + token.slice(at - 1)))).toEqual(
      [],
    );
  });

  it('when it is cut off anywhere, or more follows or precedes (ES256)', async () => {
    const token = await machineToken(house.issuer, owner);
    const cut = Array.from(token.slice(1), (_, at) => token.slice(0, at + 1));
    expect(await activeAmong(cut)).toEqual([]);
    const around = ['A', '=', '==', '.', '.A', ' '].flatMap((more) => [token + more, more + token]);
    expect(await activeAmong(around)).toEqual([]);
  });

  it.each(['RS256', 'EdDSA'])('when a character is another or it is cut off (%s)', async (kind) => {
    const token = await machineToken(house.issuer, owner, { resource: `https://api.example/${kind}` });
    expect(await isOurs(token)).toBe(true);
    const places = [...everyThird(token.length), token.length - 1];
    expect(await activeAmong(places.map((at) => changedAt(token, at)))).toEqual([]);
    expect(await activeAmong(places.map((at) => token.slice(0, at)).filter((text) => text !== ''))).toEqual([]);
  });

  it('while one that is signed with our key and lacks nothing is active', async () => {
    expect(await isOurs(forge.sign(forge.claims(owner.clientId)))).toBe(true);
  });

  it.each(['iss', 'aud', 'sub', 'client_id', 'jti', 'iat', 'exp'])('when it has no %s', async (claim) => {
    for (const value of [undefined, null, '', {}]) {
      expect(await isOurs(forge.sign(forge.claims(owner.clientId, { [claim]: value })))).toBe(false);
    }
  });

  it('when its times are not whole numbers, or it ends now or has ended', async () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong = [now, now - 1, now - 3600, String(now + 600), now + 600.5, -1, 0, [now + 600], true];
    const tokens = wrong.map((exp) => forge.sign(forge.claims(owner.clientId, { exp })));
    tokens.push(forge.sign(forge.claims(owner.clientId, { iat: String(now) })));
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when another issuer is named, or one that looks alike', async () => {
    const others = ['https://other.example', `${house.issuer}/`, house.issuer.toUpperCase(), [house.issuer]];
    const tokens = others.map((iss) => forge.sign(forge.claims(owner.clientId, { iss })));
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when its type is another', async () => {
    const types = ['JWT', 'jwt', 'at+JWT', 'application/at+jwt', 'id_token+jwt', 'logout+jwt', '', null, undefined];
    const tokens = types.map((typ) => forge.sign(forge.claims(owner.clientId), { ...forge.header, typ }));
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when its header says more than ours do', async () => {
    const { publicJwk: jwk } = forge.ring.published[0] ?? {};
    const members = [{ crit: ['exp'] }, { jwk }, { jku: 'https://evil.example/jwks' }, { x5c: ['x'] }, { b64: false }];
    const tokens = members.map((more) => forge.sign(forge.claims(owner.clientId), { ...forge.header, ...more }));
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when it is not signed, signed with a public key as a secret, or with a key of somebody else', async () => {
    const claims = forge.claims(owner.clientId);
    const { header } = forge;
    const tokens = ['none', 'None', 'NONE'].flatMap((alg) => [
      compact({ ...header, alg }, claims, () => Buffer.alloc(0)),
      compact({ ...header, alg }, claims, () => Buffer.alloc(64)),
    ]);
    const own = forge.ring.published.find((key) => key.kid === header['kid']);
    const secrets = [JSON.stringify(own?.publicJwk), String(own?.publicJwk.x), '', String(header['kid'])];
    for (const secret of secrets) {
      const hmac = (text: string) => createHmac('sha256', secret).update(text).digest();
      tokens.push(compact({ ...header, alg: 'HS256' }, claims, hmac), compact(header, claims, hmac));
    }
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const signed = (text: string) => sign('sha256', Buffer.from(text), { key: stranger, dsaEncoding: 'ieee-p1363' });
    tokens.push(compact(header, claims, signed), compact({ ...header, kid: 'unknown' }, claims, signed));
    // The all-zero signature of CVE-2022-21449.
    tokens.push(compact(header, claims, () => Buffer.alloc(64)));
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when the key it names is not the one that signed, or is for another algorithm', async () => {
    const { header, ring } = forge;
    const kids = [undefined, '', 'unknown', '__proto__', 'constructor', ['x'], ring.signerOf('RS256')];
    const claims = forge.claims(owner.clientId);
    const tokens = kids.map((kid) => forge.sign(claims, { ...header, kid }));
    for (const alg of ['RS256', 'EdDSA', 'ES384', 'es256']) {
      tokens.push(forge.sign(claims, { ...header, alg }));
      tokens.push(forge.sign(claims, { ...header, alg, kid: ring.signerOf('EdDSA') }));
    }
    expect(await activeAmong(tokens)).toEqual([]);
  });

  it('when it is no token at all, whatever it is', async () => {
    const part = Buffer.from('[]').toString('base64url');
    const odd = [
      '.',
      '..',
      '...',
      'a.b.c',
      'a.b.c.d.e',
      `${part}.${part}.${part}`,
      'null.null.null',
      '%00',
      '{}',
      '💥',
    ];
    const long = [randomBytes(8000).toString('base64url'), `${'a.'.repeat(8000)}`, 'A'.repeat(16_384)];
    expect(await activeAmong([...odd, ...long, house.demo.client_secret, owner.clientSecret])).toEqual([]);
  });

  it('or is told what is wrong with the request, never a failure of ours', async () => {
    for (const token of ['\u0000', 'a\nb', 'A'.repeat(16_385)]) {
      const { status, body } = await introspect(house.issuer, token, asClient(owner));
      expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_request' });
    }
  });
});
