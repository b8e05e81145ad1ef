import fc from 'fast-check';

/** Text that has broken parsers before. */
const notorious = [
  '',
  '\0',
  'a\0b',
  '\r\nset-cookie: a=b',
  '%',
  '%00',
  '%zz',
  '%ff%fe',
  '%c0%af',
  '%u0041',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '\ufeff',
  '__proto__',
  'constructor',
  'toString',
  "' or 1=1 --",
  '"',
  '\\',
  '{"$ne":null}',
  '#{7*7}',
  '../../etc/passwd',
  '-1',
  '1e999',
  'NaN',
  'null',
  'x'.repeat(600),
  'x'.repeat(20_000),
  ' '.repeat(5_000),
  'a '.repeat(2_000),
];

/** Any text, the notorious kind often. */
export const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...notorious) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 1_000 }) },
);

export const parameterNames = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'resource',
  'audience',
  'code',
  'refresh_token',
  'authorization_details',
  'request',
  'request_uri',
  'claims',
  'org_id',
  'account_sid',
  'GrantType',
  'clientId',
  'ClientSecret',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
];

/** A header's value as it may stand in a request that is otherwise well-formed: no control characters. */
export const headerValue = anyText.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e\x80-\xff]/g, '')
    .slice(0, 4_000)
    .trim(),
);

const contentTypes = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('application/x-www-form-urlencoded', 'application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded; charset="utf-8"; charset=latin1',
      'application/json;',
    ),
  },
  { weight: 1, arbitrary: headerValue },
);

/** Headers that mean something to some layer, with sensible and other values. */
const otherHeaders = fc.dictionary(
  fc.constantFrom(
    'accept',
    'accept-encoding',
    'cookie',
    'origin',
    'range',
    'if-none-match',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'forwarded',
    'x-request-id',
    'x-http-method-override',
    'dpop',
    'oauth-client-attestation',
    'oauth-client-attestation-pop',
    'access-control-request-method',
    'access-control-request-headers',
    'content-encoding',
    'content-language',
    'upgrade-insecure-requests',
  ),
  fc.oneof(headerValue, fc.constantFrom('*', 'POST', 'gzip', 'https://a.example', '127.0.0.1', 'text/html')),
  { maxKeys: 4 },
);

/** @param credentials of a real client, so that some requests get past its authentication. */
function authorization(credentials: string): fc.Arbitrary<string | undefined> {
  const good = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const encoded = anyText.map((text) => `Basic ${Buffer.from(text).toString('base64')}`);
  return fc.oneof(
    fc.constantFrom(
      good,
      good,
      good,
      undefined,
      '',
      'Basic',
      'Basic Og==',
      'Bearer x',
      'Bearer',
      'DPoP x',
      good.toLowerCase(),
    ),
    encoded,
    headerValue,
  );
}

/** The headers of a whole request, but for those that frame it. */
export function requestHeaders(credentials: string): fc.Arbitrary<Readonly<Record<string, string | undefined>>> {
  return fc
    .tuple(authorization(credentials), fc.option(contentTypes, { nil: undefined, freq: 20 }), otherHeaders)
    .map(([authorizationValue, type, others]) => ({
      ...others,
      authorization: authorizationValue,
      'content-type': type,
    }));
}

/** Writes one request with correct framing; what it carries is not our concern here. */
export function frame(
  method: string,
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  const framing = ['host: localhost', 'connection: close', `content-length: ${body.byteLength}`];
  const head = [`${method} ${target} HTTP/1.1`, ...lines, ...framing, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
