import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { assembleCast, type Cast } from './plain-cast.ts';
import { type Engines, openEngines } from './plain-engines.ts';
import { type TokenRequest, tokenRequests } from './plain-requests.ts';
import { type Answer, agent, describeHeaders, send } from './plain-wire.ts';

const cases = 3000;
const seed = Number(process.env['PLAIN_SEED'] ?? Date.now() % 1_000_000);

/** A token's members that must be equal; a random name and the moment are only looked at for their form. */
function describeToken(token: string): object {
  if (!token.includes('.')) return { opaque: /^[\w-]{43}$/.test(token) };
  const { jti, iat = 0, exp = 0, ...claims } = decodeJwt(token);
  expect(jti).toMatch(/^[\w-]{43}$/);
  expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(3);
  return { header: decodeProtectedHeader(token), claims, lifetime: exp - iat };
}

/** An answer without what is random or of the moment. */
function essence(answer: Answer, wanted: TokenRequest): object {
  const { status, text } = answer;
  const kept = describeHeaders(answer, wanted);
  if (status > 201) return { status, headers: kept, text };
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return { status, headers: kept, text: text.replace(token, 'TOKEN'), token: describeToken(token) };
}

describe('the express lane of the token endpoint', () => {
  let cast: Cast;
  let engines: Engines;
  beforeAll(async () => {
    cast = await assembleCast();
    engines = await openEngines(cast.house);
  });
  afterAll(async () => {
    agent.destroy();
    await engines.close();
    await cast.house.close();
  });

  it(`answers ${cases} generated requests exactly as the library does (PLAIN_SEED=${seed} repeats them)`, async () => {
    const jwks = JSON.parse((await (await fetch(`${cast.house.issuer}/oauth/jwks`)).text()) as string) as never;
    const keys = createLocalJWKSet(jwks);
    const statuses = new Map<number, number>();
    let sent = 0;

    async function compare(wanted: TokenRequest): Promise<void> {
      const [plain, library] = await Promise.all([send(engines.plain, wanted), send(engines.library, wanted)]);
      sent += 1;
      statuses.set(plain.status, (statuses.get(plain.status) ?? 0) + 1);
      expect(essence(plain, wanted)).toEqual(essence(library, wanted));
      expect(plain.status).toBeLessThan(500);
      const { access_token: token = '' } = plain.status <= 201 ? JSON.parse(plain.text) : {};
      if (token.includes('.')) await jwtVerify(token, keys, { issuer: cast.house.issuer, typ: 'at+jwt' });
    }

    await fc.assert(fc.asyncProperty(tokenRequests(cast), compare), { numRuns: cases, seed });
    expect(sent).toBe(cases);
    // The generator must reach both sides, or the comparison says nothing.
    expect(engines.answered()).toBeGreaterThan(sent / 6);
    const good = (statuses.get(200) ?? 0) + (statuses.get(201) ?? 0);
    expect(good - engines.answered()).toBeGreaterThan(sent / 50);
    expect(statuses.get(201)).toBeGreaterThan(sent / 120);
    for (const status of [400, 401]) expect(statuses.get(status)).toBeGreaterThan(sent / 20);
  }, 240_000);
});
