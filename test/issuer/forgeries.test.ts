import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readApiKey, readWholeAccount } from '../../src/accounts/store.ts';
import type { Config } from '../../src/config/index.ts';
import { createIssuer } from '../../src/issuer/index.ts';
import { jwtVerifier } from '../../src/provider/tokens/jwt.ts';
import type { House } from '../support/house.ts';

import { openForge } from '../tokens/forge.ts';
import { type Credentials, isActive, machineToken } from '../tokens/questions.ts';
import { type IntrospectedScene, openIntrospectedScene, partsOf } from './introspected.ts';
import { encoded, forge, goodClaims, goodHeader, secondsNow } from './scene.ts';

let scene: IntrospectedScene;
let house: House;
let reader: Credentials;
let accessToken: string;
let capability: string;
beforeAll(async () => {
  scene = await openIntrospectedScene();
  ({ house, reader, accessToken, capability } = scene);
});
afterAll(() => scene.close());

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another character in a place; of a part's last one only bits that carry nothing differ. */
function changedAt(token: string, at: number): string {
  const index = alphabet.indexOf(token[at] ?? '');
  return token.slice(0, at) + (index === -1 ? '_' : alphabet[index ^ 1]) + token.slice(at + 1);
}

/** What an introspection finds tokens with, on the keys of the house, without the way there. */
async function openDoor(): Promise<(token: string) => Promise<boolean>> {
  const { sql } = house.database;
  const { ring, sealer } = await openForge(house);
  const [key, account] = [await readApiKey(sql, scene.minter.sid), await readWholeAccount(sql, scene.acme.account)];
  const { findIssued } = createIssuer({
    ...{ sql, sealer, clock: Date.now, config: { tokens: { clockTolerance: 5 } as Config['tokens'] } },
    tenants: {
      apiKey: async (sid) => (sid === key?.sid ? key : undefined),
      account: async (sid) => (sid === account?.sid ? account : undefined),
      isActive: async () => true,
    },
  });
  const verifyJwt = jwtVerifier(ring, house.issuer, { maxEntries: 100, onLookup: () => undefined });
  return async (token) => verifyJwt(token, Date.now() / 1000) !== undefined || (await findIssued(token)) !== undefined;
}

describe('a token that is not exactly one that was signed is none:', () => {
  /** Asks about many, some at a time. @returns those that were called active or valid. */
  async function acceptedAmong(tokens: readonly string[]): Promise<string[]> {
    const accepted: string[] = [];
    const whole = [...new Set(tokens)].filter((token) => token !== '');
    for (let at = 0; at < whole.length; at += 64) {
      const some = whole.slice(at, at + 64);
      const answers = await Promise.all(some.map((token) => isActive(house.address, token, reader)));
      accepted.push(...some.filter((_token, index) => answers[index]));
    }
    return accepted;
  }

  it('changed or cut off at any of its characters', async () => {
    const places = Array.from(accessToken, (_character, at) => at);
    expect(await acceptedAmong([accessToken])).toEqual([accessToken]);
    expect(await acceptedAmong(places.map((at) => changedAt(accessToken, at)))).toEqual([]);
    expect(await acceptedAmong(places.map((at) => accessToken.slice(0, at)))).toEqual([]);
  });

  it('a capability token likewise', async () => {
    const accepts = await openDoor();
    const places = Array.from(capability, (_character, at) => at);
    expect(await accepts(capability)).toBe(true);
    for (const at of places) {
      expect([at, await accepts(changedAt(capability, at))]).toEqual([at, false]);
      expect([at, await accepts(capability.slice(0, at))]).toEqual([at, false]);
    }
  });

  it('in the answer of a verification too, whose reason it is told', async () => {
    const places = Array.from(accessToken, (_character, at) => at).filter((at) => at % 7 === 0);
    const lasts = [accessToken.indexOf('.') - 1, accessToken.lastIndexOf('.') - 1, accessToken.length - 1];
    for (const at of [...places, ...lasts]) {
      const { status, body } = await scene.minter.post('/v1/access_tokens/verify', {
        token: changedAt(accessToken, at),
      });
      expect([status, body['valid'], typeof (body['reason'] as { message: string }).message]).toEqual([
        200,
        false,
        'string',
      ]);
    }
  });

  it('signed otherwise: with nothing, by another algorithm or kind of key, or by whom it names itself', async () => {
    const [head, claims] = partsOf(accessToken);
    const { minter, acme, authToken } = scene;
    const input = (header: object) => `${encoded(header)}.${encoded(claims)}`;
    const other = await scene.makeKey();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const rsa = { ...head, alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) };
    const hmac = (text: string, secret: string) =>
      `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    const tokens = [
      ...['none', 'None', 'NONE'].flatMap((alg) => [
        `${input({ ...head, alg })}.`,
        hmac(input({ ...head, alg }), minter.secret),
      ]),
      `${input(rsa)}.${sign('sha256', Buffer.from(input(rsa)), privateKey).toString('base64url')}`,
      hmac(input({ ...head, alg: 'RS256' }), pem),
      hmac(input({ ...head, jwk: { kty: 'oct', k: encoded('x') } }), 'x'),
      hmac(input({ ...head, kid: minter.sid }), minter.secret),
      hmac(input({ ...head, kid: other.sid }), other.secret),
      hmac(input({ ...head, jku: 'https://evil.example/keys' }), minter.secret),
      ...[other.secret, authToken, minter.key, '', 'undefined', 'null'].map((secret) => hmac(input(head), secret)),
      forge(goodHeader, goodClaims(other, scene.rival.account), other.secret),
      forge(goodHeader, goodClaims({ sid: acme.account }, acme.account), authToken),
      forge({ alg: 'HS256', typ: 'JWT' }, goodClaims(minter, acme.account, { scope: '' }), minter.secret),
      forge({ alg: 'HS256', typ: 'JWT' }, { iss: acme.account, scope: '', exp: secondsNow() + 60 }, minter.secret),
      forge({ alg: 'HS512', typ: 'JWT' }, { iss: acme.account, scope: '', exp: secondsNow() + 60 }, authToken),
    ];
    expect(await acceptedAmong(tokens)).toEqual([]);
    expect(await acceptedAmong([forge(head, claims, minter.secret)])).toHaveLength(1);
  });

  it('10,000 mutations of an AccessToken, a capability token and a JWT of ours, and none is accepted', async () => {
    const jwt = await machineToken(house.address, await scene.clientOf(scene.acme.organization, ['clients:read']));
    const goods = [accessToken, capability, jwt];
    const accepts = await openDoor();
    for (const good of goods)
      expect([await accepts(good), await isActive(house.address, good, reader)]).toEqual([true, true]);
    const place = fc.nat();
    const mutation = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        at: place,
        text: fc.constantFrom(...alphabet, '.', '=', '%', 'é'),
      }),
      fc.record({ kind: fc.constant('cut' as const), at: place, text: fc.constant('') }),
      fc.record({ kind: fc.constant('insert' as const), at: place, text: fc.stringMatching(/^[\w.-]{1,8}$/) }),
      fc.record({ kind: fc.constant('swap' as const), at: place, text: fc.constant('') }),
      fc.record({ kind: fc.constant('mix' as const), at: place, text: fc.constant('') }),
    );
    type Mutation = typeof mutation extends fc.Arbitrary<infer One> ? One : never;
    const apply = (token: string, { kind, at, text }: Mutation): string => {
      const index = at % token.length;
      if (kind === 'set') return token.slice(0, index) + text + token.slice(index + 1);
      if (kind === 'cut') return token.slice(0, index) + token.slice(index + 1 + (at % 5));
      if (kind === 'insert') return token.slice(0, index) + text + token.slice(index);
      const parts = token.split('.');
      if (kind === 'swap') return parts.reverse().join('.');
      const others = (goods[at % 3] ?? '').split('.');
      return parts.map((part, place) => (at & (1 << place) ? (others[place] ?? '') : part)).join('.');
    };
    const tokens = fc
      .sample(fc.tuple(fc.nat(2), fc.array(mutation, { minLength: 1, maxLength: 3 })), 10_000)
      .map(([which, mutations]) => mutations.reduce(apply, goods[which] ?? ''));
    const mutated = tokens.filter((token) => !goods.includes(token));
    expect(mutated.length).toBeGreaterThan(9_000);
    for (const token of mutated) expect([token, await accepts(token)]).toEqual([token, false]);
    expect(await acceptedAmong(mutated.slice(0, 500))).toEqual([]);
  });
});
