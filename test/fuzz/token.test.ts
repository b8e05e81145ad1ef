import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { CompactSign } from 'jose';
import { openRegistry } from '../support/registry.ts';
import { assertionType, type ClientKey, makeKey, tokenPaths } from '../support/tokens.ts';
import { anyText, frame, parameterNames, requestHeaders } from './arbitraries.ts';
import { patience, tries } from './runs.ts';
import { openTarget, type Target } from './target.ts';
import { expectTokenOrRefusal, placesOf, twilioPaths } from './token-answers.ts';

let target: Target;
let key: ClientKey;
let keyClient: string;
beforeAll(async () => {
  key = await makeKey('ES256');
  target = await openTarget(async (house) => {
    const registry = await openRegistry(house);
    const jwks = { keys: [key.publicJwk] };
    ({ clientId: keyClient } = await registry.makeClient({ authMethod: 'private_key_jwt', jwks }));
    await registry.close();
  });
});
afterAll(() => target.close());

const paths = fc.constantFrom(...tokenPaths, ...twilioPaths);

const credentials = () => `${target.house.demo.client_id}:${target.house.demo.client_secret}`;

/** Values that get a request further than nonsense does. */
const sensible = () =>
  fc.constantFrom(
    'client_credentials',
    target.house.demo.client_id,
    target.house.demo.client_secret,
    target.house.issuer,
    'clients:read',
  );

const parameters = () =>
  fc.array(
    fc.tuple(
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...parameterNames) }, { weight: 1, arbitrary: anyText }),
      fc.oneof({ weight: 2, arbitrary: sensible() }, { weight: 1, arbitrary: anyText }),
    ),
    { maxLength: 12 },
  );

/** UTF-8 has no place for half of a surrogate pair. */
const wellFormed = (text: string) => Buffer.from(text).toString();

/** Ways of writing a name or a value into a form, most of them wrong. */
const spellings: ReadonlyArray<(text: string) => string> = [
  (text) => encodeURIComponent(wellFormed(text)),
  (text) => text,
  (text) => encodeURIComponent(encodeURIComponent(wellFormed(text))),
  (text) => text.replaceAll('a', '%61').replaceAll(' ', '+'),
  (text) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&'),
];

const forms = () =>
  fc
    .tuple(
      fc.array(fc.tuple(parameters(), fc.constantFrom(...spellings)), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('&', '&', '&', ';', '&&', '&=&'),
    )
    .map(([groups, separator]) =>
      groups
        .flatMap(([pairs, spell]) => pairs.map(([name, value]) => `${spell(name)}=${spell(value)}`))
        .join(separator),
    );

const members = () =>
  fc.dictionary(
    fc.oneof(fc.constantFrom(...parameterNames), anyText),
    fc.oneof(sensible(), anyText, fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.constant(null)),
    { maxKeys: 8 },
  );

const jsonTexts = () =>
  fc.oneof(
    members().map((value) => JSON.stringify(value)),
    fc.tuple(members(), fc.nat()).map(([value, at]) => {
      const text = JSON.stringify(value);
      return text.slice(0, at % (text.length + 1));
    }),
    fc.json(),
    fc
      .tuple(fc.constantFrom('[', '{"a":', '[{"a":'), fc.nat({ max: 5_000 }))
      .map(([open, depth]) => open.repeat(depth)),
    fc
      .tuple(members(), members())
      .map(([one, other]) => `${JSON.stringify(one).slice(0, -1)},${JSON.stringify(other).slice(1)}`),
  );

const bodies = () =>
  fc.oneof(
    { weight: 4, arbitrary: forms().map((text) => Buffer.from(text)) },
    { weight: 4, arbitrary: jsonTexts().map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
    { weight: 1, arbitrary: fc.nat({ max: 80_000 }).map((length) => Buffer.alloc(length, 'a=&')) },
  );

describe('the token endpoint under malformed requests', () => {
  it(
    'answers each with a token or a refusal, whatever body and headers come together',
    async () => {
      const requests = fc.tuple(paths, requestHeaders(credentials()), bodies());
      await fc.assert(
        fc.asyncProperty(requests, async ([path, headers, body]) => {
          expectTokenOrRefusal(await target.attack(frame('POST', path, headers, body)), path);
        }),
        tries(900),
      );
    },
    patience,
  );

  it(
    'answers each with a token or a refusal when the media type fits and the client is a good one',
    async () => {
      const wishes = fc.dictionary(
        fc.oneof(
          fc.constantFrom('scope', 'scope', 'resource', 'resource', 'audience', 'claims', 'org_id', 'account_sid'),
          anyText,
        ),
        fc.oneof(
          anyText,
          fc.constantFrom(target.house.issuer, 'clients:read', 'clients:read admin', 'https://a.example'),
          fc.constantFrom(...placesOf(target.house)),
        ),
        { maxKeys: 3 },
      );
      const whole = wishes.map((wish) => ({ ...wish, grant_type: 'client_credentials' }));
      const spelled = fc
        .tuple(whole, fc.constantFrom(...spellings))
        .map(([wish, spell]) =>
          Object.entries(wish).map(([name, value]) => `${name === 'grant_type' ? name : spell(name)}=${spell(value)}`),
        );
      const fitting = fc.oneof(
        fc.tuple(
          fc.constant('application/x-www-form-urlencoded'),
          spelled.map((pairs) => pairs.join('&')),
        ),
        fc.tuple(
          fc.constant('application/json'),
          whole.map((wish) => JSON.stringify(wish)),
        ),
      );
      const authorization = `Basic ${Buffer.from(credentials()).toString('base64')}`;
      await fc.assert(
        fc.asyncProperty(paths, fitting, async (path, [type, body]) => {
          const headers = { authorization, 'content-type': type };
          expectTokenOrRefusal(await target.attack(frame('POST', path, headers, Buffer.from(body))), path);
        }),
        tries(300),
      );
    },
    patience,
  );
});

describe('the token endpoint under odd assertions that carry a good signature', () => {
  const oddities = fc.oneof(
    anyText,
    fc.jsonValue({ maxDepth: 2 }),
    fc.double(),
    fc.constantFrom(0, -1, 1e300, null, {}, []),
  );

  it(
    'refuses each that is not in order',
    async () => {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: keyClient, sub: keyClient, aud: target.house.issuer, exp: now + 120 };
      const claims = fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'exp', 'jti', 'nbf', 'iat'), oddities, {
        maxKeys: 3,
      });
      const headers = fc.dictionary(fc.constantFrom('typ', 'kid', 'jku', 'x5c', 'jwk', 'cty'), oddities, {
        maxKeys: 2,
      });
      await fc.assert(
        fc.asyncProperty(paths, fc.uuid(), claims, headers, async (path, jti, odd, header) => {
          const payload = Buffer.from(JSON.stringify({ ...good, jti, ...odd }));
          const jws = await new CompactSign(payload)
            .setProtectedHeader({ ...header, alg: 'ES256' })
            .sign(key.privateKey);
          const form = {
            grant_type: 'client_credentials',
            client_assertion_type: assertionType,
            client_assertion: jws,
          };
          const type = { 'content-type': 'application/x-www-form-urlencoded' };
          const body = Buffer.from(new URLSearchParams(form).toString());
          expectTokenOrRefusal(await target.attack(frame('POST', path, type, body)), path);
        }),
        tries(200),
      );
    },
    patience,
  );
});

describe('the server, after all that,', () => {
  it('has its database as it was, has counted no error of its own, and serves', () => target.expectUnharmed());
});
