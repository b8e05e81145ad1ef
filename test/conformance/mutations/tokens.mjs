import { beforeCode, configuration } from './places.mjs';

const test = 'test/conformance/tokens.test.ts';
const ownApi = 'src/access/find.ts';
const jwt = 'src/provider/tokens/jwt.ts';
const inspector = 'src/provider/tokens/inspector.ts';

export default [
  {
    check: 32,
    test,
    out: 'the look for a key at our own API',
    edits: [[ownApi, ': refusals.needsProof', ': found.identity']],
  },
  {
    check: 32,
    test,
    out: 'the key in what is known of a token',
    edits: [[jwt, 'fam: undefined,', 'fam: undefined, cnf: undefined,']],
  },
  {
    check: 33,
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
  { check: 34, test, out: 'the audience at our own API', edits: [[ownApi, ' || live.audience !== config.issuer', '']] },
  {
    check: 34,
    test,
    out: 'the list of who may ask about tokens of a resource',
    edits: [[inspector, 'return resource.introspectors.has(caller.clientId)', 'return true']],
  },
  {
    check: 35,
    test,
    out: 'the refusal of scopes of OpenID Connect that a client may not have',
    edits: [[configuration, '  if (foreign !== undefined) throw', "  if (foreign === '') throw"]],
  },
  {
    check: 35,
    test,
    out: 'the refusal of scopes of a resource: they are cut down in silence',
    edits: [
      [
        'src/provider/resource-servers.ts',
        '  if (!granted.ok) throw refuseScope(granted.fault);',
        "  if (!granted.ok) return { scope: others[0] ?? '', all: others[0] ?? '' };",
      ],
    ],
  },
  {
    check: 36,
    test,
    out: 'the refusal of public clients at introspection',
    edits: [
      [
        'src/provider/tokens/endpoints.ts',
        "if (route === 'introspection' && client.tokenEndpointAuthMethod === 'none') throw",
        "if (route === 'nowhere') throw",
      ],
    ],
  },
  {
    check: 36,
    test,
    out: 'the question whether a caller may know of a token',
    edits: [[inspector, 'caller.clientId === token.clientId', "caller.clientId !== ''"]],
  },
  {
    check: 36,
    test: 'test/tokens/introspection-callers.test.ts',
    name: 'refuses with 401',
    out: 'the comparison of secrets',
    edits: [
      [
        'src/clients/rules.ts',
        'return (sameHash(hash, secret.hash) && live) || matched;',
        'return (hash.length > 0 && live) || matched;',
      ],
    ],
  },
  {
    check: 37,
    test,
    out: 'the client id of our own making',
    edits: [
      [
        'src/clients/service.ts',
        "const clientId = newSid('client');",
        "const clientId = (draft as unknown as { clientId?: string }).clientId ?? newSid('client');",
      ],
    ],
  },
  {
    check: 37,
    test,
    out: 'the look at the kind of a subject',
    edits: [[ownApi, " && isSid('user', sub)", '']],
  },
  {
    check: 38,
    test,
    out: 'the type of a token',
    edits: [
      [jwt, "header['typ'] === 'at+jwt' && Object", 'Object'],
      [jwt, 'Object.keys(header).length === 3', 'Object.keys(header).length <= 3'],
    ],
  },
  { check: 38, test, out: 'the nonce in the code', edits: [beforeCode('delete (this as any).nonce;')] },
];
