import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccessToken } from '../../../src/sdk/jwt/index.ts';
import { verifyAccessToken } from '../../../src/sdk/verify/index.ts';
import { type FakeIssuer, makeSigningKey, openFakeIssuer, type SigningKey } from './fake-issuer.ts';
import { refusalOf } from './refusal.ts';

let keys: readonly SigningKey[];
let fake: FakeIssuer;
beforeAll(async () => {
  keys = await Promise.all(['ES256', 'EdDSA', 'RS256'].map((alg) => makeSigningKey(alg)));
  fake = await openFakeIssuer(keys);
});
afterAll(() => fake.close());

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const strange = ['.', '=', '+', '/', ' ', '\n', '\0', '%', 'é'];

const put = (token: string, at: number, text: string, instead = 1) =>
  token.slice(0, at) + text + token.slice(at + instead);

/** Cut off after each character, each left out or doubled, and each replaced by two others: the next and a strange one. */
function mutationsOf(token: string): string[] {
  return Array.from(token, (character, at) => {
    const next = alphabet[(alphabet.indexOf(character) + 1) % 64] ?? 'A';
    const odd = strange[at % strange.length] ?? '.';
    return [
      token.slice(0, at),
      put(token, at, ''),
      put(token, at, character + character),
      put(token, at, next),
      put(token, at, odd === character ? '=' : odd),
    ];
  }).flat();
}

/** The last character in every spelling, some of which decode to the same bytes. */
const lastCharacters = (token: string) =>
  Array.from(alphabet, (character) => put(token, token.length - 1, character)).filter((other) => other !== token);

/** Payload and signature of one with the rest of the other. Their headers are equal. */
function exchanges(one: string, other: string): string[] {
  const [a, b] = [one.split('.'), other.split('.')];
  return [1, 2].map((part) => a.map((text, at) => (at === part ? b[at] : text)).join('.'));
}

async function accepted(tokens: readonly string[], verify: (token: string) => Promise<unknown>): Promise<string[]> {
  const outcomes = await Promise.all(tokens.map((token) => refusalOf(verify(token))));
  return tokens.filter((_token, at) => !outcomes[at]?.startsWith('401 invalid_token'));
}

describe('of more than 10,000 tokens that were changed somewhere, none is accepted', () => {
  it('access tokens', async () => {
    const verifier = fake.verifier();
    const tokens = await Promise.all(keys.map((key) => fake.sign(key)));
    const others = await Promise.all(keys.map((key) => fake.sign(key)));
    for (const token of tokens) await verifier.verify(token);
    const changed = tokens.flatMap((token, at) => [
      ...mutationsOf(token),
      ...lastCharacters(token),
      ...exchanges(token, others[at] ?? ''),
    ]);
    expect(changed.length).toBeGreaterThan(7000);
    expect(await accepted(changed, (token) => verifier.verify(token))).toEqual([]);
    expect(fake.asked('/keys')).toBe(1);
  }, 60_000);

  it('AccessTokens', async () => {
    const key = { accountSid: `AC${'0'.repeat(32)}`, secret: 'the secret of an API key' };
    const findKey = (sid: string) => (sid === `SK${'0'.repeat(32)}` ? key : undefined);
    const mint = (identity: string) => {
      const token = new AccessToken(key.accountSid, `SK${'0'.repeat(32)}`, key.secret, { identity });
      token.addGrant(new AccessToken.VoiceGrant({ incomingAllow: true, outgoingApplicationSid: 'AP123' }));
      token.addGrant(new AccessToken.VideoGrant({ room: 'stand-up' }));
      token.addGrant(new AccessToken.ChatGrant({ serviceSid: 'IS123', endpointId: 'device of alice' }));
      return token.toJwt();
    };
    const token = mint('alice');
    await verifyAccessToken(token, { findKey });
    const changed = [...mutationsOf(token), ...lastCharacters(token), ...exchanges(token, mint('bob'))];
    expect(changed.length).toBeGreaterThan(3000);
    expect(await accepted(changed, (one) => verifyAccessToken(one, { findKey }))).toEqual([]);
  }, 60_000);
});
