import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  expressVerifier,
  InvalidArgumentError,
  koaVerifier,
  type VerifyOptions,
} from '../../../src/sdk/verify/index.ts';
import { type FakeIssuer, makeSigningKey, openFakeIssuer, organization, type SigningKey } from './fake-issuer.ts';
import { refusalOf } from './refusal.ts';

const account = `AC${'1'.repeat(32)}`;
const another = `AC${'2'.repeat(32)}`;

let key: SigningKey;
let fake: FakeIssuer;
beforeAll(async () => {
  key = await makeSigningKey('ES256');
  fake = await openFakeIssuer([key]);
});
afterAll(() => fake.close());

/** What a token of one account, and one of its whole organization, are answered. */
const answers: ReadonlyArray<readonly [rule: string, options: VerifyOptions, narrow: string, whole: string]> = [
  ['nothing', {}, 'passed', 'passed'],
  ['its account', { account }, 'passed', '403 wrong_account account'],
  ['several accounts', { account: [another, account] }, 'passed', '403 wrong_account account'],
  ['a set of accounts', { account: new Set([account]) }, 'passed', '403 wrong_account account'],
  ['another account', { account: another }, '403 wrong_account account', '403 wrong_account account'],
  ['none of an empty set', { account: new Set<string>() }, '403 wrong_account account', '403 wrong_account account'],
  ['a function', { account: async (sid) => sid === account }, 'passed', '403 wrong_account account'],
  ['a function that takes all', { account: () => true }, 'passed', 'passed'],
  ['an answer that is only nearly yes', { account: () => 1 as never }, ...both('403 wrong_account account')],
  ['its organization alone', { organization }, '403 wrong_organization organization', 'passed'],
  [
    'a function for its organization alone',
    { organization: () => true },
    '403 wrong_organization organization',
    'passed',
  ],
  ['its organization and its account', { organization, account }, 'passed', 'passed'],
  ['its organization and another account', { organization, account: another }, '403 wrong_account account', 'passed'],
  [
    'another organization and its account',
    { organization: 'OR1', account },
    ...both('403 wrong_organization organization'),
  ],
];

function both(answer: string): readonly [string, string] {
  return [answer, answer];
}

const narrowClaims = () => ({ ...fake.claims(), account_sid: account });

describe('where a verifier asks for', () => {
  it.each(answers)(
    '%s, tokens of an account and of its organization get their answers',
    async (_rule, options, ...expected) => {
      const verifier = fake.verifier();
      const [narrow, whole] = [await fake.sign(key, narrowClaims()), await fake.sign(key)];
      const refusals = [
        await refusalOf(verifier.verify(narrow, options)),
        await refusalOf(verifier.verify(whole, options)),
      ];
      expect(refusals).toEqual(expected);
    },
  );

  it.each(answers)('%s, opaque tokens get the same answers', async (_rule, options, ...expected) => {
    fake.introspect = (token) => ({ active: true, ...(token === 'narrow' ? narrowClaims() : fake.claims()) });
    const credentials = { getAuthString: async () => 'Basic x' };
    const verifier = fake.verifier({ introspection: { credentials } as never });
    const refusals = [
      await refusalOf(verifier.verify('narrow', options)),
      await refusalOf(verifier.verify('whole', options)),
    ];
    expect(refusals).toEqual(expected);
  });
});

describe('an account', () => {
  it('is told of a token that is narrowed to one, and of no other', async () => {
    const verifier = fake.verifier();
    expect((await verifier.verify(await fake.sign(key, narrowClaims()))).account).toBe(account);
    expect((await verifier.verify(await fake.sign(key))).account).toBeUndefined();
  });

  it('required of every token lets a narrowed one pass where a call names its organization', async () => {
    const narrow = await fake.sign(key, narrowClaims());
    expect(await refusalOf(fake.verifier({ account }).verify(narrow, { organization }))).toBe('passed');
    expect(await refusalOf(fake.verifier({ organization }).verify(narrow, { account }))).toBe('passed');
    expect(await refusalOf(fake.verifier({ organization }).verify(narrow))).toBe('403 wrong_organization organization');
  });

  it('that is named as nothing is an error and never means any', async () => {
    const token = await fake.sign(key, narrowClaims());
    for (const wrong of [undefined, '', [undefined], ['']]) {
      const asked = fake.verifier().verify(token, { account: wrong as never });
      await expect(asked).rejects.toThrow(InvalidArgumentError);
    }
  });

  it('is required by the middlewares of both frameworks', async () => {
    const headers = { authorization: `Bearer ${await fake.sign(key, narrowClaims())}` };
    const seen: unknown[] = [];
    for (const sid of [account, another]) {
      const res = {
        status(code: number) {
          seen.push(code);
          return res;
        },
        set: () => res,
        json: (body: { error?: string }) => seen.push(body.error),
      } as never;
      const req = { method: 'GET', originalUrl: '/', headers };
      await expressVerifier(fake.verifier(), { account: sid })(req, res, () => void seen.push('next'));
      const ctx = { ...req, path: '/', state: {}, status: 0, body: undefined, set: () => undefined };
      await koaVerifier<typeof ctx>(fake.verifier(), () => ({ account: sid }))(ctx, async () => void seen.push('next'));
      if (ctx.status !== 0) seen.push(ctx.status);
    }
    expect(seen).toEqual(['next', 'next', 403, 'wrong_account', 403]);
  });
});
