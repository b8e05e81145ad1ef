import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { ApiKey } from '../../src/accounts/index.ts';
import { faultsOf, type JsonSchema } from '../../src/api/index.ts';
import { ok } from '../../src/base/index.ts';
import { mintAccessToken } from '../../src/issuer/access-tokens/mint.ts';
import { accessTokenQuestion, accessTokenWish } from '../../src/issuer/access-tokens/schemas.ts';
import { verifyAccessToken } from '../../src/issuer/access-tokens/verify.ts';
import { capabilityQuestion, capabilityWish } from '../../src/issuer/capability-tokens/schemas.ts';
import { verifyCapability } from '../../src/issuer/capability-tokens/verify.ts';
import { isMembers, readCompact } from '../../src/issuer/compact.ts';
import { anyText } from '../fuzz/arbitraries.ts';
import { breakBody } from '../fuzz/bad-bodies.ts';
import type { DemoFile } from '../support/house.ts';
import { forge, goodHeader } from './scene.ts';

const secret = 'a secret of a key';
const signing = createSecretKey(Buffer.from(secret));
const key = { sid: `SK${'1'.repeat(32)}`, accountSid: `AC${'1'.repeat(32)}`, tokenPolicy: null } as ApiKey;
const verification = { leeway: 5, signingKeys: { ofApiKey: () => signing, ofAccount: () => signing } };
const now = 1_700_000_000;
const verify = (token: string) => verifyAccessToken(readCompact(token), async () => ok(key), verification, now);

describe('a body that its schema in the document refuses', () => {
  it.each([
    ['a wish for an AccessToken', accessTokenWish],
    ['a wish for a capability token', capabilityWish],
    ['a question about an AccessToken', accessTokenQuestion],
    ['a question about a capability token', capabilityQuestion],
  ] as const)('is refused, with words for each fault: %s', (_name, schema) => {
    const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    fc.assert(
      fc.property(breakBody(described, {} as DemoFile).filter(isMembers), (body) => {
        const parsed = (schema as z.ZodType).safeParse(body, { reportInput: true });
        expect(parsed.success).toBe(false);
        const faults = parsed.success ? [] : faultsOf(parsed.error);
        expect(faults.length).toBeGreaterThan(0);
        for (const { pointer, detail } of faults) {
          expect(pointer).toMatch(/^(\/|$)/);
          // What zod says by itself begins so: every rule here has words of its own.
          expect(detail).not.toMatch(/^(Invalid|Expected|Too |Unrecognized)/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever passes', () => {
  const grants = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/), fc.object({ maxDepth: 3 }), { maxKeys: 4 });

  it('makes a token that counts, and says what was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, grants, fc.integer({ min: 1, max: 86_400 }), async (identity, asked, ttl) => {
        const wish = JSON.parse(JSON.stringify({ identity, ttl, grants: asked })) as object;
        const parsed = accessTokenWish.safeParse(wish);
        if (!parsed.success) return;
        const { api_key_sid: _named, ...rest } = parsed.data;
        const minted = mintAccessToken(key, signing, rest, now);
        if (!minted.ok) return expect(minted.fault.faults[0]?.pointer).toBe('/grants');
        const verified = await verify(minted.value.token);
        expect(verified.ok && [verified.value.identity, verified.value.times.exp]).toEqual([
          parsed.data.identity,
          now + ttl,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever is signed with a good secret', () => {
  const part = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.object({ maxDepth: 2 }));
  const claims = fc.record(
    {
      iss: fc.oneof(fc.constant(key.sid), part),
      sub: fc.oneof(fc.constant(key.accountSid), part),
      exp: fc.oneof(fc.double(), fc.constant(now + 60), part),
      nbf: fc.oneof(fc.double(), part),
      iat: fc.oneof(fc.constant(now), fc.double(), part),
      grants: fc.oneof(fc.record({ identity: part, video: part, voice: part }), part),
      scope: fc.oneof(fc.string(), part),
      policies: fc.oneof(fc.array(part), part),
      account_sid: part,
    },
    { requiredKeys: [] },
  );

  it('counts or has a reason, and is never a failure of ours', async () => {
    await fc.assert(
      fc.asyncProperty(claims, fc.boolean(), async (payload, capability) => {
        const header = capability ? { alg: 'HS256', typ: 'JWT' } : goodHeader;
        const token = forge(header, payload, secret);
        const verified = capability
          ? await verifyCapability(
              readCompact(token),
              async () => ok({ sid: key.accountSid } as never),
              verification,
              now,
            )
          : await verify(token);
        if (!verified.ok) expect(verified.fault.message).toMatch(/^[A-Z].*\.$/s);
      }),
      { numRuns: 1_000 },
    );
  });
});
