import { configuration } from './places.mjs';

const test = 'test/conformance/clients.test.ts';
const assertions = 'src/provider/assertions.ts';
const service = 'src/clients/service.ts';
const rules = 'src/clients/rules.ts';
const credentials = 'src/provider/plain/credentials.ts';
const payload = 'src/provider/storage/payload.ts';

/** Certificates of clients, as a proxy would hand them over. */
export const mutualTls = [
  configuration,
  '    userinfo: { enabled: true },',
  "    userinfo: { enabled: true },\n    mTLS: { enabled: true, certificateBoundAccessTokens: true, getCertificate: (ctx: any) => ctx.get('x-ssl-client-cert') },",
];

export default [
  {
    check: 47,
    test,
    out: 'the audience of an assertion',
    edits: [[assertions, 'if (aud !== issuer) refuse', "if (aud === '') refuse"]],
  },
  { check: 47, test, out: 'the longest life of an assertion', edits: [[assertions, 'exp > longest', 'exp < 0']] },
  {
    check: 47,
    test,
    out: 'the memory of what was seen',
    edits: [
      [
        'src/provider/storage/store.ts',
        '    on conflict do nothing`);\n  return count === 1;',
        '    on conflict do nothing`);\n  return count >= 0;',
      ],
    ],
  },
  { check: 47, test, out: 'the absence of certificates', edits: [mutualTls] },
  {
    check: 47,
    test: 'test/flows/assertion-signatures.test.ts',
    name: 'is refused',
    out: 'the list of algorithms',
    edits: [['src/provider/proofs.ts', "'RS256', 'PS256'", "'RS256', 'RS384', 'RS512', 'PS256'"]],
  },
  {
    check: 48,
    test,
    out: 'the look for a second method beside a secret',
    edits: [
      [credentials, "name === 'client_assertion' || name === 'client_assertion_type'", "name === 'nothing'"],
      [credentials, 'names.has(name) &&', "(names.has(name) || name.startsWith('client_assertion')) &&"],
    ],
  },
  {
    check: 49,
    test,
    out: 'the one answer for unknown clients and wrong secrets',
    edits: [
      [
        'src/provider/client-finder.ts',
        '        return undefined;\n      }\n      const known',
        "        throw Object.assign(new Error('x'), { status: 401, statusCode: 401, expose: true, error: 'invalid_client', error_description: 'there is no such client' });\n      }\n      const known",
      ],
    ],
  },
  {
    check: 50,
    test,
    out: 'the hashing of secrets',
    edits: [
      [
        service,
        'clientSecret === undefined ? undefined : Buffer.from(hashSecret(clientSecret))',
        'clientSecret === undefined ? undefined : Buffer.from(clientSecret)',
      ],
      [rules, 'const hash = hashSecret(presented);', 'const hash = Buffer.from(presented);'],
    ],
  },
  {
    check: 50,
    test: 'test/race/at-rest.test.ts',
    name: 'holds no code, token, session',
    build: true,
    out: 'the sealing of payloads',
    edits: [
      [
        payload,
        "return sealer.seal(purpose, idHash.toString('hex'), Buffer.from(JSON.stringify(rest)));",
        "return Buffer.from(JSON.stringify({ ...rest, value: _value }) || sealer.seal(purpose, idHash.toString('hex'), Buffer.alloc(0)).toString());",
      ],
      [
        payload,
        "JSON.parse(sealer.open(purpose, idHash.toString('hex'), sealed).toString()) as AdapterPayload",
        'JSON.parse(Buffer.from(sealed).toString() || idHash.toString()) as AdapterPayload',
      ],
    ],
  },
];
