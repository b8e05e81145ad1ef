import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText, frame, requestHeaders } from './arbitraries.ts';
import { patience, tries } from './runs.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const known = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/oauth/jwks',
  '/oauth/token',
  '/token',
  '/authorize',
  '/v1/token',
  '/v1/authorize',
  '/v1/oauth-authorization-server',
  '/healthz',
  '/readyz',
];

/** What may stand in a request line without breaking it: no spaces, no control characters. */
const inRequestLine = (text: string) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\x21-\x7e\x80-\xff]/g, '')
    .slice(0, 4_000);

const paths = fc
  .tuple(fc.constantFrom('', '/v2', '/v2/v2', '//v2', '/V2'), fc.constantFrom(...known))
  .map((parts) => parts.join(''));
const targets = fc.oneof(
  { weight: 3, arbitrary: paths },
  {
    weight: 3,
    arbitrary: fc
      .tuple(paths, fc.constantFrom('/', '?', '#', ';', '%00', '%2f', '/../', '?a=', '?a=1&a='), anyText)
      .map(([path, glue, rest]) => inRequestLine(path + glue + rest)),
  },
  { weight: 2, arbitrary: fc.webPath().map((path) => `/${inRequestLine(path)}`) },
  { weight: 1, arbitrary: anyText.map((text) => `/${inRequestLine(text)}`) },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true }).map(inRequestLine) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', '//', '/%', '/.', 'http://', 'http://[::1', 'https://a@b:99999/oauth/jwks'),
  },
);

const methods = fc.constantFrom(
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
);

const bodies = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  anyText.map((text) => Buffer.from(text)),
);

describe('every address under malformed requests', () => {
  it(
    'answers with what is there, or with a refusal',
    async () => {
      await fc.assert(
        fc.asyncProperty(methods, targets, requestHeaders('a:b'), bodies, async (method, address, headers, body) => {
          const answer = await target.attack(frame(method, address, headers, body));
          expect(answer.status).toBeGreaterThan(0);
          const refusal = answer.status >= 400 && method !== 'HEAD' && !address.includes('/readyz');
          if (refusal) expect(JSON.parse(answer.body)).toHaveProperty('error');
        }),
        tries(300),
      );
    },
    patience,
  );

  it('leaves the server as it was', () => target.expectUnharmed());
});
